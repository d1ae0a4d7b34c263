// Who would be in the way of a pause, for people: shown by dry runs, waited for or killed by the
// operation itself.
#pragma once

#include <vector>

#include "flows/ports.h"

namespace bdrmesh::flows {

/// {cluster, user, host, statement, age, session} of each open transaction that the pause would
/// wait for; those on `tables` count even when they are idle. Blocks.
/// @throws Error precondition `TRANSACTIONS_UNKNOWN` when not every tidb-server answers.
Json blockers_of(const FlowPorts& ports, const std::vector<ClusterName>& clusters,
                 const std::vector<TableName>& tables, const Call& call);

}  // namespace bdrmesh::flows
