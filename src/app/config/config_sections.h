// Reads the tables of the configuration one by one; what concerns several of them is left to
// config_checks.
#pragma once

#include <vector>

#include "app/config/config_fields.h"
#include "app/config/config_tree.h"

namespace bdrmesh {

/// A cluster or group together with where it stands.
struct ReadCluster {
  ClusterSpec spec;
  int line = 0;
  int source_id_line = 0;
  bool has_sink = false;
  int sink_line = 0;
};

struct ReadGroup {
  GroupSpec spec;
  int line = 0;
  int members_line = 0;
  int ddl_primary_line = 0;
  int tables_line = 0;
};

/// Letters and digits only (design §3): names become parts of changefeed ids, users and paths.
bool is_legal_name(std::string_view name);

ManagerSpec read_manager(const ConfigNode& table, ConfigResult& result);
ReadCluster read_cluster(const ConfigNode& table, ConfigResult& result);
ReadGroup read_group(const ConfigNode& table, ConfigResult& result);

}  // namespace bdrmesh
