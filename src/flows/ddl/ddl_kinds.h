// The kind `ddl.run`: from a request to a plan.
#pragma once

#include "flows/kinds.h"

namespace bdrmesh::flows {

/// {group, script, schema?, max_pause_ms?, txn_wait_ms?, kill?, strategy?, undo?, confirm? (names
/// of protected objects), without_member?}. The outlook's `names_to_type` are protected names that
/// `confirm` lacks: whoever starts the operation refuses it then. Blocks.
/// @throws Error precondition `DDL_OF_A_PAIR`; `MEMBER_ANSWERS` for a member that is not dead; as
/// `classify_for_group`, `with_strategies`, `plan_ddl`.
PlannedOperation ddl_run(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
