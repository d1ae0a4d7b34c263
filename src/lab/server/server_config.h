// The configuration that the servers of a cluster show: @@tidb_config and SHOW CONFIG (tidb-sql
// §2.4, §8). Values of an untouched installation.
#pragma once

#include <string>
#include <vector>

#include "lab/core/cluster_state.h"

namespace bdrmesh::lab {

/// JSON, of one tidb-server.
std::string tidb_config(const ClusterState& cluster, std::size_t server);

struct ConfigItem {
  std::string type;
  std::string instance;
  std::string name;
  std::string value;
};

/// All items of all components.
std::vector<ConfigItem> config_items(const ClusterState& cluster);

}  // namespace bdrmesh::lab
