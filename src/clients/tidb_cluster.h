// One TiDB cluster as the product sees it over SQL: one method per remote question or change, no
// policy, no retry. Methods block until `call.deadline` at most and throw Error: transient
// (unreachable, busy), ambiguous (sent, answer lost), precondition (missing privilege
// `TIDB_PRIVILEGE`, read-only `TIDB_READ_ONLY`, role `TIDB_BDR_ROLE`), invalid (`TIDB_SQL`).
// Thread-safe. Without a server argument, the first tidb-server that answers is asked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/json.h"
#include "clients/table_reader.h"
#include "model/names.h"
#include "model/role.h"
#include "model/tso.h"
#include "model/version.h"

namespace bdrmesh {

struct TidbServerInfo {
  ServerAddress address;       ///< SQL host:port, as reachable by us
  std::string status_address;  ///< INSTANCE of the CLUSTER_ tables
  std::string version;         ///< as printed
};

struct OpenTransaction {
  std::string instance;  ///< status address of its server
  Tso start_ts;
  std::uint64_t session_id = 0;
  std::string user;
  std::string state;  ///< Idle, Running, LockWaiting, Committing, RollingBack
  std::uint64_t mem_buffer_keys = 0;
  std::vector<std::int64_t> related_tables;
  std::string statement;  ///< digest text, without values
  std::string started;    ///< as the server prints it
};

/// One look at CLUSTER_TIDB_TRX. Complete only if no warning came and every instance with a canary
/// of ours was seen (tidb-sql §2.7, measured §1 A4).
struct TransactionLook {
  std::vector<OpenTransaction> rows;     ///< without our own sessions
  std::set<std::string> instances_seen;  ///< instances on which our canary was seen
  std::vector<std::string> warnings;
};

struct DdlJob {
  std::int64_t id = 0;
  std::string schema;
  std::string table;
  std::string type;
  std::string schema_state;
  std::string state;  ///< queueing, running, done, synced, rollback done, cancelled, …
  std::string query;  ///< may be empty when only ADMIN SHOW DDL JOBS was asked
  bool final_success() const { return state == "synced"; }
  bool final_failure() const { return state == "rollback done" || state == "cancelled"; }
  bool ended() const { return final_success() || final_failure(); }
};

/// How a DDL session is pinned, so that the same text means the same everywhere.
struct DdlSession {
  std::string schema;    ///< USE; empty: none
  std::string sql_mode;  ///< empty: the server's
  std::string charset = "utf8mb4";
  std::string time_zone = "+00:00";
};

struct SentDdl {
  ServerAddress server;
  std::uint64_t connection_id = 0;
};

struct WrittenMarker {
  std::string nonce;
  Tso start_ts;
  Tso commit_ts;
};

/// The token row of the cluster (design §1, rules 9, 10): free JSON in one row, guarded by owner
/// and epoch.
struct TokenRow {
  std::string manager;  ///< id of the manager that holds the cluster; empty: nobody
  std::uint64_t epoch = 0;
  Json gates =
      Json::array();  ///< closed gates: operation, reason, since, deadline, line crossed, undo
  Json remembered = Json::object();  ///< settings as they were before us
  std::string updated_at;
};

struct ColumnNote {
  std::string name;
  std::string type;
};

class TidbCluster {
 public:
  virtual ~TidbCluster() = default;

  // --- servers and settings
  /// The tidb-servers of the configuration joined with information_schema.cluster_info; needs
  /// PROCESS.
  virtual std::vector<TidbServerInfo> servers(const Call& call) = 0;
  /// `Release Version` of that server (tidb-sql §8). @throws Error precondition `NOT_TIDB`.
  virtual std::string release_version(const ServerAddress& server, const Call& call) = 0;
  /// SHOW GRANTS of our own user, a line each.
  virtual std::vector<std::string> own_grants(const Call& call) = 0;
  /// @return std::nullopt when the user does not exist or may not be looked at.
  virtual std::optional<std::vector<std::string>> grants_of(const std::string& user,
                                                            const Call& call) = 0;
  /// Users that hold RESTRICTED_REPLICA_WRITER_ADMIN by name.
  virtual std::vector<std::string> read_only_exempt_users(const Call& call) = 0;
  /// From mysql.tidb; std::nullopt where the version has no such row.
  virtual std::optional<std::uint64_t> cluster_id(const Call& call) = 0;
  virtual int source_id(const Call& call) = 0;
  virtual void set_source_id(int id, const Call& call) = 0;
  virtual std::string global_variable(const std::string& name, const Call& call) = 0;

  /// GC life time as a Go duration ("24h0m0s"); TiDB clamps below 10 min (tidb-sql §5.3).
  virtual void set_gc_life_time(const std::string& duration, const Call& call) = 0;

  // --- roles (autocommit, read back on another connection by the caller)
  /// @return std::nullopt for a word we do not know.
  virtual std::optional<BdrRole> bdr_role(const Call& call) = 0;
  virtual void set_bdr_role(BdrRole role, const Call& call) = 0;

  // --- gate
  virtual bool super_read_only(const ServerAddress& server, const Call& call) = 0;
  virtual void set_super_read_only(bool on, const Call& call) = 0;
  virtual TransactionLook look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                               const Call& call) = 0;
  virtual void kill_session(const ServerAddress& server, std::uint64_t session_id,
                            const Call& call) = 0;
  /// A TSO above every commit that returned before the call (tidb-sql §2.7 step 5).
  virtual Tso current_tso(const Call& call) = 0;

  // --- DDL
  /// ADMIN SHOW DDL JOBS: queued and running ones, and the newest of history; rows of sub-jobs left
  /// out.
  virtual std::vector<DdlJob> ddl_jobs(const Call& call) = 0;
  /// The newest job whose statement contains `tag`, with its query.
  virtual std::optional<DdlJob> find_ddl_job(const std::string& tag, const Call& call) = 0;
  /// Runs one DDL and blocks until it ended. `sent` is called with server and connection before the
  /// statement leaves.
  /// @throws Error invalid `DDL_REFUSED` with server code and text when the server refused or
  /// rolled back; ambiguous when the answer was lost.
  virtual void run_ddl(const std::string& sql, const DdlSession& session,
                       const std::function<void(const SentDdl&)>& sent, const Call& call) = 0;
  /// Is that session still there? false also when the server itself is gone from cluster_info.
  virtual bool session_exists(const ServerAddress& server, std::uint64_t connection_id,
                              const Call& call) = 0;
  virtual void cancel_ddl_job(std::int64_t id, const Call& call) = 0;

  // --- schema
  virtual std::vector<TableName> tables(
      const Call& call) = 0;  ///< base tables of all non-system schemas
  virtual std::vector<TableName> views_and_sequences(
      const Call& call) = 0;  ///< of the same schemas
  virtual std::optional<std::int64_t> table_id(const TableName& table, const Call& call) = 0;
  /// SHOW CREATE TABLE, also of a view or a sequence; std::nullopt when there is no such thing.
  virtual std::optional<std::string> create_statement(const TableName& table, const Call& call) = 0;

  // --- repair
  /// Writes the rows in one transaction, on a connection of its own, marked with `write_source` so
  /// that no bdr-mode feed carries them on. Each row is locked and compared first.
  /// @return an outcome per row. @throws also Error ambiguous when the answer to COMMIT was lost.
  virtual std::vector<PatchOutcome> repair_rows(const TableRead& read,
                                                const std::vector<RowPatch>& rows, int write_source,
                                                const Call& call) = 0;

  // --- our own rows
  virtual void make_token_schema(const Call& call) = 0;
  virtual std::optional<TokenRow> token(const Call& call) = 0;
  /// Writes the row if it is absent (`expected` empty) or still held by `expected`'s manager and
  /// epoch.
  /// @return false when somebody else's row stands there.
  virtual bool replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                             const Call& call) = 0;
  virtual void make_marker_schema(const Call& call) = 0;
  /// Upserts the marker of (run, origin) and reads its commit-ts, accepted only with our start_ts
  /// (tidb-sql §3.1).
  virtual WrittenMarker write_marker(const std::string& run, const ClusterName& origin,
                                     const std::string& nonce, const Call& call) = 0;
  virtual std::optional<std::string> marker_nonce(const std::string& run, const ClusterName& origin,
                                                  const Call& call) = 0;
  /// Creates `rehearsal` as an empty copy of `table` in a schema of its own; drops that schema at
  /// the end.
  virtual void copy_empty_table(const TableName& table, const TableName& copy,
                                const Call& call) = 0;
  /// A schema of ours, or an empty one. @throws Error bug `NOT_OURS`.
  virtual void drop_schema(const std::string& schema, const Call& call) = 0;
};

}  // namespace bdrmesh
