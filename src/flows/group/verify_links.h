// Proves every link of a group now: a marker from every member to every other, at once.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// No gate, no change but the markers. A link that does not pass within `patience` ends as unproven
/// in the result.
/// @throws Error precondition `NOT_MANAGED`.
Plan plan_verify_links(const GroupSnapshot& snapshot, Millis patience);

/// Opens the gate that `operation` closed on `cluster`; a plan of one step. Pure.
Plan plan_open_gate(const ClusterName& cluster, const std::string& operation);

}  // namespace bdrmesh::flows
