// The kinds of operations that a user can start: from a request's arguments to a plan, through a
// snapshot taken now.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/ports.h"

namespace bdrmesh::flows {

struct PlannedOperation {
  Plan plan;
  /// What a dry run shows besides the plan: expected_pause_ms, blockers, classification.
  Json outlook = Json::object();
  /// What the plan rests on, flat: {"east.role":"primary"}; see flows/seen.h.
  Json seen = Json::object();
};

/// The kinds stand in kinds.cc, their arguments in flows/kind_args.cc. Blocks while the clusters
/// are asked.
/// @throws Error invalid `UNKNOWN_KIND` listing the kinds, `BAD_ARGUMENT` listing the arguments;
/// whatever the planners refuse.
PlannedOperation plan_operation(const FlowPorts& ports, const std::string& kind, const Json& args,
                                const Call& call);

}  // namespace bdrmesh::flows
