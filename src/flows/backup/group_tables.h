// The tables that a group's rules take on one cluster: what is backed up, what must not be there.
#pragma once

#include <string>
#include <vector>

#include "clients/tidb_cluster.h"
#include "model/desired.h"

namespace bdrmesh::flows {

/// Never the marker schema nor the token schema. Blocks.
std::vector<TableName> group_tables(const GroupSpec& group, TidbCluster& tidb, const Call& call);

/// "app.orders, app.items and 3 more". Pure.
std::string listed(const std::vector<TableName>& tables);

}  // namespace bdrmesh::flows
