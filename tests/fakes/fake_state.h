// What the clusters of a FakeWorld hold, as plain values. Guarded as a whole by FakeWorld's mutex;
// the adapters (fake_tidb, fake_ticdc) are the only ones that change it while a test runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "clients/backup_client.h"
#include "clients/ticdc_client.h"
#include "clients/tidb_cluster.h"

namespace bdrmesh::fakes {

/// One tidb-server with its own view of the read-only switch, which follows the global value late.
struct ServerState {
  TidbServerInfo info;
  bool up = true;
  bool read_only = false;  ///< what this server acts on
  int late_looks = 0;      ///< looks at the switch that still show the old value after a change
  int looks_left = 0;
  std::optional<bool> coming;
  bool trx_blind = false;  ///< its transactions are missing from looks, canary included
};

struct TableState {
  std::int64_t id = 0;
  std::vector<ColumnNote> columns;
  std::vector<std::string> keys;  ///< lines such as "PRIMARY KEY (`id`)"
  std::string options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";
};

struct MarkerState {
  std::string nonce;
  Tso commit_ts;
  bool local = false;  ///< written here, not by a feed
};

struct ScriptedTransaction {
  OpenTransaction row;
  int looks_left = 0;  ///< negative: stays until killed
};

/// A DDL that is still running after its client lost the answer.
struct HeldDdl {
  SentDdl sent;
  std::int64_t job = 0;
  std::string sql;
  DdlSession session;
  int looks_left = 0;
};

/// A DDL of a PRIMARY on its way through the feeds.
struct ReplicatedDdl {
  Tso finished;
  std::string sql;
  DdlSession session;
};

/// A BACKUP or RESTORE, told by its server for as long as that server runs.
struct BackupState {
  BackupKind kind = BackupKind::backup;
  SentBackup sent;
  BackupOrder order;
  BackupTask task;
  int looks_left = 0;      ///< until it is done
  bool forgotten = false;  ///< its server does not show it any more; its session tells
  bool dead = false;       ///< its server shows it as running for ever; its session is gone
};

/// What a whole backup holds.
struct StoredBackup {
  Tso at;
  std::map<TableName, TableState> tables;
  std::map<TableName, std::map<std::string, std::string>> rows;
};

struct FeedState {
  FeedDetail detail;
  std::string password_uri;  ///< as given, with user and password
  std::string target;
  std::string sink_user;
  Tso target_position;  ///< what the next look will have reached
  bool frozen = false;
  int newborn_looks = 0;
  int old_config_looks = 0;  ///< reads after an update that still show the old configuration
  Json old_config;
};

/// An account beside those that the configuration's feeds and we use.
struct AccountState {
  bool locked = false;
  std::string password = "hidden";
  std::set<std::string> grants{};
  /// Logins that servers still let in after a lock: each learns it by itself.
  int late_logins = 0;
};

struct ClusterState {
  std::string name;
  std::uint64_t cluster_id = 0;
  std::uint64_t pd_cluster_id = 0;  ///< what PD says; differs only in tests of mix-ups
  int source_id = 1;
  Millis tso_ahead{0};
  Millis ticdc_tso_ahead{0};
  Tso last_tso;
  Tso last_app_commit;  ///< of the newest row that an application wrote here
  int rows_written = 0;
  std::vector<ServerState> servers;
  bool read_only = false;
  std::string role;
  std::map<std::string, std::string> variables{{"tidb_gc_life_time", "10m0s"}};
  std::map<TableName, std::map<std::string, std::string>> rows;  ///< texts by the text of the key
  /// What a search for rows that are not as a change wants them finds.
  std::map<TableName, std::pair<RowNeed::Kind, std::vector<RowValues>>> breaking_rows;
  bool searches_are_slow = false;
  std::set<std::string> schemas{"test"};
  std::map<TableName, TableState> tables;
  std::map<TableName, std::string> objects;  ///< views and sequences: what SHOW CREATE says
  std::int64_t next_table_id = 100;
  std::vector<DdlJob> jobs;
  std::int64_t next_job_id = 1000;
  std::uint64_t next_connection_id = 7000;
  std::vector<ScriptedTransaction> transactions;
  std::vector<std::string> transaction_warnings;
  std::optional<HeldDdl> held;
  std::optional<int>
      hold_next_for;  ///< the next DDL loses its client and needs so many looks to finish
  std::function<void(const std::string& sql, const DdlSession& session)> before_ddl;
  std::function<void(const std::string& sql, const DdlSession& session)>
      within_job;          ///< what it throws rolls the job back
  std::string no_job_for;  ///< a DDL with this text finds nothing to do and makes no job
  bool token_schema = false;
  std::optional<TokenRow> token;
  bool marker_schema = false;
  std::map<std::pair<std::string, std::string>, MarkerState> markers;  ///< by run and origin
  std::set<std::string> exempt_users;
  std::vector<BackupState> backups;
  int backup_looks = 0;         ///< looks that a BACKUP or RESTORE needs to end
  bool reaches_storage = true;  ///< else every BACKUP and RESTORE fails
  std::map<std::string, AccountState> accounts;
  std::map<std::string, std::vector<std::uint64_t>> sessions;  ///< by user, on the first server
  bool syncpoints = true;  ///< feeds that write here leave pairs of positions
  std::map<std::string, std::pair<Tso, Tso>> synced;
  Tso external_ts{};
  bool we_are_exempt = true;
  std::vector<std::string> own_grants;
  std::map<std::string, std::vector<std::string>> grants;
  std::string sink_address;
  bool pd_up = true;
  bool ticdc_up = true;
  std::string ticdc_version = "v8.5.1";
  TicdcTraits ticdc_traits{Millis{86'400'000}, false};
  std::map<std::string, FeedState> feeds;
  std::vector<ReplicatedDdl> replicated;
  std::vector<std::string> applied_statements;  ///< normalized, by run_ddl or by a feed

  bool reachable() const {
    return std::ranges::any_of(servers, [](const ServerState& server) { return server.up; });
  }
  /// A locked account without sessions writes nothing any more.
  bool shuts_out(const std::string& user) const {
    const auto account = accounts.find(user);
    const auto open = sessions.find(user);
    return account != accounts.end() && account->second.locked &&
           (open == sessions.end() || open->second.empty());
  }
};

/// One change that somebody made, in the order in which it took effect.
struct Act {
  std::string cluster;
  std::string what;  ///< "run_ddl", "set_super_read_only", "pause"
  std::string detail;
};

}  // namespace bdrmesh::fakes
