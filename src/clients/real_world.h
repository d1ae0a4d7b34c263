// The real clusters of a configuration: one client of each kind per cluster. Connects to nobody by
// itself. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "base/clock.h"
#include "clients/world.h"
#include "model/desired.h"

namespace bdrmesh {

/// Reads a secret from where the configuration says; throws Error precondition `SECRET_UNREADABLE`.
/// Must be thread-safe.
using SecretReader = std::function<Secret(const SecretSource&)>;

class RealWorld final : public World {
 public:
  /// `clock` must outlive the world.
  RealWorld(const Desired& desired, SecretReader read_secret, const Clock& clock);
  ~RealWorld() override;

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

 private:
  struct Clients;
  Clients& clients(const ClusterName& cluster);

  SecretReader read_secret_;
  std::map<ClusterName, std::unique_ptr<Clients>> clusters_;
};

}  // namespace bdrmesh
