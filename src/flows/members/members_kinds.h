// The kinds of operations on one member as a user asks for them: from args to a plan. Each looks
// at the group now. Blocks.
#pragma once

#include "flows/kinds.h"

namespace bdrmesh::flows {

/// {cluster, group?, keep_serving?, kill?, max_pause_ms?}
PlannedOperation cluster_leave(const FlowPorts& ports, const Json& args, const Call& call);
/// {cluster, group?, reason, kill?, max_pause_ms?}
PlannedOperation cluster_evacuate(const FlowPorts& ports, const Json& args, const Call& call);
/// {cluster, group?}
PlannedOperation cluster_return(const FlowPorts& ports, const Json& args, const Call& call);
/// {cluster, group?, confirm, although_alive_because?, compare?}
PlannedOperation cluster_evict(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
