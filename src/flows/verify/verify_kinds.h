// The kinds `verify.rows` and `verify.schema`: from a request to a plan.
#pragma once

#include "flows/kinds.h"
#include "flows/snapshot.h"
#include "flows/verify/rows_plan.h"

namespace bdrmesh::flows {

/// The base tables of any member that the group's rules match, and `wanted` rules if any are given;
/// markers and tokens are not among them. Blocks.
std::vector<TableName> tables_of_group(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                       const std::vector<std::string>& wanted, const Call& call);

/// {group, mode? (live, snapshot, syncpoint), tables?, max_pause_ms?, kill?, hold_history_ms?,
/// readers?, rows_per_second?, max_load?, patience_ms?}
PlannedOperation plan_rows_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                   const Json& args, const Call& call);
/// What the arguments of a request for rows say. @throws Error invalid `BAD_ARGUMENT`.
VerifyRowsOptions rows_options_from(const Json& args);

/// {group, tables?}
PlannedOperation plan_schema_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                     const Json& args, const Call& call);

}  // namespace bdrmesh::flows
