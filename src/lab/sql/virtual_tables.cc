// information_schema and mysql tables that only TiDB has: their rows become a derived table, which
// the engine evaluates.
#include <algorithm>

#include "lab/sql/session.h"
#include "lab/sql/tidb_text.h"
#include "lab/sql/variables.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kFrozenPoll{10};

/// Builds `SELECT .. AS c1, .. UNION ALL SELECT ..`; without rows the columns stay.
class RowsText {
 public:
  explicit RowsText(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Values are SQL expressions.
  void add(const std::vector<std::string>& values) {
    text_ += text_.empty() ? "SELECT " : " UNION ALL SELECT ";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      text_ += (i == 0 ? "" : ",") + values.at(i) + " AS " + quote_name(columns_[i]);
    }
  }

  std::string text() {
    if (!text_.empty()) return "(" + text_ + ")";
    add(std::vector<std::string>(columns_.size(), "NULL"));
    return "(" + text_ + " LIMIT 0)";
  }

 private:
  std::vector<std::string> columns_;
  std::string text_;
};

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

std::string gc_time(std::uint64_t unix_ms) {
  std::string time = sql_time(static_cast<std::int64_t>(unix_ms)).substr(0, 23);
  time.erase(std::remove(time.begin(), time.end(), '-'), time.end());
  time[8] = '-';
  return time + " +0000";
}

}  // namespace

std::optional<std::string> Session::virtual_table(const std::string& schema,
                                                  const std::string& table) {
  if (schema == "mysql") {
    if (table == "tidb") return mysql_tidb_rows();
    if (table == "global_grants") return global_grant_rows();
    if (table == "user") {
      return "(SELECT * FROM mysql.user WHERE User NOT LIKE 'lab\\_________' AND User <> "
             "'mariadb.sys' AND User <> 'PUBLIC')";
    }
    return std::nullopt;
  }
  if (schema != "information_schema") return std::nullopt;
  if (table == "cluster_info") {
    if (!has_static_privilege("Process_priv")) {
      throw Refused(
          1227, "42000",
          "Access denied; you need (at least one of) the PROCESS privilege(s) for this operation");
    }
    return cluster_info_rows();
  }
  if (table == "cluster_tidb_trx") return transaction_rows(true);
  if (table == "tidb_trx") return transaction_rows(false);
  if (table == "cluster_processlist") return process_rows(true);
  if (table == "processlist") return process_rows(false);
  if (table == "ddl_jobs") return ddl_job_rows();
  if (table == "tables") return table_rows();
  if (table == "schemata" || table == "columns" || table == "statistics" || table == "partitions") {
    const std::string column = table == "schemata" ? "schema_name" : "table_schema";
    return "(SELECT * FROM information_schema." + table + " WHERE " + column + " <> 'lab_meta')";
  }
  if (table == "data_lock_waits") {
    return RowsText({"KEY", "KEY_INFO", "TRX_ID", "CURRENT_HOLDING_TRX_ID", "SQL_DIGEST",
                     "SQL_DIGEST_TEXT"})
        .text();
  }
  return std::nullopt;
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
    while (i != server_ && shared_.freeze[i].is_frozen() && !killed_) {
      if (client_.is_drained() && client_.socket().peer_is_gone())
        throw SocketClosed("client has left");
      if (!cluster_.clock.wait_for(kFrozenPoll, shared_.ending.get_token()))
        throw SocketClosed("cluster ends");
    }
    const FrontEndView view = cluster_.front_end(i);
    if (view.alive) {
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
    std::vector<std::string> values = {
        "CAST(" + number(session.start_ts) + " AS UNSIGNED)",
        "CAST(" + quote_text(sql_time(static_cast<std::int64_t>(session.start_ts >> 18U))) +
            " AS DATETIME(6))",
        "NULL",
        "NULL",
        transaction_state(session.txn_state),
        "NULL",
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
  std::vector<std::string> columns = {"ID",
                                      "USER",
                                      "HOST",
                                      "DB",
                                      "COMMAND",
                                      "TIME",
                                      "STATE",
                                      "INFO",
                                      "DIGEST",
                                      "MEM",
                                      "DISK",
                                      "TxnStart",
                                      "RESOURCE_GROUP",
                                      "SESSION_ALIAS",
                                      "ROWS_AFFECTED",
                                      "TIDB_CPU",
                                      "TIKV_CPU"};
  if (whole_cluster) columns.insert(columns.begin(), "INSTANCE");
  RowsText rows(columns);
  for (const SessionInfo& session : visible_sessions(whole_cluster)) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(cluster_.clock.mono() - session.since)
            .count();
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
        quote_text(transaction_start(session.in_transaction ? session.start_ts : 0)),
        "'default'",
        "''",
        "0",
        "0",
        "0"};
    if (whole_cluster) {
      values.insert(values.begin(), quote_text(cluster_.front_end(session.server).status_address));
    }
    rows.add(values);
  }
  return rows.text();
}

std::string Session::ddl_job_rows() {
  RowsText rows({"JOB_ID", "DB_NAME", "TABLE_NAME", "JOB_TYPE", "SCHEMA_STATE", "SCHEMA_ID",
                 "TABLE_ID", "ROW_COUNT", "CREATE_TIME", "START_TIME", "END_TIME", "STATE",
                 "QUERY"});
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? "CAST(" + quote_text(sql_time(to_millis(*at))) + " AS DATETIME(6))"
              : std::string("NULL");
  };
  for (const DdlJob& job : cluster_.jobs.list()) {
    rows.add({std::to_string(job.id), quote_text(job.db), quote_text(job.table),
              quote_text(job.type), quote_text(job.schema_state), std::to_string(job.schema_id),
              std::to_string(job.table_id), number(job.row_count), time(job.create_time),
              time(job.start_time), time(job.end_time), quote_text(to_string(job.state)),
              quote_text(job.query)});
  }
  return rows.text();
}

std::string Session::mysql_tidb_rows() const {
  // No cluster_id: v8.5.3 has no such row (tidb-sql §8).
  RowsText rows({"VARIABLE_NAME", "VARIABLE_VALUE", "COMMENT"});
  const std::pair<const char*, std::string> values[] = {
      {"bootstrapped", "True"},
      {"tidb_server_version", "218"},
      {"system_tz", "UTC"},
      {"new_collation_enabled", "True"},
      {"tikv_gc_enable", global_on("tidb_gc_enable") ? "true" : "false"},
      {"tikv_gc_run_interval", global("tidb_gc_run_interval")},
      {"tikv_gc_life_time", global("tidb_gc_life_time")}};
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

/// Whoever may not read mysql.user may not read this either.
std::string Session::global_grant_rows() {
  engine_ok("DO (SELECT COUNT(*) FROM mysql.user LIMIT 1)");
  RowsText rows({"USER", "HOST", "PRIV", "WITH_GRANT_OPTION"});
  for (const auto& [account, privileges] : shared_.privileges.all()) {
    const std::size_t at = account.rfind('@');
    for (const auto& [name, option] : privileges) {
      rows.add({quote_text(account.substr(0, at)), quote_text(account.substr(at + 1)),
                quote_text(name), option ? "'Y'" : "'N'"});
    }
  }
  return rows.text();
}

std::string Session::table_rows() {
  // TIDB_TABLE_ID and TIDB_PK_TYPE come from the lab's own books.
  const auto tables = shared_.as_admin(
      "SELECT t.table_schema,t.table_name,(SELECT COUNT(*) FROM information_schema.statistics s "
      "WHERE "
      "s.table_schema=t.table_schema AND s.table_name=t.table_name AND s.index_name='PRIMARY') "
      "FROM "
      "information_schema.tables t WHERE t.table_schema NOT IN "
      "('mysql','information_schema','performance_schema','sys','lab_meta')");
  RowsText ids({"s", "n", "i", "p"});
  for (const auto& row : tables) {
    const ObjectName table{row[0].value_or(""), row[1].value_or("")};
    const bool clustered = row[2] != "0" && !shared_.tables.is_nonclustered(table);
    ids.add({quote_text(table.schema), quote_text(table.name),
             std::to_string(shared_.tables.id_of(table)),
             clustered ? "'CLUSTERED'" : "'NONCLUSTERED'"});
  }
  return "(SELECT t.*, i.i AS TIDB_TABLE_ID, NULL AS TIDB_ROW_ID_SHARDING_INFO, i.p AS "
         "TIDB_PK_TYPE, NULL AS "
         "TIDB_PLACEMENT_POLICY_NAME FROM information_schema.tables t LEFT JOIN " +
         ids.text() +
         " i ON i.s COLLATE utf8mb4_bin=t.table_schema AND i.n COLLATE utf8mb4_bin=t.table_name "
         "WHERE t.table_schema "
         "<> 'lab_meta')";
}

}  // namespace bdrmesh::lab
