// Small tables of ours beside the token row: rehearsal copies. Under a BDR role a server neither
// makes nor drops them (8263), so no operation must need that to end. Functions only.
#pragma once

#include <string>
#include <vector>

#include "clients/tidb_cluster.h"
#include "engine/step.h"

namespace bdrmesh::flows {

/// Names of rehearsal copies begin so.
inline constexpr const char* kRehearsalPrefix = "rehearsal_";

/// What makes tables of ours does so while its operation has taken the role off.
/// @throws Error conflict `ROLE_IS_BACK` when the cluster has one again: somebody set it by hand,
/// or the operation's state was put back from before its end.
void require_role_off(TidbCluster& tidb, const ClusterName& cluster, const Call& call);

/// Those of our schema whose names begin so.
std::vector<TableName> own_tables(TidbCluster& tidb, const std::string& prefix, const Call& call);

/// Afterwards the tables are gone; under a role they stay, and the operation's events tell so: the
/// next operation that makes such tables drops them. Blocks.
void drop_own_tables(TidbCluster& tidb, const ClusterName& cluster,
                     const std::vector<TableName>& tables, StepContext& ctx);

}  // namespace bdrmesh::flows
