// The engine's errors and table definitions in TiDB's words.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "lab/parse/statement.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

/// 1836.
SqlFailure read_only_failure();
/// 8263.
SqlFailure role_failure(std::string_view role);
/// Errors of a login: a locked account is 3118.
SqlFailure login_failure(SqlFailure failure, const std::string& user);
/// Any other error of the engine. A missing UPDATE right is 8121 (measured A8).
SqlFailure engine_failure(SqlFailure failure, bool is_update);

/// SHOW CREATE TABLE as TiDB prints it.
std::string tidb_create_table(std::string_view definition, bool nonclustered);

/// TiDB's words that MariaDB does not know are left out or replaced; the rest stays byte for byte.
std::string for_engine(const Statement& statement);

/// `11-21 09:49:49.619(470615219141083136)`, as PROCESSLIST shows a transaction.
std::string transaction_start(std::uint64_t start_ts);
/// `2026-11-21 09:49:49.619000` of a timestamp or time, UTC.
std::string sql_time(std::int64_t unix_ms);

}  // namespace bdrmesh::lab
