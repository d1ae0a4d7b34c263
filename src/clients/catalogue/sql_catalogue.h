// Every SQL text that the product sends, and nothing else sends SQL: so what the lab must
// understand, and what a user must be granted, can be read here. Values are quoted for the pinned
// sql_mode (no NO_BACKSLASH_ESCAPES, no ANSI_QUOTES). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/tidb_cluster.h"
#include "model/names.h"
#include "model/role.h"

namespace bdrmesh::sql_text {

// --- quoting
/// `'text'`, with quotes, backslashes and control characters escaped.
std::string quote(std::string_view text);
/// `` `name` ``.
std::string quote_name(std::string_view name);
std::string quote_name(const TableName& table);
/// `'%text%'` for LIKE: `%`, `_` and `\` of the text stand for themselves.
std::string containing(std::string_view text);

// --- session
/// Pins what changes the meaning of texts between clusters (measured §1 A21: SHOW CREATE TABLE
/// depends on both).
inline constexpr std::string_view kPinSession =
    "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'";
/// A secondary may be told to show the past to whoever logs in, and any cluster to cut long
/// questions off: not ours (tidb-sql §6, §7).
inline constexpr std::string_view kPinToNow =
    "SET SESSION max_execution_time = 0, tidb_enable_external_ts_read = OFF";
inline constexpr std::string_view kConnectionId = "SELECT CONNECTION_ID() AS value";
inline constexpr std::string_view kShowWarnings = "SHOW WARNINGS";  // tidb-sql §2.7
inline constexpr std::string_view kShowCipher =
    "SHOW STATUS LIKE 'Ssl_cipher'";  // lab-probe §2.2, 1
inline constexpr std::string_view kBegin = "BEGIN";
inline constexpr std::string_view kCommit = "COMMIT";
inline constexpr std::string_view kRollback = "ROLLBACK";

// --- servers (tidb-sql §8)
inline constexpr std::string_view kTidbServers =
    "SELECT TYPE, INSTANCE, STATUS_ADDRESS, VERSION FROM information_schema.cluster_info WHERE "
    "TYPE = 'tidb'";
inline constexpr std::string_view kTidbVersion = "SELECT TIDB_VERSION() AS value";
inline constexpr std::string_view kClusterId =
    "SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME = 'cluster_id'";
/// Where does the session with this id live? INSTANCE is a status address (measured §1 B, §2.7).
std::string session_on(std::uint64_t connection_id);
std::string session_on(const std::string& status_address, std::uint64_t connection_id);

// --- users (tidb-sql §9, measured §1 A9)
inline constexpr std::string_view kOwnGrants = "SHOW GRANTS";
/// `user` or `user@host`; the host defaults to `%`.
std::string grants_of(const std::string& user);
inline constexpr std::string_view kReadOnlyExempt =
    "SELECT DISTINCT USER FROM mysql.global_grants WHERE PRIV = 'RESTRICTED_REPLICA_WRITER_ADMIN'";

// --- settings (tidb-sql §1.1, §2.2)
/// @throws Error bug when `name` is no variable name.
std::string global_variable(const std::string& name);
std::string set_source_id(int id);
std::string set_super_read_only(bool on);
std::string set_gc_life_time(const std::string& duration);

// --- roles (tidb-sql §1.2, measured §1 A2)
inline constexpr std::string_view kShowBdrRole = "ADMIN SHOW BDR ROLE";
std::string_view set_bdr_role(BdrRole role);

// --- gate (tidb-sql §2.7, measured §1 A3, A4)
/// A canary must touch a table, or servers may not list it.
inline constexpr std::string_view kCanary = "SELECT manager FROM bdrmesh_local.owner WHERE id = 1";
inline constexpr std::string_view kTransactions =
    "SELECT INSTANCE, ID, START_TIME, CURRENT_SQL_DIGEST_TEXT, STATE, MEM_BUFFER_KEYS, SESSION_ID, "
    "USER, RELATED_TABLE_IDS "
    "FROM information_schema.CLUSTER_TIDB_TRX";
/// Sent to the session's own server, so that it works without global kill too (tidb-sql §2.5).
std::string kill_session(std::uint64_t session_id);

// --- TSO (tidb-sql §2.7 step 5, §3)
inline constexpr std::string_view kFreshTsoPins[] = {
    "SET SESSION tidb_low_resolution_tso = OFF",
    "SET SESSION tidb_snapshot = ''",
    "SET SESSION tidb_read_staleness = 0",
    "SET SESSION tidb_enable_external_ts_read = OFF",
};
inline constexpr std::string_view kCurrentTso = "SELECT TIDB_CURRENT_TSO() AS value";
inline constexpr std::string_view kTransactionStart = "SELECT @@tidb_current_ts AS value";
inline constexpr std::string_view kLastTransaction =
    "SELECT @@tidb_last_txn_info AS value";  // §3.1

// --- DDL (tidb-sql §4.1, §4.2; measured §1 A1, A17)
inline constexpr std::string_view kShowDdlJobs = "ADMIN SHOW DDL JOBS 100";
inline constexpr std::string_view kShowDdlJobQueries = "ADMIN SHOW DDL JOB QUERIES LIMIT 100";
/// Never filtered by STATE: newer servers would not look into the history (§4.1).
std::string ddl_jobs_with(const std::string& tag);
std::string cancel_ddl_job(std::int64_t id);
std::string set_names(const std::string& charset);
std::string set_sql_mode(const std::string& sql_mode);
std::string set_time_zone(const std::string& time_zone);
std::string use_schema(const std::string& schema);

// --- schema (tidb-sql §4.3)
inline constexpr std::string_view kTables =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables WHERE TABLE_TYPE = 'BASE "
    "TABLE' AND LOWER(TABLE_SCHEMA) NOT IN "
    "('mysql', 'sys', 'information_schema', 'performance_schema', 'metrics_schema', "
    "'inspection_schema', 'tidb_cdc', 'lightning_task_info', 'workload_schema', 'dm_heartbeat') "
    "ORDER BY TABLE_SCHEMA, TABLE_NAME";
inline constexpr std::string_view kViewsAndSequences =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables WHERE TABLE_TYPE IN ('VIEW', "
    "'SEQUENCE') AND LOWER(TABLE_SCHEMA) NOT IN "
    "('mysql', 'sys', 'information_schema', 'performance_schema', 'metrics_schema', "
    "'inspection_schema', 'tidb_cdc', 'lightning_task_info', 'workload_schema', 'dm_heartbeat') "
    "ORDER BY TABLE_SCHEMA, TABLE_NAME";
std::string table_id(const TableName& table);
/// Costs the server a walk through all its tables: for names that are not found as they are
/// written.
std::string table_id_of_any_case(const TableName& table);
std::string table_exists(const TableName& table);
std::string schema_exists(const std::string& schema);
std::string show_create_table(const TableName& table);
std::string create_schema(const std::string& schema);
std::string drop_schema(const std::string& schema);
std::string copy_empty_table(const TableName& table, const TableName& copy);

// --- token row (design §1, rules 9 and 10; LONGTEXT, as the text of a JSON column differs between
// engines)
inline constexpr std::string_view kCreateToken =
    "CREATE TABLE IF NOT EXISTS bdrmesh_local.owner (id TINYINT NOT NULL, manager VARCHAR(64) NOT "
    "NULL, epoch BIGINT UNSIGNED NOT "
    "NULL, revision BIGINT UNSIGNED NOT NULL, gates LONGTEXT NOT NULL, remembered LONGTEXT NOT "
    "NULL, updated_at DATETIME(6) NOT NULL, "
    "PRIMARY KEY (id))";
inline constexpr std::string_view kReadToken =
    "SELECT manager, epoch, gates, remembered, updated_at FROM bdrmesh_local.owner WHERE id = 1";
/// Fails with 1062 when a row stands there.
std::string insert_token(const TokenRow& row);
/// `revision` grows, so that a row that matched always counts as changed.
std::string update_token(const TokenRow& expected, const TokenRow& row);

// --- marker (tidb-sql §3.1, §3.3; measured §1 A16: an upsert that changes nothing has no
// commit-ts)
inline constexpr std::string_view kCreateMarker =
    "CREATE TABLE IF NOT EXISTS bdrmesh.marker (run_id VARCHAR(64) NOT NULL, origin VARCHAR(64) "
    "NOT NULL, nonce VARCHAR(64) NOT NULL, "
    "written_at DATETIME(6) NOT NULL, PRIMARY KEY (run_id, origin))";
std::string upsert_marker(const std::string& run, const ClusterName& origin,
                          const std::string& nonce);
std::string delete_marker(const std::string& run, const ClusterName& origin);
std::string read_marker(const std::string& run, const ClusterName& origin);

}  // namespace bdrmesh::sql_text
