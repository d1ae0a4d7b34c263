// The engine's errors in TiDB's words, and how TiDB writes times.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "lab/parse/statement.h"
#include "lab/schema/engine_text.h"
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
/// TiDB names the table too: `Duplicate entry '1' for key 't.ub'`. Other failures stay as they are.
SqlFailure with_table_in_key(SqlFailure failure, const std::string& table);

/// `11-21 09:49:49.619(470615219141083136)`, as PROCESSLIST shows a transaction.
std::string transaction_start(std::uint64_t start_ts);
/// `2026-11-21 09:49:49.619000` of a timestamp or time, UTC.
std::string sql_time(std::int64_t unix_ms);

}  // namespace bdrmesh::lab
