// The operations on one link as a user asks for them: {group, from, to}, and what a repair takes
// besides {replace?, lose_rows_of?}. Each looks at the group now. Blocks.
#pragma once

#include "flows/kinds.h"

namespace bdrmesh::flows {

PlannedOperation link_pause(const FlowPorts& ports, const Json& args, const Call& call);
PlannedOperation link_resume(const FlowPorts& ports, const Json& args, const Call& call);
PlannedOperation link_adopt(const FlowPorts& ports, const Json& args, const Call& call);
PlannedOperation link_repair(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
