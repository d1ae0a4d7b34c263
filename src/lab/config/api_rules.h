// Where the families and versions of TiCDC differ in their Open API, in one place (ticdc-api §1.1;
// measured.md §2, §3). Values; pure.
#pragma once

#include <string>

#include "lab/core/profile.h"

namespace bdrmesh::lab {

/// Which tree of replica_config a version knows.
enum class ConfigTree { classic_6_5, classic_7_5, classic_8_5, new_arch };

struct ApiRules {
  bool new_arch = false;
  /// Key of the name space in bodies and queries: `namespace` or `keyspace`.
  std::string space_key = "namespace";
  ConfigTree config_tree = ConfigTree::classic_8_5;

  bool has_config_page = true;     ///< GET /config: classic from v8.0 on
  bool has_authentication = true;  ///< client-user-required: classic from v8.0 on
  bool has_build_info = false;     ///< metric ticdc_server_build_info
  /// A feed into its own cluster is refused: the new architecture, classic from v9.0 on.
  bool refuses_same_cluster = false;
  /// Resume, and an update of target_ts alone, connect to the downstream first. Measured on the
  /// classic head; the code of v6.5 and v7.5 has no such check.
  bool resume_asks_downstream = true;
  /// An id that exists already: 500, not 400 as on later heads of the new architecture.
  int already_exists_status = 500;
};

ApiRules rules_of(const Profile& profile);

}  // namespace bdrmesh::lab
