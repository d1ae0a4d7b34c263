// information_schema and mysql tables that only TiDB has: their rows become a derived table, which
// the engine evaluates.
#include <algorithm>

#include "lab/schema/memory_tables.h"
#include "lab/schema/rows_text.h"
#include "lab/server/tidb_text.h"
#include "lab/server/variables.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kFrozenPoll{10};

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string nullable(const std::string& text) { return text.empty() ? "NULL" : quote_text(text); }

std::string uptime(Millis since) {
  const auto seconds = since.count() / 1000;
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m" +
         std::to_string(seconds % 60) + "s";
}

std::string transaction_state(TxnState state) {
  switch (state) {
    case TxnState::running:
      return "'Running'";
    case TxnState::committing:
      return "'Committing'";
    case TxnState::idle:
      break;
  }
  return "'Idle'";
}

std::string join_ids(const std::set<std::int64_t>& ids) {
  std::string out;
  for (const std::int64_t id : ids) out += (out.empty() ? "" : ",") + std::to_string(id);
  return out;
}

/// Users of the engine that no client of TiDB knows.
bool is_engines_own(const std::string& user) {
  return user == "mariadb.sys" || user == "PUBLIC" ||
         (user.rfind("lab_", 0) == 0 && user.size() == 12);
}

std::string gc_time(std::uint64_t unix_ms) {
  std::string time = sql_time(static_cast<std::int64_t>(unix_ms)).substr(0, 23);
  time.erase(std::remove(time.begin(), time.end(), '-'), time.end());
  time[8] = '-';
  return time + " +0000";
}

}  // namespace

std::optional<std::string> Session::virtual_table(const std::string& schema,
                                                  const std::string& table) {
  if (auto rows = ddl_table(schema, table)) return rows;
  if (schema == "mysql") {
    if (table == "tidb" || table == "global_grants") require_select_on(table);
    if (table == "tidb") return mysql_tidb_rows();
    if (table == "global_grants") return global_grant_rows();
    if (table == "user") {
      return user_rows();
    }
    return std::nullopt;
  }
  if (schema != "information_schema") return std::nullopt;
  if (table == "cluster_info") {
    require_process();
    return cluster_info_rows();
  }
  if (table == "cluster_tidb_trx") return transaction_rows(true);
  if (table == "tidb_trx") return transaction_rows(false);
  if (table == "cluster_processlist") return process_rows(true);
  if (table == "processlist") return process_rows(false);
  if (table == "data_lock_waits") {
    require_process();
    return lock_wait_rows();
  }
  if (table == "user_attributes") return user_attribute_rows();
  auto view = schema_views().table(table);
  if (view && table == "columns") return columns_in_the_past(std::move(*view));
  return view;
}

void Session::require_process() {
  if (has_static_privilege("Process_priv")) return;
  throw Refused(
      1227, "42000",
      "Access denied; you need (at least one of) the PROCESS privilege(s) for this operation");
}

/// Who waits for a lock, and whose it is (tidb-sql §2.7).
std::string Session::lock_wait_rows() {
  RowsText rows(
      {"KEY", "KEY_INFO", "TRX_ID", "CURRENT_HOLDING_TRX_ID", "SQL_DIGEST", "SQL_DIGEST_TEXT"});
  std::map<std::string, std::uint64_t> transactions;
  for (const SessionInfo& session : cluster_.sessions.list()) {
    transactions[std::to_string(session.engine_thread)] = session.start_ts;
  }
  for (const auto& row : shared_.as_admin(
           "SELECT r.trx_mysql_thread_id,b.trx_mysql_thread_id,l.lock_table,l.lock_index,"
           "l.lock_data FROM information_schema.innodb_lock_waits w JOIN "
           "information_schema.innodb_trx r ON r.trx_id=w.requesting_trx_id JOIN "
           "information_schema.innodb_trx b ON b.trx_id=w.blocking_trx_id JOIN "
           "information_schema.innodb_locks l ON l.lock_id=w.requested_lock_id")) {
    const auto waiter = transactions.find(row[0].value_or(""));
    const auto holder = transactions.find(row[1].value_or(""));
    if (waiter == transactions.end() || holder == transactions.end()) continue;
    const std::string info = "{\"table\":" + row[2].value_or("") + ",\"index\":\"" +
                             row[3].value_or("") + "\",\"key\":\"" + row[4].value_or("") + "\"}";
    rows.add({"HEX(" + quote_text(row[2].value_or("") + row[4].value_or("")) + ")",
              quote_text(info), number(waiter->second), number(holder->second), "NULL", "NULL"});
  }
  return rows.text();
}

std::string Session::user_rows() {
  std::string locked = "''";
  for (const auto& [account, facts] : shared_.privileges.all(server_)) {
    if (facts.locked) locked += "," + quote_text(account);
  }
  return "(SELECT u.*, IF(CONCAT(u.User,'@',u.Host) IN (" + locked +
         "),'Y','N') AS Account_locked FROM mysql.user u WHERE u.User NOT LIKE 'lab\\_________' "
         "AND u.User <> 'mariadb.sys' AND u.User <> 'PUBLIC')";
}

std::string Session::user_attribute_rows() {
  RowsText rows({"USER", "HOST", "ATTRIBUTE"});
  for (const auto& row : shared_.as_admin("SELECT User,Host FROM mysql.user")) {
    const std::string user = row[0].value_or("");
    if (is_engines_own(user)) continue;
    rows.add({quote_text(user), quote_text(row[1].value_or("")), "NULL"});
  }
  return rows.text();
}

std::string Session::cluster_info_rows() const {
  RowsText rows({"TYPE", "INSTANCE", "STATUS_ADDRESS", "VERSION", "GIT_HASH", "START_TIME",
                 "UPTIME", "SERVER_ID"});
  const std::string version = cluster_.release_version.substr(1);
  const auto add = [&](const std::string& type, const std::string& address,
                       const std::string& status, const std::string& shown, const std::string& hash,
                       WallTime started, std::size_t server) {
    const Millis age = cluster_.clock.now() - started;
    std::string start = sql_time(to_millis(started)).substr(0, 19);
    start[10] = 'T';
    rows.add({quote_text(type), quote_text(address), quote_text(status), quote_text(shown),
              quote_text(hash), quote_text(start + "Z"), quote_text(uptime(age)), number(server)});
  };
  for (std::size_t i = 0; i < ClusterState::kServers; ++i) {
    const FrontEndView view = cluster_.front_end(i);
    const bool listed =
        view.alive || (!view.address.empty() &&
                       cluster_.clock.mono() - view.died < cluster_.faults.topology_delay());
    if (listed) add("tidb", view.address, view.status_address, version, "lab", view.started, i + 1);
  }
  for (const ComponentView& part : cluster_.components()) {
    add(part.type, part.address, part.status_address, part.version.empty() ? version : part.version,
        part.git_hash.empty() ? "lab" : part.git_hash, part.started, 0);
  }
  return rows.text();
}

/// Servers whose rows a CLUSTER_ table has. One that was killed gives a warning; one that is frozen
/// makes everybody wait (measured A20).
std::vector<std::size_t> Session::answering_servers(bool whole_cluster) {
  if (!whole_cluster) return {server_};
  std::vector<std::size_t> servers;
  for (std::size_t i = 0; i < ClusterState::kServers; ++i) {
    const auto hangs = [&] {
      return shared_.freeze[i].is_frozen() ||
             cluster_.faults.silence_of(i) == Faults::Silence::hangs;
    };
    while (i != server_ && hangs() && !killed_) {
      if (interrupted_) throw Refused(1317, "70100", "Query execution was interrupted");
      if (client_.is_drained() && client_.socket().peer_is_gone())
        throw SocketClosed("client has left");
      if (!cluster_.clock.wait_for(kFrozenPoll, shared_.ending.get_token()))
        throw SocketClosed("cluster ends");
    }
    const FrontEndView view = cluster_.front_end(i);
    if (i != server_ && cluster_.faults.silence_of(i) == Faults::Silence::missing) {
      warn("Warning", 9002, "TiKV server timeout, address is " + view.status_address);
    } else if (view.alive) {
      servers.push_back(i);
    } else if (!view.address.empty() &&
               cluster_.clock.mono() - view.died < cluster_.faults.topology_delay()) {
      warn("Warning", 9002, "TiKV server timeout, address is " + view.status_address);
    }
  }
  return servers;
}

std::vector<SessionInfo> Session::visible_sessions(bool whole_cluster) {
  const std::vector<std::size_t> servers = answering_servers(whole_cluster);
  const bool all = has_static_privilege("Process_priv");
  const std::string own_user = account_.substr(0, account_.find('@'));
  std::vector<SessionInfo> visible;
  for (SessionInfo& session : cluster_.sessions.list()) {
    const bool answered =
        std::find(servers.begin(), servers.end(), session.server) != servers.end();
    // Without PROCESS: only the user's own rows, and no word about it (measured A4).
    if (answered && (all || session.user == own_user)) visible.push_back(std::move(session));
  }
  return visible;
}

std::string Session::transaction_rows(bool whole_cluster) {
  if (cluster_.faults.takes_trx_failure()) {
    throw Refused(1105, "HY000", "transaction future is not set");
  }
  const std::map<std::uint32_t, std::string> waiting = shared_.lock_waits();
  std::vector<std::string> columns = {"ID",
                                      "START_TIME",
                                      "CURRENT_SQL_DIGEST",
                                      "CURRENT_SQL_DIGEST_TEXT",
                                      "STATE",
                                      "WAITING_START_TIME",
                                      "MEM_BUFFER_KEYS",
                                      "MEM_BUFFER_BYTES",
                                      "SESSION_ID",
                                      "USER",
                                      "DB",
                                      "ALL_SQL_DIGESTS",
                                      "RELATED_TABLE_IDS"};
  if (whole_cluster) columns.insert(columns.begin(), "INSTANCE");
  RowsText rows(columns);
  for (const SessionInfo& session : visible_sessions(whole_cluster)) {
    if (!session.in_transaction || session.start_ts == 0) continue;
    const bool waits = waiting.count(session.engine_thread) > 0;
    std::vector<std::string> values = {
        "CAST(" + number(session.start_ts) + " AS UNSIGNED)",
        "CAST(" + quote_text(sql_time(static_cast<std::int64_t>(session.start_ts >> 18U))) +
            " AS DATETIME(6))",
        "NULL",
        nullable(session.current_digest),
        waits ? "'LockWaiting'" : transaction_state(session.txn_state),
        waits ? "CAST(" + quote_text(waiting.at(session.engine_thread)) + " AS DATETIME(6))"
              : "NULL",
        number(session.mem_buffer_keys),
        "0",
        "CAST(" + number(session.id) + " AS UNSIGNED)",
        quote_text(session.user.substr(0, 16)),
        quote_text(session.db),
        "'[]'",
        quote_text(join_ids(session.table_ids))};
    if (whole_cluster) {
      values.insert(values.begin(), quote_text(cluster_.front_end(session.server).status_address));
    }
    rows.add(values);
  }
  return rows.text();
}

std::string Session::process_rows(bool whole_cluster) {
  std::vector<std::string> columns;
  for (const MemoryColumn& column :
       find_memory_table("processlist", cluster_.profile.tidb)->columns) {
    columns.push_back(column.name);
  }
  const std::size_t known = columns.size();
  if (whole_cluster) columns.insert(columns.begin(), "INSTANCE");
  RowsText rows(columns);
  for (const SessionInfo& session : visible_sessions(whole_cluster)) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(cluster_.clock.mono() - session.since)
            .count();
    const bool shows_start = session.in_transaction && !session.in_ddl;
    std::vector<std::string> values = {
        "CAST(" + number(session.id) + " AS UNSIGNED)",
        quote_text(session.user),
        quote_text(session.host),
        nullable(session.db),
        quote_text(session.command),
        std::to_string(seconds),
        session.explicit_transaction ? "'in transaction; autocommit'" : "'autocommit'",
        nullable(session.statement),
        "''",
        "0",
        "0",
        quote_text(transaction_start(shows_start ? session.start_ts : 0)),
        "'default'",
        "''",
        "0",
        "0",
        "0"};
    values.resize(known);
    if (whole_cluster) {
      values.insert(values.begin(), quote_text(cluster_.front_end(session.server).status_address));
    }
    rows.add(values);
  }
  return rows.text();
}

std::string Session::mysql_tidb_rows() const {
  RowsText rows({"VARIABLE_NAME", "VARIABLE_VALUE", "COMMENT"});
  const std::pair<const char*, std::string> values[] = {
      {"bootstrapped", "True"},
      {"tidb_server_version", "218"},
      {"system_tz", "UTC"},
      {"new_collation_enabled", "True"},
      {"tikv_gc_enable", global_on("tidb_gc_enable") ? "true" : "false"},
      {"tikv_gc_run_interval", global("tidb_gc_run_interval")},
      {"tikv_gc_life_time", global("tidb_gc_life_time")}};
  // The row came with v8.5.6 (tidb-sql §8).
  if (cluster_.profile.tidb >= Version{8, 5, 6}) {
    rows.add({"'cluster_id'", quote_text(number(cluster_.cluster_id)), "'TiDB Cluster ID.'"});
  }
  for (const auto& [name, value] : values) rows.add({quote_text(name), quote_text(value), "''"});
  // Absent until the GC worker ran for the first time (tidb-sql §5.3).
  if (const auto last_run = cluster_.gc.last_run()) {
    const auto run_ms = static_cast<std::uint64_t>(to_millis(*last_run));
    const std::uint64_t safe_ms = cluster_.gc.safe_point() >> 18U;
    rows.add({quote_text("tikv_gc_last_run_time"), quote_text(gc_time(run_ms)), "''"});
    rows.add({quote_text("tikv_gc_safe_point"), quote_text(gc_time(safe_ms)), "''"});
  }
  return rows.text();
}

std::string Session::global_grant_rows() {
  RowsText rows({"USER", "HOST", "PRIV", "WITH_GRANT_OPTION"});
  for (const auto& [account, facts] : shared_.privileges.all(server_)) {
    const std::size_t at = account.rfind('@');
    for (const auto& [name, option] : facts.dynamic) {
      rows.add({quote_text(account.substr(0, at)), quote_text(account.substr(at + 1)),
                quote_text(name), option ? "'Y'" : "'N'"});
    }
  }
  return rows.text();
}

SchemaViews Session::schema_views() {
  SchemaViews::Sources sources;
  sources.as_admin = [this](const std::string& sql) { return shared_.as_admin(sql); };
  sources.id_of = [this](const ObjectName& table) { return shared_.tables.id_of(table); };
  sources.role_is_set = !cluster_.bdr_role().empty();
  return {std::move(sources), shared_.book, cluster_.profile.tidb};
}

Answer Session::describe(const Statement& statement, std::size_t from) {
  Cursor cursor(statement.tokens, from);
  ObjectName table = cursor.object_name();
  if (cursor.accept_any({"from", "in"})) table.schema = cursor.next().name;
  table = qualified(std::move(table));
  if (const auto past = table_for_the_past(statement, table)) table = *past;
  // Whoever has no right on it, or no such table, hears it from the engine.
  if (to_lower(table.schema) != "information_schema") {
    engine_ok("DESCRIBE " + quote_name(table.schema) + "." + quote_name(table.name));
  }
  std::string sql = schema_views().describe(table);
  if (table.schema == kPastSchema) sql = with_hidden_tables(std::move(sql));
  if (sql.empty()) return pass_through(std::string(statement.text));
  std::string condition;
  if (cursor.accept("like")) {
    condition = " WHERE Field LIKE " + quote_text(cursor.peek().value);
  } else if (cursor.sees({"where"})) {
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  } else if (!cursor.at_end()) {
    condition = " WHERE Field LIKE " + quote_text(cursor.peek().value);
  }
  if (!condition.empty()) sql = "SELECT * FROM (" + sql + ") f" + condition;
  return pass_through(sql);
}

}  // namespace bdrmesh::lab
