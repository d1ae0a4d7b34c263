// A manager whose state is older than what stands on the clusters, or lost, takes them over: an
// epoch above all that are seen, on every row, with gates and remembered settings kept. Whether
// the former holder is gone is the caller's to know. Thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/token_keeper.h"

namespace bdrmesh {

struct HeldCluster {
  ClusterName cluster;
  TokenRow row;
};

/// Who holds what, of all clusters that could be asked.
struct HolderLook {
  std::vector<HeldCluster> held;
  std::vector<ClusterName> free;
  std::map<ClusterName, std::string> silent;  ///< and why

  /// The managers that hold a cluster, without repetition.
  std::vector<std::string> managers() const;
  std::uint64_t highest_epoch() const;
};

/// Asks every cluster. Blocks up to `patience` each; one cluster's silence is part of the answer.
HolderLook look_for_holders(World& world, const std::vector<ClusterName>& clusters,
                            const Clock& clock, Millis patience);

/// Afterwards the row names `identity`. Blocks. After the last of them the caller waits for
/// kTokenLease before anything is changed.
/// @throws Error conflict `TAKE_OVER_LOST` when the row has changed since it was looked at: its
/// holder lives.
void take_over(World& world, const HeldCluster& held, const ManagerIdentity& identity,
               const Call& call);

}  // namespace bdrmesh
