// The step types of every operation, by the names that stored plans use. Names are never reused for
// another meaning.
#pragma once

#include "engine/registry.h"
#include "flows/ports.h"

namespace bdrmesh::flows {

/// @param ports must outlive the registry and every step it makes
StepRegistry make_step_registry(const FlowPorts& ports);

}  // namespace bdrmesh::flows
