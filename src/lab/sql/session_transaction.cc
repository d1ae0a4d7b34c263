// Transactions of a session: what is written, when the gate is looked at, how a commit gets its
// timestamp.
#include "lab/core/binlog_convention.h"
#include "lab/parse/statement_digest.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {
constexpr int kDeadlock = 1213;
constexpr int kChangedSinceSnapshot = 1020;
constexpr int kDefinitionChanged = 1412;
constexpr int kEngineTimeLimit = 1969;
constexpr std::uint64_t kLastClassicSource = 8;
constexpr Millis kCommitPoll{5};
constexpr std::size_t kKeptDigests = 50;
constexpr Version kKnowsPipelined{8, 0, 0};

/// What a read-only or rolled back transaction does to @@tidb_last_txn_info changed in 2025
/// (tidb-sql §3.1).
bool reads_overwrite_info(const Profile& profile) { return !profile.is_classic(); }

SqlFailure schema_changed(const std::string& column) {
  if (!column.empty()) return {8028, "HY000", "public column " + column + " has changed"};
  return {8028, "HY000",
          "Information schema is changed during the execution of the statement(for example, table "
          "definition may be updated by other DDL ran in parallel). If you see this error often, "
          "try increasing `tidb_max_delta_schema_count`. [try again later]"};
}
}  // namespace

/// Without a word in BEGIN the session's variable decides; autocommit=0 has no other.
bool Session::wants_optimistic(const Statement& statement) const {
  Cursor cursor(statement.tokens);
  if (cursor.accept("begin")) {
    if (cursor.sees({"optimistic"})) return true;
    if (cursor.sees({"pessimistic"})) return false;
  }
  return setting("tidb_txn_mode") != "pessimistic";
}

/// With snapshot isolation the engine finds rows that others have changed since the snapshot; that
/// is the write conflict of an optimistic transaction.
void Session::use_snapshot_isolation(bool on) {
  if (on == snapshot_isolation_) return;
  engine_ok(std::string("SET SESSION innodb_snapshot_isolation=") + (on ? "1" : "0"));
  snapshot_isolation_ = on;
}

void Session::start_engine_transaction(bool optimistic) {
  use_snapshot_isolation(optimistic);
  engine_ok("START TRANSACTION WITH CONSISTENT SNAPSHOT");
}

void Session::open_implicitly() {
  if (autocommit_ || txn_.active) return;
  use_snapshot_isolation(false);
  txn_ = {};
  txn_.active = true;
  txn_.start_ts = cluster_.oracle.next();
}

/// A table that was changed since the transaction began, met for the first time (measured B §2.6).
void Session::meet_tables(const std::vector<ObjectName>& tables) {
  if (!txn_.active || !txn_.is_explicit) return;
  for (const ObjectName& name : tables) {
    const ObjectName table = qualified(name);
    const auto change = shared_.ddl.changed_since(txn_.start_ts, table);
    if (!change || txn_.tables.count(shared_.tables.id_of(table)) > 0) continue;
    if (!change->lossy_column.empty()) throw Refused(schema_changed(change->lossy_column));
    if (txn_.wrote || txn_.locked) continue;
    // TiDB reads the old snapshot with the new schema; the engine cannot, so it takes a new one.
    engine_ok("ROLLBACK");
    start_engine_transaction(txn_.optimistic);
  }
}

void Session::touch(const Statement& statement) {
  const std::vector<ObjectName> names = named_tables(statement);
  const bool reads_data = !names.empty();
  if (reads_data) open_implicitly();
  for (const ObjectName& name : names) {
    refuse_locked(qualified(name), statement.writes_rows() || statement.locks_rows);
  }
  meet_tables(names);
  if (!txn_.active && statement_ts_ == 0) statement_ts_ = cluster_.oracle.next();
  // An autocommit read takes no metadata lock and names no tables; a write does.
  const bool counts = txn_.active || statement.writes_rows();
  std::set<std::int64_t> ids;
  for (const ObjectName& name : names) {
    const ObjectName table = qualified(name);
    const std::string schema = to_lower(table.schema);
    if (counts && global_on("tidb_enable_metadata_lock") && !schema.empty() &&
        schema != "information_schema" && schema != "mysql") {
      ids.insert(shared_.tables.id_of(table));
    }
  }
  if (txn_.active) {
    ++txn_.statements;
    txn_.tables.insert(ids.begin(), ids.end());
    ids = txn_.tables;
  }
  publish();
  note_digest(statement);
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    info.table_ids = std::move(ids);
    // `Running` is shown for a later statement of an explicit transaction only (measured A3).
    if (txn_.active && txn_.statements > 1 && statement.verb != Verb::select)
      info.txn_state = TxnState::running;
  });
}

/// What TIDB_TRX and tidb_mdl_view tell of a transaction's statements.
void Session::note_digest(const Statement& statement) {
  const std::string text = digest_text(statement);
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    if (!txn_.active) info.recent_digests.clear();
    if (info.recent_digests.size() < kKeptDigests) info.recent_digests.push_back(text);
    info.current_digest = text;
  });
}

Answer Session::run_select(Statement& statement) {
  touch(statement);
  std::string sql = rewrite(statement);
  if (const std::uint64_t limit = execution_limit(); limit != 0) {
    sql = "SET STATEMENT max_statement_time=" + std::to_string(limit / 1000) + "." +
          std::to_string(limit % 1000 + 1000).substr(1) + " FOR " + sql;
  }
  if (lose_answer_) return pass_through(sql);
  Reply reply = backend_.query(sql, to_client());
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) fail_read(*failure, statement);
  if (auto* rows = std::get_if<RowsReply>(&reply)) {
    if (rows->failure) fail_read(*rows->failure, statement);
    if (statement.locks_rows && txn_.active) {
      txn_.locked = true;
      ++txn_.keys;
    }
    if (!txn_.active && !named_tables(statement).empty()) note_read(statement_ts_);
    client_.flush();
    return Streamed{};
  }
  return std::get<OkReply>(reply);
}

void Session::fail_read(const SqlFailure& failure, const Statement& statement) {
  if (failure.code == kEngineTimeLimit && execution_limit() != 0) {
    throw Refused(3024, "HY000",
                  "Query execution was interrupted, maximum statement execution time exceeded");
  }
  if (failure.code == kDefinitionChanged) throw Refused(schema_changed(""));
  translate(failure, &statement);
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
  provide_auto_random(statement);
  const bool own = !txn_.active;
  if (own) {
    use_snapshot_isolation(false);
    txn_ = {};
    txn_.start_ts = statement_ts_;
    engine_ok("BEGIN");
  }
  const bool count_updates = statement.verb == Verb::replace && write_source() == 0;
  const std::uint64_t before = count_updates ? updates_so_far() : 0;
  Reply reply = backend_.command(payload);
  if (const auto* lost = std::get_if<SqlFailure>(&reply);
      lost != nullptr && survives_conflict(*lost, statement)) {
    reply = backend_.command(payload);
  }
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) {
    if (own) {
      engine_ok("ROLLBACK");
    } else if (failure->code == kDeadlock) {
      end_transaction();  // the engine has rolled all of it back
    }
    const std::vector<ObjectName> tables = named_tables(statement);
    translate(with_table_in_key(*failure, tables.empty() ? "" : tables.front().name), &statement);
  }
  const auto* ok = std::get_if<OkReply>(&reply);
  if (ok == nullptr) throw Refused(1105, "HY000", "unexpected rows");
  const bool unchanged =
      ok->affected == 0 || (count_updates && ok->affected == 1 && updates_so_far() > before);
  if (!unchanged) {
    txn_.wrote = true;
  } else if (!txn_.optimistic) {
    txn_.locked = true;
  }
  if (!unchanged || !txn_.optimistic) txn_.keys += std::max<std::uint64_t>(ok->affected, 1);
  if (own) {
    // The gate is asked even when nothing has changed: locks alone are refused too.
    txn_.active = true;
    commit(true);
  }
  return *ok;
}

/// An optimistic transaction meets its conflict at COMMIT: until then it goes on, on what is there
/// now. @return whether the statement shall be tried again.
bool Session::survives_conflict(const SqlFailure& failure, const Statement& statement) {
  if (failure.code != kChangedSinceSnapshot || !txn_.optimistic) return false;
  const std::vector<ObjectName> names = named_tables(statement);
  const ObjectName table = names.empty() ? ObjectName{} : qualified(names.front());
  txn_.conflict = table.schema + "." + table.name;
  engine_ok("ROLLBACK");
  start_engine_transaction(false);
  return true;
}

Answer Session::begin(Statement& statement) {
  commit(true);
  const bool optimistic = wants_optimistic(statement);
  start_engine_transaction(optimistic);
  txn_ = {};
  txn_.active = true;
  txn_.is_explicit = true;
  txn_.optimistic = optimistic;
  txn_.start_ts = cluster_.oracle.next();
  note_digest(statement);
  return OkReply{};
}

Answer Session::savepoint(Statement& statement) { return engine_ok(std::string(statement.text)); }

void Session::rollback() {
  engine_ok("ROLLBACK");
  note_read(txn_.start_ts);
  end_transaction();
}

void Session::end_transaction() {
  txn_ = {};
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.recent_digests.clear(); });
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
    engine_ok("COMMIT");
    note_read(txn_.start_ts);
    end_transaction();
    return;
  }
  if (global_on("tidb_super_read_only") && !is_exempt())
    return refuse_commit(implicit, read_only_failure());
  if (!txn_.conflict.empty()) return fail_with_conflict();
  if (write_source() > kLastClassicSource && txn_.wrote) {
    return refuse_commit(true, {1105, "HY000",
                                "value " + std::to_string(write_source()) +
                                    " is out of TiCDC write source range, should be in [1, 15]"});
  }
  commit_writes();
}

void Session::fail_with_conflict() {
  const std::string start = std::to_string(txn_.start_ts);
  const std::size_t dot = txn_.conflict.find('.');
  const std::int64_t table =
      shared_.tables.id_of({txn_.conflict.substr(0, dot), txn_.conflict.substr(dot + 1)});
  const std::uint64_t now = cluster_.oracle.next();
  const std::string message =
      "Write conflict, txnStartTS=" + start + ", conflictStartTS=" + std::to_string(now - 1) +
      ", conflictCommitTS=" + std::to_string(now) + ", key={tableID=" + std::to_string(table) +
      ", tableName=" + txn_.conflict +
      "}, originalKey=, primary=[]byte(nil), originalPrimaryKey=, reason=Optimistic [try again "
      "later]";
  const std::uint64_t start_ts = txn_.start_ts;
  engine_ok("ROLLBACK");
  end_transaction();
  note_commit(start_ts, 0, "write conflict { start_ts:" + start + " }");
  throw Refused(9007, "HY000", message);
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

void Session::commit_writes() {
  in_commit_ =
      true;  // a kill waits: half a commit would leave the ledger behind what the engine does
  cluster_.sessions.update(id_, [](SessionInfo& info) { info.txn_state = TxnState::committing; });
  // Past the gate: a server that is frozen here commits when it wakes, later than any fence taken
  // meanwhile.
  freeze_.pass();
  const std::uint64_t start_ts = txn_.start_ts;
  const auto lost = txn_.wrote ? cluster_.faults.takes_lost_commit() : std::nullopt;
  const bool undone = lost.has_value() && !lost.value();
  std::uint64_t commit_ts = 0;
  try {
    const auto hold = cluster_.faults.commit_hold();
    if (hold && !hold->below_fence) hold_commit(*hold);
    const CommitInFlight commit(cluster_.ledger);
    if (hold && hold->below_fence) hold_commit(*hold);
    if (txn_.wrote) mark_commit(commit.ts());
    engine_ok(undone ? "ROLLBACK" : "COMMIT");
    if (txn_.wrote || txn_.role || txn_.is_explicit) commit_ts = commit.ts();
    in_commit_ = false;
  } catch (const Refused&) {
    in_commit_ = false;
    backend_.query("ROLLBACK");
    end_transaction();
    throw;
  }
  if (txn_.role && !undone) cluster_.set_bdr_role(*txn_.role);
  end_transaction();
  if (lost) throw SocketClosed("answer lost on purpose");
  note_commit(start_ts, commit_ts);
  if (interrupted_) throw Refused(1317, "70100", "Query execution was interrupted");
}

/// Stands in the middle of a commit. A kill ends it, without an effect or with it (tidb-sql §2.5).
void Session::hold_commit(const Faults::CommitHold& hold) {
  const MonoTime until = cluster_.clock.mono() + hold.longest;
  while (cluster_.clock.mono() < until && cluster_.faults.commit_hold()) {
    if (killed_ || interrupted_) {
      if (cluster_.faults.killed_commits_succeed()) return;
      throw Refused(1317, "70100", "Query execution was interrupted");
    }
    if (!cluster_.clock.wait_for(kCommitPoll, shared_.ending.get_token())) {
      throw SocketClosed("cluster ends");
    }
  }
}

void Session::mark_commit(std::uint64_t commit_ts) {
  engine_ok("INSERT INTO lab_meta.txn VALUES (" + std::to_string(backend_.thread()) + "," +
            std::to_string(txn_.start_ts) + "," + std::to_string(commit_ts) + "," +
            std::to_string(write_source()) +
            ") ON DUPLICATE KEY UPDATE start_ts=VALUES(start_ts),commit_ts=VALUES(commit_ts),"
            "write_source=VALUES(write_source)");
}

void Session::note_commit(std::uint64_t start_ts, std::uint64_t commit_ts,
                          const std::string& error) {
  const bool tried = commit_ts != 0 || !error.empty();
  last_txn_info_ = "{\"txn_scope\":\"global\",\"start_ts\":" + std::to_string(start_ts) +
                   ",\"commit_ts\":" + std::to_string(commit_ts) + ",\"txn_commit_mode\":\"" +
                   (tried ? "1pc" : "") +
                   "\",\"async_commit_fallback\":false,\"one_pc_fallback\":false";
  if (!error.empty()) last_txn_info_ += ",\"error\":\"" + error + "\"";
  if (cluster_.profile.tidb >= kKnowsPipelined) {
    last_txn_info_ += ",\"pipelined\":false,\"flush_wait_ms\":0";
  }
  last_txn_info_ += "}";
}

/// A transaction that ended without a commit.
void Session::note_read(std::uint64_t start_ts) {
  if (start_ts != 0 && reads_overwrite_info(cluster_.profile)) note_commit(start_ts, 0);
}

/// Of a SELECT, in milliseconds; 0 for none. UPDATE and its like are not limited (measured B §2.5).
std::uint64_t Session::execution_limit() const {
  const auto found = settings_.find("max_execution_time");
  if (found == settings_.end() || found->second.empty()) return 0;
  return std::stoull(found->second);
}

}  // namespace bdrmesh::lab
