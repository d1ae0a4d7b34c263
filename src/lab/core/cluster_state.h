// Everything that the parts of one lab cluster share: clock, positions, jobs, variables, sessions,
// addresses, faults. Members are thread-safe by themselves; the scalars below have accessors under
// one mutex.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/secret.h"
#include "lab/core/commit_ledger.h"
#include "lab/core/ddl_jobs.h"
#include "lab/core/faults.h"
#include "lab/core/gc_worker.h"
#include "lab/core/global_variables.h"
#include "lab/core/profile.h"
#include "lab/core/service_safepoints.h"
#include "lab/core/sessions.h"
#include "lab/core/tso_oracle.h"

namespace bdrmesh::lab {

/// Where a cluster's MariaDB is. For the lab's own parts only: users come through the front ends.
struct EngineEndpoint {
  std::uint16_t port = 0;
  std::string socket_path;
  std::string
      admin_user;  ///< all rights, also REPLICATION SLAVE; over TCP on 127.0.0.1 and the socket
  Secret admin_password;
};

/// A tidb-server as cluster_info shows it.
struct FrontEndView {
  std::string address;         ///< 127.0.0.1:port of SQL
  std::string status_address;  ///< 127.0.0.1:port of the status API
  bool alive = false;
  bool suspended = false;
  MonoTime died;  ///< when not alive
  WallTime started;
};

/// A changefeed of a cluster's own TiCDC, as RESTORE looks at it in PD (tidb-sql §5.2).
struct FeedPosition {
  std::string cluster = "default";
  std::string space = "default";  ///< namespace or keyspace
  std::string id;
  std::string state;           ///< as TiCDC keeps it
  std::uint64_t position = 0;  ///< the later of checkpoint and start
};

/// A row of cluster_info that is no tidb-server.
struct ComponentView {
  std::string type;  ///< pd, tikv, ticdc
  std::string address;
  std::string status_address;
  std::string version;
  std::string git_hash;
  WallTime started;
};

class ClusterState {
 public:
  static constexpr std::size_t kServers = 2;

  ClusterState(const Clock& cluster_clock, std::string cluster_name,
               const Profile& imitated = find_profile(kDefaultProfile));

  const Clock& clock;
  const std::string name;
  const Profile profile;
  const std::uint64_t cluster_id;     ///< PD's, random, above 2^53
  const std::string server_version;   ///< `8.0.11-TiDB-v8.5.3`
  const std::string release_version;  ///< `v8.5.3`

  TsoOracle oracle;
  CommitLedger ledger;
  DdlJobs jobs;
  GlobalVariables variables;
  Sessions sessions;
  ServiceSafepoints safepoints;
  Faults faults;
  GcWorker gc;

  /// `tidb_source_id`, 1..15.
  int source_id() const;

  EngineEndpoint engine() const;
  void set_engine(EngineEndpoint endpoint);

  /// Sessions of this user may say only what the product's catalogue has (lab/parse). The user's
  /// name, without host.
  void hold_to_catalogue(const std::string& user);
  void release_from_catalogue(const std::string& user);
  bool is_held_to_catalogue(const std::string& user) const;

  std::string bdr_role() const;
  /// "primary", "secondary" or "". Also the way to change it behind everybody's back.
  void set_bdr_role(const std::string& role);

  FrontEndView front_end(std::size_t server) const;
  void set_front_end(std::size_t server, FrontEndView view);

  /// Rows of cluster_info beside the tidb-servers; `add` replaces one with the same type and
  /// address.
  std::vector<ComponentView> components() const;
  void add_component(ComponentView component);
  void remove_component(const std::string& type, const std::string& address);

  /// The changefeeds of the cluster's TiCDC; none until somebody says how to ask. The function is
  /// called on any thread.
  using FeedPositions = std::function<std::vector<FeedPosition>()>;
  void set_feed_positions(FeedPositions ask);
  std::vector<FeedPosition> feed_positions() const;

  /// Address of the PD API, without scheme.
  std::string pd_address() const;
  void set_pd_address(const std::string& address);

 private:
  mutable std::mutex mutex_;  // guards all below
  EngineEndpoint engine_;
  std::set<std::string> catalogue_users_;
  std::string bdr_role_;
  std::vector<FrontEndView> front_ends_;
  std::vector<ComponentView> components_;
  std::string pd_address_;
  FeedPositions feed_positions_;
};

}  // namespace bdrmesh::lab
