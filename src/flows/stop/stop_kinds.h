// The kinds `group.stop` and `group.start`: from a request to a plan.
#pragma once

#include "flows/kinds.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// {group, open (names, or "all" or "none"), keep_feeds_paused?, accept_unproven?, kill?,
/// max_pause_ms?, txn_wait_ms?, hold_history_ms?, readers?, rows_per_second?, patience_ms?}.
/// Blocks.
PlannedOperation plan_stop_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                   const Json& args, const Call& call);
/// {group}
PlannedOperation plan_start_request(const FlowPorts& ports, const GroupSnapshot& snapshot);

}  // namespace bdrmesh::flows
