// The clusters as a manager sees them that holds their tokens: every change is preceded by a look
// at the cluster's token row, and leaves within a lease of that look or not at all. So a process
// that was suspended while another one took over changes nothing when it wakes up (design §2 rule
// 10). What is left open: the instructions between the last look at the clock and the sending.
// Reading needs no token; a row that shows a newer start is taken note of. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "gate/token_keeper.h"

namespace bdrmesh {

class GuardedWorld final : public World {
 public:
  /// `tokens` must have been made on `inner`: its own writes are conditional by themselves.
  GuardedWorld(World& inner, TokenKeeper& tokens, const Clock& clock);
  ~GuardedWorld() override;

  TidbCluster& tidb(const ClusterName& cluster) override;
  TicdcClient& ticdc(const ClusterName& cluster) override;
  PdClient& pd(const ClusterName& cluster) override { return inner_.pd(cluster); }
  BackupClient& backup(const ClusterName& cluster) override;
  UserKeeper& users(const ClusterName& cluster) override;
  ReadPoint& read_point(const ClusterName& cluster) override;
  Secret sink_uri(const Link& link) override { return inner_.sink_uri(link); }
  Secret sink_password(const Link& link) override { return inner_.sink_password(link); }
  std::unique_ptr<TableReader> table_reader(const ClusterName& cluster, std::optional<Tso> at,
                                            std::size_t nth) override {
    return inner_.table_reader(cluster, at, nth);
  }

 private:
  struct Ports;
  Ports& ports(const ClusterName& cluster);

  World& inner_;
  TokenKeeper& tokens_;
  const Clock& clock_;
  std::mutex mutex_;  ///< guards ports_
  std::map<ClusterName, std::unique_ptr<Ports>> ports_;
};

}  // namespace bdrmesh
