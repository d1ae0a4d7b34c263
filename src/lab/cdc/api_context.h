// What every endpoint of one TiCDC node's Open API works with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lab/cdc/api_render.h"
#include "lab/config/api_rules.h"
#include "lab/owner/owner.h"

namespace bdrmesh::lab {

struct ApiHooks {
  std::function<void()> die;     ///< the process crashes on this request
  std::function<void()> resign;  ///< the owner changes
  /// All nodes of the TiCDC cluster; left out, this one is the only one and the owner.
  std::function<std::vector<CaptureView>()> captures = {};
};

struct ApiContext {
  ClusterState& cluster;
  Owner& owner;
  NodeFacts node;
  std::int64_t gc_ttl_seconds = 86400;
  ApiHooks hooks = {};

  const ApiRules& rules() const { return node.rules; }
  std::vector<CaptureView> captures() const {
    if (hooks.captures) return hooks.captures();
    return {{node.capture_id, node.address, true}};
  }
};

}  // namespace bdrmesh::lab
