// The old primary after a failover: shut, and without its feed of before, it is ready to be filled
// from the primary of now. Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct RebuildView {
  GroupSnapshot snapshot;          ///< as it stands: primary of now first
  std::vector<LinkSnapshot> dead;  ///< feeds that still lead from the old primary to the new
  bool user_locked = false;        ///< the failover locked the account that they wrote as
};

/// @throws Error precondition `NOT_FAILED_OVER` when the pair is whole, `NOT_CONFIRMED`.
Plan plan_rebuild(const Desired& desired, const RebuildView& view, const std::string& typed);

/// Feeds of the pair's other direction. Blocks.
RebuildView look_for_rebuild(const FlowPorts& ports, const GroupName& group, const Call& call);

}  // namespace bdrmesh::flows
