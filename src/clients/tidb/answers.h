// Readers of TiDB's answers: result sets and JSON texts become the values of our port. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/sql/sql_rows.h"
#include "clients/tidb_cluster.h"

namespace bdrmesh {

/// The line `Release Version: …` of TIDB_VERSION(); std::nullopt when there is none (tidb-sql §8).
std::optional<std::string> release_version_in(std::string_view tidb_version);

/// Rows of ADMIN SHOW DDL JOBS (11, 12 or 13 columns) or of information_schema.ddl_jobs; rows of
/// sub-jobs are left out (tidb-sql §4.1).
std::vector<DdlJob> read_ddl_jobs(const SqlRows& rows);

/// Rows of CLUSTER_TIDB_TRX.
std::vector<OpenTransaction> read_transactions(const SqlRows& rows);

/// `112,114` as ids; anything that is no number is left out.
std::vector<std::int64_t> read_table_ids(std::string_view text);

struct LastTransaction {
  Tso start_ts;
  Tso commit_ts;
};
/// @@tidb_last_txn_info (tidb-sql §3.1). @throws Error invalid `TIDB_BAD_ANSWER`.
LastTransaction read_last_transaction(std::string_view json);

/// All rows of ADMIN SHOW BDR ROLE, which count as one when equal (tidb-sql §1.2).
std::optional<BdrRole> read_bdr_role(const SqlRows& rows);

/// `ON`, `1`: true; `OFF`, `0`: false. @throws Error invalid `TIDB_BAD_ANSWER`.
bool read_switch(std::string_view text);

/// The row of the token table. @throws Error invalid `TOKEN_UNREADABLE` when its texts are no JSON.
TokenRow read_token(const SqlRows& rows);

}  // namespace bdrmesh
