// A group without a member that is dead: what the others tell, and what is known of the dead one
// without asking it. Reading blocks; the rest is pure.
#pragma once

#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// The other members, who must answer, and the links from them (also those towards `lost`).
/// @throws Error as `look_at_members`; precondition `NOT_A_MEMBER`, also for one that has left.
GroupSnapshot look_at_survivors(const FlowPorts& ports, const GroupName& name,
                                const ClusterName& lost, const Call& call);

/// The links that start at the lost one, from our book only: {from, to, changefeed, proven}.
Json links_of_lost(const GroupSnapshot& survivors, const ClusterName& lost);

/// The same without what leads to the lost one.
GroupSnapshot among_themselves(GroupSnapshot survivors, const ClusterName& lost);

}  // namespace bdrmesh::flows
