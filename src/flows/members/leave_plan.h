// A member goes in good order: `cluster leave CLUSTER --group G`. Pure.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct LeaveOptions {
  bool keep_serving = false;  ///< applications may write there again, alone; else its gate stays
  bool kill = false;          ///< transactions in the way
  Millis max_pause{30000};    ///< of the leaver only: the others are not paused
};

/// Closes the leaver's gate, drains what starts there, stops all of its feeds and confirms it,
/// notes the end of the membership on every token row, and removes the feeds behind the line. The
/// others have no gate closed and no feed of theirs touched.
/// @throws Error precondition `NOT_A_MEMBER`, `NOT_MANAGED`, `TWO_MEMBERS`, `IS_DDL_PRIMARY`,
/// `LINK_MISSING`.
Plan plan_leave(const GroupSnapshot& snapshot, const GroupSpec& configured,
                const ClusterName& leaver, const LeaveOptions& options);

/// @throws Error precondition `NOT_A_MEMBER`, naming the members, or that it has left already.
const ClusterSnapshot& member_of(const GroupSnapshot& snapshot, const ClusterName& cluster);

/// The role of the gate that stands closed on that row for an evacuation from `group`, if one does.
std::optional<std::string> evacuated_as(const ClusterSnapshot& seen, const GroupName& group);

}  // namespace bdrmesh::flows
