// What several tables of the configuration must agree on: names, memberships, source ids, sinks,
// filters (design §2).
#pragma once

#include <vector>

#include "app/config/config_sections.h"

namespace bdrmesh {

/// Adds problems and warnings to `result`; reads nothing else of it.
void check_together(const std::vector<ReadCluster>& clusters, const std::vector<ReadGroup>& groups,
                    ConfigResult& result);

}  // namespace bdrmesh
