// Whether a person made a change on a cluster where the operation's own statement had failed.
// Judged by the tables' definitions, as no job tells it. Thread-safe.
#pragma once

#include <vector>

#include "base/json.h"
#include "flows/ports.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// What `tables` look like on `cluster` now, for `made_by_hand` later. Blocks.
/// @throws Error as TidbCluster::create_statement.
Json definitions_on(const FlowPorts& ports, const ClusterName& cluster,
                    const std::vector<TableName>& tables, const Call& call);

/// The definitions on `cluster` are not those of `left` any more, and equal to those on `changed`,
/// where the change took place. False for a change that no definition shows (TRUNCATE): it is to be
/// run again. Blocks.
/// @throws Error as TidbCluster::create_statement.
bool made_by_hand(const FlowPorts& ports, const ClusterName& cluster, const ClusterName& changed,
                  const std::vector<TableName>& tables, const Json& left, const Call& call);

}  // namespace bdrmesh::flows
