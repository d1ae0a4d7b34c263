// What a DDL job goes through: its schema states, whether it works through rows, its sub-jobs, and
// until when it can be taken back (tidb-sql §4.1, §4.2; measured B §2.6). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/core/ddl_jobs.h"
#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

struct JobPlan {
  /// Schema states between none (or public) and the last one, in order. Where there are none, the
  /// change is in force for new transactions while the job still waits for old ones.
  std::vector<std::string> states;
  std::string first_state = "none";  ///< before anything has happened
  std::string last_state = "public";
  bool reorganizes = false;         ///< works through the rows of the table
  bool lossy = false;               ///< who began before and meets the table afterwards gets 8028
  std::string lossy_column;         ///< named in 8028
  std::string comments;             ///< COMMENTS of ADMIN SHOW DDL JOBS
  std::vector<DdlSubJob> sub_jobs;  ///< of a multi-schema change
};

/// The variables that decide how rows are worked through.
struct ReorgSettings {
  bool fast_reorg = true;
  bool dist_task = true;
};

/// @param lossy_column  the column whose type is changed with loss; empty when there is none.
JobPlan plan_job(const DdlStatement& ddl, const std::string& lossy_column,
                 const ReorgSettings& settings);

/// Whether data of column type `from` have to be written anew, or checked, to become `to`. Types as
/// in ColumnSpec.
bool is_lossy_change(std::string_view from, std::string_view to);

/// Whether a job of this type can still be cancelled or paused in this schema state.
bool can_roll_back(std::string_view type, std::string_view schema_state);

/// Whether two jobs may not run at the same time: they share a table, or one is about the schema of
/// the other.
bool exclude_each_other(const DdlJob& a, const DdlJob& b);

/// `$.type` of job_meta; 0 for an unknown one.
int number_of_type(std::string_view type);

}  // namespace bdrmesh::lab
