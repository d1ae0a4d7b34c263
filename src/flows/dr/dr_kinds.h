// The operations on a pair as a user asks for them; `dr.bootstrap` has a file of its own. Each
// looks at the pair now. Blocks.
#pragma once

#include "flows/kinds.h"

namespace bdrmesh::flows {

/// `dr.switchover` {group, to?, kill?, max_pause_ms?, txn_wait_ms?, keep_ttl?}. `to`: the cluster
/// that is to be the primary; it must be the secondary of now.
/// @throws Error precondition `SWITCHOVER_UNHEALTHY` with what a failover would lose,
/// `ALREADY_PRIMARY`.
PlannedOperation dr_switchover(const FlowPorts& ports, const Json& args, const Call& call);
/// `dr.failover` {group, primary, fenced_because?, changefeed?, without_redo?}.
PlannedOperation dr_failover(const FlowPorts& ports, const Json& args, const Call& call);
/// `dr.reads` {group, on}. @throws Error precondition `READS_UNSAFE`.
PlannedOperation dr_reads(const FlowPorts& ports, const Json& args, const Call& call);
/// `dr.rebuild` {group, cluster}: the repaired old primary is fenced, and its feeds of before are
/// taken away, so that `dr.bootstrap` may fill it from the primary of now.
PlannedOperation dr_rebuild(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
