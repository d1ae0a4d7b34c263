#include "clients/catalogue/sql_catalogue.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace bdrmesh::sql_text {
namespace {

std::string now() { return "NOW(6)"; }

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\'':
        out += "''";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\0':
        out += "\\0";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
  return out + "'";
}

std::string quote_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

std::string quote_name(const TableName& table) {
  return quote_name(table.schema) + "." + quote_name(table.table);
}

std::string containing(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return quote(pattern + "%");
}

std::string session_on(std::uint64_t connection_id) {
  return "SELECT INSTANCE, ID FROM information_schema.CLUSTER_PROCESSLIST WHERE ID = " +
         std::to_string(connection_id);
}

std::string session_on(const std::string& status_address, std::uint64_t connection_id) {
  return session_on(connection_id) + " AND INSTANCE = " + quote(status_address);
}

std::string grants_of(const std::string& user) {
  const std::size_t at = user.rfind('@');
  const std::string host = at == std::string::npos ? "%" : user.substr(at + 1);
  return "SHOW GRANTS FOR " + quote(user.substr(0, at)) + "@" + quote(host);
}

std::string global_variable(const std::string& name) {
  const bool legal = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
  if (!legal)
    throw Error(ErrorKind::bug, "BAD_VARIABLE", "'" + name + "' is no name of a system variable");
  return "SELECT @@global." + name + " AS value";
}

std::string set_source_id(int id) { return "SET GLOBAL tidb_source_id = " + std::to_string(id); }

std::string set_gc_life_time(const std::string& duration) {
  return "SET GLOBAL tidb_gc_life_time = " + quote(duration);
}

std::string set_super_read_only(bool on) {
  return std::string("SET GLOBAL tidb_super_read_only = ") + (on ? "ON" : "OFF");
}

std::string_view set_bdr_role(BdrRole role) {
  switch (role) {
    case BdrRole::primary:
      return "ADMIN SET BDR ROLE PRIMARY";
    case BdrRole::secondary:
      return "ADMIN SET BDR ROLE SECONDARY";
    case BdrRole::none:
      break;
  }
  return "ADMIN UNSET BDR ROLE";
}

std::string kill_session(std::uint64_t session_id) {
  return "KILL TIDB " + std::to_string(session_id);
}

std::string ddl_jobs_with(const std::string& tag) {
  return "SELECT JOB_ID, DB_NAME, TABLE_NAME, JOB_TYPE, SCHEMA_STATE, STATE, QUERY FROM "
         "information_schema.ddl_jobs WHERE QUERY LIKE " +
         containing(tag) + " ORDER BY JOB_ID DESC LIMIT 20";
}

std::string cancel_ddl_job(std::int64_t id) {
  return "ADMIN CANCEL DDL JOBS " + std::to_string(id);
}
std::string set_names(const std::string& charset) { return "SET NAMES " + quote(charset); }
std::string set_sql_mode(const std::string& sql_mode) {
  return "SET SESSION sql_mode = " + quote(sql_mode);
}
std::string set_time_zone(const std::string& time_zone) {
  return "SET SESSION time_zone = " + quote(time_zone);
}
std::string use_schema(const std::string& schema) { return "USE " + quote_name(schema); }

std::string table_id(const TableName& table) {
  return "SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE TABLE_SCHEMA = " +
         quote(table.schema) + " AND TABLE_NAME = " + quote(table.table);
}

std::string table_id_of_any_case(const TableName& table) {
  return "SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE LOWER(TABLE_SCHEMA) = LOWER(" +
         quote(table.schema) + ") AND LOWER(TABLE_NAME) = LOWER(" + quote(table.table) + ")";
}

std::string table_exists(const TableName& table) {
  return "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = " +
         quote(table.schema) + " AND TABLE_NAME = " + quote(table.table);
}

std::string schema_exists(const std::string& schema) {
  return "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME = " + quote(schema);
}

std::string show_create_table(const TableName& table) {
  return "SHOW CREATE TABLE " + quote_name(table);
}
std::string create_schema(const std::string& schema) {
  return "CREATE DATABASE IF NOT EXISTS " + quote_name(schema);
}
std::string drop_schema(const std::string& schema) {
  return "DROP DATABASE IF EXISTS " + quote_name(schema);
}

std::string copy_empty_table(const TableName& table, const TableName& copy) {
  return "CREATE TABLE " + quote_name(copy) + " LIKE " + quote_name(table);
}

std::string insert_token(const TokenRow& row) {
  return "INSERT INTO bdrmesh_local.owner (id, manager, epoch, revision, gates, remembered, "
         "updated_at) VALUES (1, " +
         quote(row.manager) + ", " + std::to_string(row.epoch) + ", 1, " + quote(row.gates.dump()) +
         ", " + quote(row.remembered.dump()) + ", " + now() + ")";
}

std::string update_token(const TokenRow& expected, const TokenRow& row) {
  return "UPDATE bdrmesh_local.owner SET manager = " + quote(row.manager) +
         ", epoch = " + std::to_string(row.epoch) +
         ", revision = revision + 1, gates = " + quote(row.gates.dump()) +
         ", remembered = " + quote(row.remembered.dump()) + ", updated_at = " + now() +
         " WHERE id = 1 AND manager = " + quote(expected.manager) +
         " AND epoch = " + std::to_string(expected.epoch);
}

std::string upsert_marker(const std::string& run, const ClusterName& origin,
                          const std::string& nonce) {
  const std::string fresh = quote(nonce);
  return "INSERT INTO bdrmesh.marker (run_id, origin, nonce, written_at) VALUES (" + quote(run) +
         ", " + quote(origin.value()) + ", " + fresh + ", " + now() +
         ") ON DUPLICATE KEY UPDATE nonce = " + fresh + ", written_at = " + now();
}

std::string delete_marker(const std::string& run, const ClusterName& origin) {
  return "DELETE FROM bdrmesh.marker WHERE run_id = " + quote(run) +
         " AND origin = " + quote(origin.value());
}

std::string read_marker(const std::string& run, const ClusterName& origin) {
  return "SELECT nonce FROM bdrmesh.marker WHERE run_id = " + quote(run) +
         " AND origin = " + quote(origin.value());
}

}  // namespace bdrmesh::sql_text
