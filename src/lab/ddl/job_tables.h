// DDL jobs as rows: derived tables in the engine's SQL, so that the engine evaluates conditions,
// order and the session's time zone. Columns follow the version (tidb-sql §2.6, §4.1). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lab/core/ddl_jobs.h"
#include "lab/core/profile.h"
#include "lab/core/sessions.h"

namespace bdrmesh::lab {

/// What waits and works, oldest first; then history, newest first, at most `history` of it.
/// @param newest_first  all jobs as DdlJobs::list() gives them.
std::vector<DdlJob> in_shown_order(const std::vector<DdlJob>& newest_first, std::size_t history);

/// Rows of ADMIN SHOW DDL JOBS, those of sub-jobs behind their parents.
std::string show_ddl_jobs_rows(const std::vector<DdlJob>& jobs, const Profile& profile);
/// information_schema.ddl_jobs.
std::string ddl_jobs_rows(const std::vector<DdlJob>& jobs, const Profile& profile);
/// mysql.tidb_ddl_history and mysql.tidb_ddl_job, of all jobs.
std::string ddl_history_rows(const std::vector<DdlJob>& jobs, const Profile& profile);
std::string ddl_queue_rows(const std::vector<DdlJob>& jobs, const Profile& profile);
/// mysql.tidb_mdl_view: a row per job that waits and session it waits for.
std::string mdl_view_rows(const std::vector<DdlJob>& open, const std::vector<SessionInfo>& sessions,
                          const Profile& profile);

/// RUNNING_JOBS of ADMIN SHOW DDL.
std::string running_job_text(const DdlJob& job);

}  // namespace bdrmesh::lab
