// A member is dead, or must be treated so: `cluster evict CLUSTER --group G --confirm CLUSTER`.
// Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct EvictOptions {
  std::string confirm;  ///< the cluster's name, typed
  std::string because;  ///< it answers, and is evicted nevertheless; empty: refused then
  bool compare = true;  ///< the survivors' rows
  std::vector<TableName> tables{};  ///< the group's
};

/// Shuts its users out at the survivors, states what may be lost, writes what its redo log holds,
/// removes the feeds towards it (the line), compares the survivors. Nothing of it is asked but
/// whether it lives.
/// @param survivors  the other members, and the links from them to it and to each other
/// @throws Error precondition `NOT_A_MEMBER`, `NOT_CONFIRMED`, `NOT_MANAGED`.
Plan plan_evict(const Desired& desired, const GroupSnapshot& survivors, const ClusterName& lost,
                const EvictOptions& options);

}  // namespace bdrmesh::flows
