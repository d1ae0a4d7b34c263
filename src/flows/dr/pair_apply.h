// What `group apply` does for a pair: settings, the gate that stands on the secondary, the feed as
// wanted. The data comes by `dr bootstrap`. Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// @throws Error precondition `NOT_BOOTSTRAPPED` naming that command while there is no feed.
Plan plan_pair_apply(const Desired& desired, const GroupSnapshot& snapshot);

/// Whether the gate stands closed on the secondary, as a row of `group plan`. Pure.
Change standing_gate_change(const GroupSnapshot& snapshot);

}  // namespace bdrmesh::flows
