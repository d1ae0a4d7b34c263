// The planned change of roles of a pair (design §5, "Primary and secondary"): loses nothing, and is
// refused where it could. Pure.
#pragma once

#include <vector>

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct SwitchoverOptions {
  Millis max_pause{30000};  ///< from the first refused write until the new primary is opened
  Millis max_lag{10000};    ///< the link may lag so much when it begins
  Millis grace{500};        ///< before a transaction in the way is killed
  bool kill = false;
  bool ttl = true;  ///< TTL jobs move along
};

/// The link of a pair as it stands, which must have a feed that the book knows.
/// @throws Error precondition `NOT_A_PAIR`, `NOT_BOOTSTRAPPED`.
const LinkSnapshot& require_pair_link(const GroupSnapshot& snapshot);
/// The way back, as it is to be made: with the next incarnation.
LinkSnapshot reverse_link(const GroupSnapshot& snapshot, const LinkSnapshot& link);
/// Stage `who is the primary`: the token row of `cluster` tells what the newest note of the pair
/// says, so that it is known when the other one is lost. No stage for a pair that nobody turned.
void note_primary_on(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& cluster);

/// @param tables  those of the group on the primary, whose definitions must be the same
/// @throws also Error precondition `NOT_MANAGED`.
Plan plan_switchover(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                     const SwitchoverOptions& options);

}  // namespace bdrmesh::flows
