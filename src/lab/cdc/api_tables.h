// The tables of a feed's own cluster as the API names them. Asks the cluster's MariaDB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/config/replica_config.h"
#include "lab/core/cluster_state.h"

namespace bdrmesh::lab {

struct NumberedTable {
  std::string schema;
  std::string name;
  std::int64_t id = 0;
  bool is_view = false;
  bool is_sequence = false;
  bool is_partitioned = false;
  bool has_key = false;

  bool is_eligible() const { return has_key || is_view; }
};

/// Everything that the filter lets through, sorted by name.
/// @throws ApiError 400 CDC:ErrFilterRuleInvalid; Error transient, SqlError.
std::vector<NumberedTable> numbered_tables(const ClusterState& cluster,
                                           const ReplicaConfig& config);

/// Ids of those that rows are read from.
std::vector<std::int64_t> replicated_table_ids(const ClusterState& cluster,
                                               const ReplicaConfig& config);

/// @throws ApiError 400 CDC:ErrTableIneligible, unless the config bears with tables without key.
void require_eligible_tables(const ClusterState& cluster, const ReplicaConfig& config);

}  // namespace bdrmesh::lab
