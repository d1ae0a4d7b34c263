// PD over HTTP, read only (tidb-sql §3, §8). Methods block until `call.deadline`; throw Error transient or invalid. Thread-safe.
#pragma once

#include <cstdint>

#include "base/call.h"

namespace bdrmesh {

class PdClient {
 public:
  virtual ~PdClient() = default;
  /// GET /pd/api/v1/cluster: the id that TiCDC reports as upstream_id.
  virtual std::uint64_t cluster_id(const Call& call) = 0;
};

}  // namespace bdrmesh
