// What a person does to one cluster by hand: close and open its gate, take it into maintenance.
// From a request's arguments to a plan.
#pragma once

#include "flows/kinds.h"

namespace bdrmesh::flows {

/// `gate.close` {cluster, reason, for_ms}.
/// @throws Error invalid `BAD_ARGUMENT`, `UNKNOWN_CLUSTER`.
PlannedOperation gate_close(const FlowPorts& ports, const Json& args, const Call& call);
/// `maintenance.start` {cluster, reason, for_ms, upgrade?}.
/// @throws as above.
PlannedOperation maintenance_start(const FlowPorts& ports, const Json& args, const Call& call);
/// `maintenance.end` {cluster}. @throws also Error precondition `NO_MAINTENANCE`.
PlannedOperation maintenance_end(const FlowPorts& ports, const Json& args, const Call& call);

/// The note whose gate `gate.open` is to open: that of `wanted`, or of the first operation.
/// @throws Error precondition `GATE_STANDING` when the gate belongs to the cluster's role,
/// `GATE_NOT_OURS` when no note of an operation stands there.
std::string owner_to_open(const ClusterName& cluster, const std::optional<TokenRow>& row,
                          const std::string& wanted);

}  // namespace bdrmesh::flows
