// SHOW.
#include <algorithm>

#include "lab/schema/rows_text.h"
#include "lab/server/server_config.h"
#include "lab/server/tidb_text.h"
#include "lab/server/variables.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

Answer Session::show(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  if (cursor.accept("warnings") || cursor.accept("errors")) return show_warnings();
  if (cursor.sees({"master", "status"}) || cursor.sees({"binary", "log", "status"}))
    return show_master_status();
  if (auto backups = show_backups(statement)) return *backups;
  if (cursor.sees({"grants"})) return show_grants(statement);
  if (cursor.sees({"create"}) && !cursor.sees({"create", "user"})) return show_create(statement);
  if ((cursor.sees({"columns"}) || cursor.sees({"fields"})) &&
      (cursor.peek(1).is("from") || cursor.peek(1).is("in"))) {
    return describe(statement, 3);
  }
  if (cursor.sees({"table"}) && cursor.later_word("regions")) return show_regions(statement);
  if (cursor.sees({"config"})) return show_config(statement);
  if (cursor.accept("processlist")) return show_processlist(false);
  if (cursor.accept({"full", "processlist"})) return show_processlist(true);
  Cursor scope = cursor;
  scope.accept_any({"global", "session", "local"});
  if (scope.sees({"variables"})) return show_variables(statement);
  if (cursor.sees({"databases"}) || cursor.sees({"schemas"})) {
    // Not more than TiDB has: the engine's own notes are nobody's business.
    const std::string extra = " `Database` NOT IN ('lab_meta','lab_past')";
    cursor.next();
    if (cursor.accept("like")) {
      return pass_through("SHOW DATABASES WHERE `Database` LIKE " +
                          quote_text(cursor.peek().value) + " AND" + extra);
    }
    if (cursor.accept("where")) {
      return pass_through("SHOW DATABASES WHERE (" +
                          std::string(statement.text.substr(cursor.peek().begin)) + ") AND" +
                          extra);
    }
    return pass_through("SHOW DATABASES WHERE" + extra);
  }
  return pass_through(std::string(statement.text));
}

Answer Session::show_warnings() {
  if (!warnings_) return pass_through("SHOW WARNINGS");
  TextResult result{{{"Level"}, {"Code", CellType::integer}, {"Message"}}, {}};
  for (const SqlWarning& warning : *warnings_) {
    result.rows.push_back({warning.level, std::to_string(warning.code), warning.message});
  }
  return result;
}

Answer Session::show_master_status() {
  // Inside a transaction the position is its start_ts, and repeats itself (measured A15).
  const std::uint64_t position = txn_.active ? txn_.start_ts : cluster_.oracle.next();
  return TextResult{{{"File"},
                     {"Position", CellType::integer, true},
                     {"Binlog_Do_DB"},
                     {"Binlog_Ignore_DB"},
                     {"Executed_Gtid_Set"}},
                    {{"tidb-binlog", std::to_string(position), "", "", ""}}};
}

Answer Session::show_variables(const Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  const bool global_scope = cursor.accept("global");
  cursor.accept_any({"session", "local"});
  cursor.next();
  // TiDB's variables beside the engine's own, and the engine sorts out which of them are asked for.
  std::string rows;
  for (const auto& [name, rule] : all_variables()) {
    if (cluster_.profile.tidb < rule.since) continue;
    if (global_scope && rule.scope == VariableScope::session_only) continue;
    std::string value = global_scope ? global(name) : setting(name);
    if (name == "tidb_current_ts") value = std::to_string(txn_.active ? txn_.start_ts : 0);
    if (name == "tidb_last_txn_info") value = last_txn_info_;
    rows += " UNION ALL SELECT " + quote_text(name) + "," + quote_text(value);
  }
  std::string condition;
  if (cursor.accept("like")) {
    condition =
        " WHERE Variable_name LIKE " + std::string(statement.text.substr(cursor.peek().begin));
  } else if (cursor.sees({"where"})) {
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  }
  const std::string table = global_scope ? "global_variables" : "session_variables";
  return pass_through(
      "SELECT * FROM (SELECT LOWER(variable_name) AS Variable_name, variable_value AS Value FROM "
      "information_schema." +
      table + " WHERE variable_name NOT IN ('log_bin','sql_log_bin')" + rows + ") v" + condition +
      " ORDER BY Variable_name");
}

/// One region per table, or as many as it was made with: the lab has no storage to be split.
Answer Session::show_regions(const Statement& statement) {
  Cursor cursor(statement.tokens, 2);
  const ObjectName table = qualified(cursor.object_name());
  engine_ok("DESCRIBE " + quote_name(table.schema) + "." + quote_name(table.name));
  const auto id = static_cast<std::uint64_t>(shared_.tables.id_of(table));
  const int bits = shared_.book.of(table).pre_split_regions;
  const std::uint64_t count = 1ULL << static_cast<unsigned>(bits);
  const std::string head = "t_" + std::to_string(id) + "_";
  RowsText rows({"REGION_ID", "START_KEY", "END_KEY", "LEADER_ID", "LEADER_STORE_ID", "PEERS",
                 "SCATTERING", "WRITTEN_BYTES", "READ_BYTES", "APPROXIMATE_SIZE(MB)",
                 "APPROXIMATE_KEYS", "SCHEDULING_CONSTRAINTS", "SCHEDULING_STATE"});
  const auto bound = [&](std::uint64_t i) {
    if (i == 0) return head;
    if (i == count) return "t_" + std::to_string(id + 1) + "_";
    return head + "r_" + std::to_string(i * ((1ULL << 63U) / count));
  };
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string region = std::to_string(id * 1000 + i * 4);
    const std::string leader = std::to_string(id * 1000 + i * 4 + 1);
    rows.add({region, quote_text(bound(i)), quote_text(bound(i + 1)), leader, "1",
              quote_text(leader), "0", "0", "0", "1", "0", "''", "''"});
  }
  std::string condition;
  while (!cursor.at_end() && !cursor.sees({"where"})) cursor.next();
  if (!cursor.at_end()) condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  return pass_through("SELECT * FROM " + rows.text() + " r" + condition);
}

Answer Session::split_table(const Statement& statement) {
  Cursor cursor(statement.tokens);
  while (!cursor.at_end() && !cursor.accept("table")) cursor.next();
  const ObjectName table = qualified(cursor.object_name());
  engine_ok("DESCRIBE " + quote_name(table.schema) + "." + quote_name(table.name));
  return TextResult{{{"TOTAL_SPLIT_REGION", CellType::integer}, {"SCATTER_FINISH_RATIO"}},
                    {{"0", "1"}}};
}

Answer Session::show_config(const Statement& statement) {
  if (!shared_.privileges.holds(server_, identities(), "CONFIG") &&
      !has_static_privilege("Super_priv")) {
    throw Refused(
        1227, "42000",
        "Access denied; you need (at least one of) the CONFIG privilege(s) for this operation");
  }
  RowsText rows({"Type", "Instance", "Name", "Value"});
  for (const ConfigItem& item : config_items(cluster_)) {
    rows.add({quote_text(item.type), quote_text(item.instance), quote_text(item.name),
              quote_text(item.value)});
  }
  Cursor cursor(statement.tokens, 2);
  std::string condition;
  if (cursor.accept("like")) {
    condition = " WHERE Type LIKE " + quote_text(cursor.peek().value);
  } else if (cursor.sees({"where"})) {
    condition = " " + std::string(statement.text.substr(cursor.peek().begin));
  }
  return pass_through("SELECT * FROM " + rows.text() + " c" + condition);
}

Answer Session::show_processlist(bool full) {
  TextResult result{{{"Id", CellType::integer, true},
                     {"User"},
                     {"Host"},
                     {"db"},
                     {"Command"},
                     {"Time", CellType::integer},
                     {"State"},
                     {"Info"}},
                    {}};
  for (const SessionInfo& session : visible_sessions(false)) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(cluster_.clock.mono() - session.since)
            .count();
    Cell statement;
    if (!session.statement.empty())
      statement = full ? session.statement : session.statement.substr(0, 100);
    result.rows.push_back(
        {std::to_string(session.id), session.user, session.host,
         session.db.empty() ? Cell() : Cell(session.db), session.command, std::to_string(seconds),
         session.explicit_transaction ? "in transaction; autocommit" : "autocommit", statement});
  }
  return result;
}

}  // namespace bdrmesh::lab
