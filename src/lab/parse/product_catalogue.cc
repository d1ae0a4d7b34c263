#include "lab/parse/product_catalogue.h"

#include <algorithm>

#include "lab/parse/ddl.h"
#include "lab/parse/product_backup.h"
#include "lab/parse/product_rows.h"

namespace bdrmesh::lab {

namespace {

constexpr std::string_view kTag = "/* bdrmesh:";
constexpr std::string_view kRehearsalSchema = "bdrmesh_local";
constexpr std::string_view kAnyGlobal = "@@global.?";

bool is_literal(const Token& token) {
  return token.kind == TokenKind::text || token.kind == TokenKind::number;
}

bool is_any_global(const std::vector<Token>& allowed, std::size_t i) {
  return allowed[i].kind == TokenKind::variable && allowed[i].value == "@@global." &&
         i + 1 < allowed.size() && allowed[i + 1].is_symbol('?');
}

bool matches(const Token& token, const Token& allowed) {
  if (allowed.is_symbol('?')) return is_literal(token);
  if (token.kind != allowed.kind) return false;
  const bool any_name = allowed.kind == TokenKind::quoted && allowed.value == "?";
  return any_name || token.value == allowed.value;
}

/// The user's own DDL, sent with the tag by which its job is found again.
bool is_tagged_ddl(const Statement& statement) {
  return statement.verb == Verb::ddl && statement.text.substr(0, kTag.size()) == kTag;
}

/// DDL rehearsed on copies, and what drops them.
bool is_rehearsal(const Statement& statement) {
  if (statement.verb != Verb::ddl) return false;
  const DdlStatement ddl = parse_ddl(statement);
  const bool renamed_elsewhere =
      !ddl.new_name.name.empty() && to_lower(ddl.new_name.schema) != kRehearsalSchema;
  return !ddl.objects.empty() && !renamed_elsewhere && ddl.object_kind != ObjectKind::schema &&
         std::all_of(ddl.objects.begin(), ddl.objects.end(), [](const ObjectName& object) {
           return to_lower(object.schema) == kRehearsalSchema;
         });
}

using Form = std::vector<Token>;

bool has_tokens(const Statement& statement, const Form& allowed) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < allowed.size(); ++i, ++at) {
    if (at >= statement.tokens.size()) return false;
    const Token& token = statement.tokens[at];
    if (is_any_global(allowed, i)) {
      if (token.kind != TokenKind::variable || token.value.rfind("@@global.", 0) != 0) return false;
      ++i;
    } else if (!matches(token, allowed[i])) {
      return false;
    }
  }
  return at == statement.tokens.size();
}

const std::vector<Form>& allowed_forms() {
  static const std::vector<Form> forms = [] {
    std::vector<Form> all;
    for (const auto* list : {&product_statements(), &driver_statements()}) {
      for (const std::string& text : *list) all.push_back(tokenize(text).list);
    }
    return all;
  }();
  return forms;
}

}  // namespace

const std::vector<std::string>& driver_statements() {
  static const std::vector<std::string> statements = {
      "SET NAMES utf8mb4",
      "SET NAMES ?",
      "SET autocommit=1",
      "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
      "SHOW SESSION VARIABLES LIKE 'lower_case_table_names'",
  };
  return statements;
}

const std::vector<std::string>& product_statements() {
  static const std::vector<std::string> statements = {
      // session
      "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
      "SET SESSION max_execution_time = 0, tidb_enable_external_ts_read = OFF",
      "SELECT CONNECTION_ID() AS value",
      "SHOW WARNINGS",
      "SHOW STATUS LIKE 'Ssl_cipher'",
      "BEGIN",
      "COMMIT",
      "ROLLBACK",
      "SET NAMES ?",
      "SET SESSION sql_mode = ?",
      "SET SESSION time_zone = ?",
      "USE `?`",
      // servers
      "SELECT TYPE, INSTANCE, STATUS_ADDRESS, VERSION FROM information_schema.cluster_info WHERE "
      "TYPE = 'tidb'",
      "SELECT TIDB_VERSION() AS value",
      "SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME = 'cluster_id'",
      "SELECT INSTANCE, ID FROM information_schema.CLUSTER_PROCESSLIST WHERE ID = ?",
      "SELECT INSTANCE, ID FROM information_schema.CLUSTER_PROCESSLIST WHERE ID = ? AND INSTANCE "
      "= ?",
      // users
      "SHOW GRANTS",
      "SHOW GRANTS FOR ?@?",
      "SELECT DISTINCT USER FROM mysql.global_grants WHERE PRIV = "
      "'RESTRICTED_REPLICA_WRITER_ADMIN'",
      "SELECT Host, account_locked FROM mysql.user WHERE User = ?",
      "ALTER USER ?@? ACCOUNT LOCK",
      "ALTER USER ?@? ACCOUNT UNLOCK",
      "SELECT INSTANCE, ID, USER, HOST, COMMAND FROM information_schema.CLUSTER_PROCESSLIST",
      "SELECT INSTANCE, ID, USER, HOST, COMMAND FROM information_schema.CLUSTER_PROCESSLIST WHERE "
      "USER = ?",
      "CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?",
      "ALTER USER ?@? IDENTIFIED BY ?",
      "DROP USER IF EXISTS ?@?",
      "GRANT SELECT, INDEX, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE VIEW ON *.* TO ?@?",
      "GRANT SYSTEM_VARIABLES_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO ?@?",
      "SET GLOBAL tidb_enable_external_ts_read = ON",
      "SET GLOBAL tidb_enable_external_ts_read = OFF",
      "SELECT changefeed, primary_ts, secondary_ts FROM tidb_cdc.syncpoint_v1 ORDER BY changefeed, "
      "CAST(primary_ts AS UNSIGNED)",
      "SET GLOBAL tidb_ttl_job_enable = ON",
      "SET GLOBAL tidb_ttl_job_enable = OFF",
      // settings and roles
      "SELECT @@global.? AS value",
      "SET GLOBAL tidb_source_id = ?",
      "SET GLOBAL tidb_gc_life_time = ?",
      "SET GLOBAL tidb_super_read_only = ON",
      "SET GLOBAL tidb_super_read_only = OFF",
      "ADMIN SHOW BDR ROLE",
      "ADMIN SET BDR ROLE PRIMARY",
      "ADMIN SET BDR ROLE SECONDARY",
      "ADMIN UNSET BDR ROLE",
      // gate
      "SELECT manager FROM bdrmesh_local.owner WHERE id = 1",
      "SELECT INSTANCE, ID, START_TIME, CURRENT_SQL_DIGEST_TEXT, STATE, MEM_BUFFER_KEYS, "
      "SESSION_ID, USER, RELATED_TABLE_IDS FROM information_schema.CLUSTER_TIDB_TRX",
      "KILL TIDB ?",
      // positions
      "SET SESSION tidb_low_resolution_tso = OFF",
      "SET SESSION tidb_snapshot = ''",
      "SET SESSION tidb_read_staleness = 0",
      "SET SESSION tidb_enable_external_ts_read = OFF",
      "SET SESSION tidb_snapshot = ?",
      "SELECT @@tidb_snapshot AS value",
      "SET SESSION tidb_cdc_write_source = ?",
      "SET SESSION tidb_isolation_read_engines = 'tikv,tidb'",
      "SET SESSION sql_mode = "
      "'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,STRICT_TRANS_TABLES', foreign_key_checks = 0, "
      "allow_auto_random_explicit_insert = 1",
      "SELECT TIDB_CURRENT_TSO() AS value",
      "SELECT @@tidb_current_ts AS value",
      "SELECT @@tidb_last_txn_info AS value",
      // DDL
      "ADMIN SHOW DDL JOBS 100",
      "ADMIN SHOW DDL JOB QUERIES LIMIT 100",
      "SELECT JOB_ID, DB_NAME, TABLE_NAME, JOB_TYPE, SCHEMA_STATE, STATE, QUERY FROM "
      "information_schema.ddl_jobs WHERE QUERY LIKE ? ORDER BY JOB_ID DESC LIMIT 20",
      "ADMIN CANCEL DDL JOBS ?",
      // backup
      "SHOW BACKUPS",
      "SHOW RESTORES",
      "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = ? LIMIT 1",
      "DROP TABLE IF EXISTS `?`.`?`",
      "CREATE TABLE IF NOT EXISTS `?`.`?` (id INT NOT NULL, nonce VARCHAR(64) NOT NULL, PRIMARY "
      "KEY (id))",
      "REPLACE INTO `?`.`?` (id, nonce) VALUES (1, ?)",
      "SELECT nonce FROM `?`.`?` WHERE id = 1",
      // schema
      "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables WHERE TABLE_TYPE = 'BASE "
      "TABLE' AND LOWER(TABLE_SCHEMA) NOT IN ('mysql', 'sys', 'information_schema', "
      "'performance_schema', 'metrics_schema', 'inspection_schema', 'tidb_cdc', "
      "'lightning_task_info', 'workload_schema', 'dm_heartbeat') ORDER BY TABLE_SCHEMA, TABLE_NAME",
      "SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE TABLE_SCHEMA = ? AND TABLE_NAME = "
      "?",
      "SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE LOWER(TABLE_SCHEMA) = LOWER(?) "
      "AND "
      "LOWER(TABLE_NAME) = LOWER(?)",
      "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
      "SELECT TABLE_ROWS FROM information_schema.tables WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
      "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME = ?",
      "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables WHERE TABLE_TYPE IN ('VIEW', "
      "'SEQUENCE') AND LOWER(TABLE_SCHEMA) NOT IN ('mysql', 'sys', 'information_schema', "
      "'performance_schema', 'metrics_schema', 'inspection_schema', 'tidb_cdc', "
      "'lightning_task_info', 'workload_schema', 'dm_heartbeat') ORDER BY TABLE_SCHEMA, TABLE_NAME",
      "SHOW CREATE TABLE `?`.`?`",
      "CREATE DATABASE IF NOT EXISTS `?`",
      "DROP DATABASE IF EXISTS `?`",
      "CREATE TABLE `?`.`?` LIKE `?`.`?`",
      // token row
      "CREATE TABLE IF NOT EXISTS bdrmesh_local.owner (id TINYINT NOT NULL, manager VARCHAR(64) "
      "NOT NULL, epoch BIGINT UNSIGNED NOT NULL, revision BIGINT UNSIGNED NOT NULL, gates LONGTEXT "
      "NOT NULL, remembered LONGTEXT NOT NULL, updated_at DATETIME(6) NOT NULL, PRIMARY KEY (id))",
      "SELECT manager, epoch, gates, remembered, updated_at FROM bdrmesh_local.owner WHERE id = 1",
      "INSERT INTO bdrmesh_local.owner (id, manager, epoch, revision, gates, remembered, "
      "updated_at) VALUES (1, ?, ?, 1, ?, ?, NOW(6))",
      "UPDATE bdrmesh_local.owner SET manager = ?, epoch = ?, revision = revision + 1, gates = ?, "
      "remembered = ?, updated_at = NOW(6) WHERE id = 1 AND manager = ? AND epoch = ?",
      // marker
      "CREATE TABLE IF NOT EXISTS bdrmesh.marker (run_id VARCHAR(64) NOT NULL, origin VARCHAR(64) "
      "NOT NULL, nonce VARCHAR(64) NOT NULL, written_at DATETIME(6) NOT NULL, PRIMARY KEY (run_id, "
      "origin))",
      "INSERT INTO bdrmesh.marker (run_id, origin, nonce, written_at) VALUES (?, ?, ?, NOW(6)) ON "
      "DUPLICATE KEY UPDATE nonce = ?, written_at = NOW(6)",
      "DELETE FROM bdrmesh.marker WHERE run_id = ? AND origin = ?",
      "SELECT nonce FROM bdrmesh.marker WHERE run_id = ? AND origin = ?",
  };
  return statements;
}

bool has_form(const Statement& statement, std::string_view allowed) {
  return has_tokens(statement, tokenize(allowed).list);
}

bool is_in_product_catalogue(const Statement& statement) {
  const auto& forms = allowed_forms();
  const bool is_listed = std::any_of(forms.begin(), forms.end(),
                                     [&](const Form& form) { return has_tokens(statement, form); });
  return is_listed || is_tagged_ddl(statement) || is_rehearsal(statement) ||
         is_row_reading(statement) || is_row_repair(statement) || is_product_backup(statement);
}

std::string normalised_form(const Statement& statement) {
  std::string out;
  for (const Token& token : statement.tokens) {
    const bool tight = token.is_symbol(',') || token.is_symbol(')') || token.is_symbol('.') ||
                       (!out.empty() && (out.back() == '(' || out.back() == '.'));
    if (!out.empty() && !tight) out += ' ';
    if (is_literal(token)) {
      out += '?';
    } else if (token.kind == TokenKind::quoted) {
      out += "`?`";
    } else if (token.kind == TokenKind::variable) {
      out += token.value.rfind("@@global.", 0) == 0 ? std::string(kAnyGlobal) : token.value;
    } else {
      out += token.kind == TokenKind::word ? token.name : token.value;
    }
  }
  return out;
}

}  // namespace bdrmesh::lab
