// Transactions of a session: what is written, when the gate is looked at, how a commit gets its
// timestamp.
#include "lab/core/binlog_convention.h"
#include "lab/sql/session.h"
#include "lab/sql/tidb_text.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {
constexpr int kDeadlock = 1213;
constexpr std::uint64_t kLastClassicSource = 8;
}  // namespace

void Session::open_implicitly() {
  if (autocommit_ || txn_.active) return;
  txn_ = {};
  txn_.active = true;
  txn_.start_ts = cluster_.oracle.next();
}

void Session::touch(const Statement& statement) {
  const std::vector<ObjectName> names = named_tables(statement);
  const bool reads_data = !names.empty();
  if (reads_data) open_implicitly();
  if (!txn_.active && statement_ts_ == 0) statement_ts_ = cluster_.oracle.next();
  // An autocommit read takes no metadata lock and names no tables; a write does.
  const bool counts = txn_.active || statement.writes_rows();
  std::set<std::int64_t> ids;
  for (const ObjectName& name : names) {
    const ObjectName table = qualified(name);
    const std::string schema = to_lower(table.schema);
    if (counts && !schema.empty() && schema != "information_schema" && schema != "mysql") {
      ids.insert(shared_.tables.id_of(table));
    }
  }
  if (txn_.active) {
    ++txn_.statements;
    txn_.tables.insert(ids.begin(), ids.end());
    ids = txn_.tables;
  }
  publish();
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    info.table_ids = std::move(ids);
    // `Running` is shown for a later statement of an explicit transaction only (measured A3).
    if (txn_.active && txn_.statements > 1 && statement.verb != Verb::select)
      info.txn_state = TxnState::running;
  });
}

Answer Session::run_select(Statement& statement) {
  touch(statement);
  const std::string sql = rewrite(statement);
  if (lose_answer_) return pass_through(sql);
  Reply reply = backend_.query(sql, to_client());
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, &statement);
  if (auto* rows = std::get_if<RowsReply>(&reply)) {
    if (rows->failure) translate(*rows->failure, &statement);
    if (statement.locks_rows && txn_.active) {
      txn_.locked = true;
      ++txn_.keys;
    }
    client_.flush();
    return Streamed{};
  }
  return std::get<OkReply>(reply);
}

/// REPLACE of an identical row says "1 row affected" like that of a new one; the engine's count of
/// updates tells them apart.
std::uint64_t Session::updates_so_far() {
  const Reply reply = backend_.query("SHOW SESSION STATUS LIKE 'Handler_update'");
  const auto* rows = std::get_if<RowsReply>(&reply);
  if (rows == nullptr || rows->rows.empty()) return 0;
  PacketReader row(rows->rows.front());
  row.lenenc_string();
  return std::stoull(std::string(row.lenenc_string()));
}

Answer Session::run_write(Statement& statement, std::string_view payload) {
  touch(statement);
  const bool own = !txn_.active;
  if (own) {
    txn_ = {};
    txn_.start_ts = statement_ts_;
    engine_ok("BEGIN");
  }
  const bool count_updates = statement.verb == Verb::replace && write_source() == 0;
  const std::uint64_t before = count_updates ? updates_so_far() : 0;
  const Reply reply = backend_.command(payload);
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) {
    if (own) {
      engine_ok("ROLLBACK");
    } else if (failure->code == kDeadlock) {
      end_transaction();  // the engine has rolled all of it back
    }
    translate(*failure, &statement);
  }
  const auto* ok = std::get_if<OkReply>(&reply);
  if (ok == nullptr) throw Refused(1105, "HY000", "unexpected rows");
  const bool unchanged =
      ok->affected == 0 || (count_updates && ok->affected == 1 && updates_so_far() > before);
  if (unchanged) {
    txn_.locked = true;
  } else {
    txn_.wrote = true;
  }
  txn_.keys += std::max<std::uint64_t>(ok->affected, 1);
  if (own) {
    // The gate is asked even when nothing has changed: locks alone are refused too.
    txn_.active = true;
    commit(true);
  }
  return *ok;
}

Answer Session::begin(Statement& statement) {
  commit(true);
  (void)statement;  // OPTIMISTIC, PESSIMISTIC, READ WRITE: one way for the engine
  engine_ok("START TRANSACTION WITH CONSISTENT SNAPSHOT");
  txn_ = {};
  txn_.active = true;
  txn_.is_explicit = true;
  txn_.start_ts = cluster_.oracle.next();
  return OkReply{};
}

Answer Session::savepoint(Statement& statement) { return engine_ok(std::string(statement.text)); }

void Session::rollback() {
  engine_ok("ROLLBACK");
  end_transaction();
}

void Session::end_transaction() {
  txn_ = {};
  shared_.unlock_role(id_);
  publish();
}

void Session::commit(bool implicit) {
  if (!txn_.active) {
    engine_ok("COMMIT");
    return;
  }
  const bool has_writes = txn_.wrote || txn_.locked || txn_.role.has_value();
  if (!has_writes) {
    // Read-only: leaves @@tidb_last_txn_info as it was (tidb-sql §3.1, before the change of 2025).
    engine_ok("COMMIT");
    end_transaction();
    return;
  }
  if (global_on("tidb_super_read_only") && !is_exempt())
    return refuse_commit(implicit, read_only_failure());
  if (write_source() > kLastClassicSource && txn_.wrote) {
    return refuse_commit(true, {1105, "HY000",
                                "value " + std::to_string(write_source()) +
                                    " is out of TiCDC write source range, should be in [1, 15]"});
  }
  commit_writes(implicit);
}

void Session::refuse_commit(bool implicit, SqlFailure failure) {
  const bool was_explicit = txn_.is_explicit || !autocommit_;
  const bool stays = !implicit && was_explicit;
  engine_ok("ROLLBACK");
  end_transaction();
  if (stays) {
    // The session is left inside a new transaction (measured A11).
    engine_ok("START TRANSACTION");
    txn_.active = true;
    txn_.is_explicit = true;
    txn_.start_ts = cluster_.oracle.next();
    publish();
  }
  throw Refused(std::move(failure));
}

void Session::commit_writes(bool implicit) {
  (void)implicit;
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.txn_state = TxnState::committing; });
  // Past the gate: a server that is frozen here commits when it wakes, later than any fence taken
  // meanwhile.
  freeze_.pass();
  const std::uint64_t start_ts = txn_.start_ts;
  std::uint64_t commit_ts = 0;
  in_job_ = true;  // a kill waits: half a commit would leave the ledger behind what the engine does
  try {
    const CommitInFlight commit(cluster_.ledger);
    if (txn_.wrote) mark_commit(commit.ts());
    engine_ok("COMMIT");
    if (txn_.wrote || txn_.role || txn_.is_explicit) commit_ts = commit.ts();
    in_job_ = false;
  } catch (const Refused&) {
    in_job_ = false;
    backend_.query("ROLLBACK");
    end_transaction();
    throw;
  }
  if (txn_.role) cluster_.set_bdr_role(*txn_.role);
  end_transaction();
  note_commit(start_ts, commit_ts);
}

void Session::mark_commit(std::uint64_t commit_ts) {
  engine_ok("INSERT INTO lab_meta.txn VALUES (" + std::to_string(backend_.thread()) + "," +
            std::to_string(txn_.start_ts) + "," + std::to_string(commit_ts) + "," +
            std::to_string(write_source()) +
            ") ON DUPLICATE KEY UPDATE start_ts=VALUES(start_ts),commit_ts=VALUES(commit_ts),"
            "write_source=VALUES(write_source)");
}

void Session::note_commit(std::uint64_t start_ts, std::uint64_t commit_ts) {
  last_txn_info_ =
      "{\"txn_scope\":\"global\",\"start_ts\":" + std::to_string(start_ts) +
      ",\"commit_ts\":" + std::to_string(commit_ts) + ",\"txn_commit_mode\":\"" +
      (commit_ts == 0 ? "" : "1pc") +
      "\",\"async_commit_fallback\":false,\"one_pc_fallback\":false,\"pipelined\":false,"
      "\"flush_wait_ms\":0}";
}

}  // namespace bdrmesh::lab
