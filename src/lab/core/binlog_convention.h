// How TiDB's facts about transactions and DDL travel through MariaDB's binlog: written by the front
// end (lab/sql), read by the binlog reader (lab/cdc). The schema `lab_meta` is invisible to users
// and never replicated.
//
// Transactions. The last row event of every transaction that wrote rows is a row of `lab_meta.txn`
//   (conn, start_ts, commit_ts, write_source)
// directly before its commit: an insert the first time a connection commits, an update (take the
// *after* image) later. Transactions are in the binlog in the engine's commit order, which may
// differ slightly from the order of commit_ts; apply them in binlog order, and take from
// CommitLedger::resolved() how far the binlog is complete:
//   R = ledger.resolved(); P = end of the binlog read afterwards;  all events before P applied  =>
//   checkpoint R.
//
// DDL. Every DDL, DROPs too (MariaDB writes their text anew, so a comment would not survive), is
// announced by a transaction of its own that holds nothing but one row of `lab_meta.ddl`
//   (conn, job)
// (again insert or update). The next Query event that is no BEGIN/COMMIT/ROLLBACK/SAVEPOINT and
// whose thread id (post header bytes 0..3 of the Query event) equals `conn` is that job's DDL:
// forget the announcement then. Look the job up in DdlJobs and wait with `wait_final`: a job that
// failed or was cancelled has no DDL event, but a stale announcement of it may be met by a later
// statement of the connection. Query events without announcement are no DDL for TiCDC (GRANT,
// CREATE USER, ANALYZE ...). The job carries the text as typed, default schema, role stamp, write
// source, and finished_ts (its commit timestamp).
#pragma once

#include <string_view>

namespace bdrmesh::lab {

inline constexpr const char* kMetaSchema = "lab_meta";
inline constexpr const char* kTxnTable = "txn";  ///< conn, start_ts, commit_ts, write_source
inline constexpr const char* kDdlTable = "ddl";  ///< conn, job

/// Hidden from users as well, and never in the binlog: past states of tables (lab/history).
inline constexpr const char* kPastSchema = "lab_past";

/// Lower case names of schemas that no user may see.
inline bool is_hidden_schema(std::string_view name) {
  return name == kMetaSchema || name == kPastSchema;
}

}  // namespace bdrmesh::lab
