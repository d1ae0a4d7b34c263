// A tiny TiDB/TiCDC for tests of flows: n clusters in memory behind the ports of clients/. It
// imitates the traps that the facts name (late gates, newborn feeds, markers that come with the
// checkpoint, 8263) and keeps a diary of changes. Thread-safe: one mutex guards all clusters. Time
// comes from the clock that the test gives.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/world.h"
#include "fakes/fake_state.h"
#include "model/desired.h"

namespace bdrmesh::fakes {

class FakeWorld final : public World {
 public:
  /// Clusters named `names`, source ids 1.., two tidb-servers each, user grants complete, one table
  /// app.orders.
  FakeWorld(const Clock& clock, const std::vector<std::string>& names);
  ~FakeWorld() override;

  TidbCluster& tidb(const ClusterName& cluster) override;
  TicdcClient& ticdc(const ClusterName& cluster) override;
  PdClient& pd(const ClusterName& cluster) override;
  BackupClient& backup(const ClusterName& cluster) override;
  UserKeeper& users(const ClusterName& cluster) override;
  ReadPoint& read_point(const ClusterName& cluster) override;
  Secret sink_uri(const Link& link) override;
  Secret sink_password(const Link& link) override;
  std::unique_ptr<TableReader> table_reader(const ClusterName& cluster, std::optional<Tso> at,
                                            std::size_t nth) override;

  /// The configuration that describes these clusters, with one multi-active group of all of them.
  Desired desired(const std::string& group = "orders") const;
  /// Feeds of every link, as a group.apply would have left them; bdr-mode, incarnation 1, normal
  /// and past their birth.
  void build_mesh(const std::string& group = "orders");
  /// The first one PRIMARY, the others SECONDARY.
  void set_roles(const std::string& primary);

  /// Runs `change` on a cluster's state under the mutex: how tests script the world.
  void with(const std::string& cluster, const std::function<void(ClusterState&)>& change);
  /// As `with`, for reading: returns what `read` returns.
  template <class Read>
  auto look(const std::string& cluster, const Read& read) const {
    const std::lock_guard lock(mutex_);
    return read(state(cluster));
  }
  void with_feed(const std::string& cluster, const std::string& feed,
                 const std::function<void(FeedState&)>& change);
  void open_transaction(const std::string& cluster, const OpenTransaction& row,
                        int looks_until_gone);

  /// An application writes one row through a server. @return false when that server is read-only.
  bool try_write(const std::string& cluster, std::size_t server);

  /// How often that statement (comments and white space aside) took effect there.
  int times_applied(const std::string& cluster, const std::string& statement) const;
  bool all_gates_open() const;
  /// The folders that hold a whole backup.
  std::vector<std::string> stored_backups() const;
  std::vector<std::string> closed_gates() const;
  /// Gates noted in token rows.
  std::vector<std::string> announced_gates() const;
  std::string role(const std::string& cluster) const;
  std::vector<Act> diary() const;
  std::string diary_text() const;
  void clear_diary();
  /// What must never happen: a DDL outside of roles while applications can write or rows are under
  /// way, a pause of a newborn feed, a gate closed without a note on the token row.
  std::vector<std::string> hazards() const;
  std::vector<std::string> clusters() const { return names_; }

 private:
  friend class FakeTidb;
  friend class FakeTicdc;
  friend class FakePd;
  friend class FakeBackup;
  friend class FakeUsers;
  friend class FakeReadPoint;
  friend class FakeTableReader;
  struct Ports;

  ClusterState& state(const std::string& name);
  const ClusterState& state(const std::string& name) const;
  Tso next_tso(ClusterState& cluster);
  void note(const std::string& cluster, const std::string& what, const std::string& detail);
  void hazard(const std::string& text) { hazards_.push_back(text); }
  /// Writers kept out and every feed past the last commit: what a change outside of roles needs.
  void judge_unreplicated_ddl(const ClusterState& cluster, const std::string& sql);
  void flow(ClusterState& origin, FeedState& feed);
  /// A feed runs a DDL of its origin on the target.
  void arrive(ClusterState& target, const ReplicatedDdl& ddl);
  const Ports& ports(const ClusterName& cluster) const;

  const Clock& clock_;
  std::vector<std::string> names_;
  mutable std::mutex mutex_;  ///< guards everything below
  std::map<std::string, ClusterState> clusters_;
  std::map<std::string, StoredBackup> storage_;  ///< by folder
  std::vector<Act> diary_;
  std::vector<std::string> hazards_;
  std::map<std::string, std::unique_ptr<Ports>> ports_;  ///< made once; not guarded
};

}  // namespace bdrmesh::fakes
