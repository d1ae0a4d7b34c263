// A member of a mesh stops serving applications for a while and comes back; no feed is touched:
// `cluster evacuate CLUSTER [--back]`. Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct EvacuateOptions {
  std::string reason;
  bool kill = false;
  Millis max_pause{30000};  ///< until it stands closed; spent, it opens again
  Millis max_lag{10000};    ///< of the links that must be drained, when it begins
};

/// Closes the gate, proves that the others have everything that was written there, and lets it
/// stand closed, for as long as it takes.
/// @throws Error precondition `NOT_A_MEMBER`, `NOT_MANAGED`, `LINK_MISSING`, `EVACUATED_ALREADY`,
/// `LAST_WRITABLE`.
Plan plan_evacuate(const GroupSnapshot& snapshot, const ClusterName& member,
                   const EvacuateOptions& options);

/// Proves that it has what the others wrote meanwhile, then lets applications write again.
/// @throws Error precondition `NOT_A_MEMBER`, `NOT_EVACUATED`, `LINK_MISSING`.
Plan plan_return(const GroupSnapshot& snapshot, const ClusterName& member);

}  // namespace bdrmesh::flows
