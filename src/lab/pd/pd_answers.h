// Bodies of PD's HTTP API (tidb-sql §3, §5.3; recorded answers of PD 5.1 to 9.0). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/core/service_safepoints.h"
#include "model/version.h"

namespace bdrmesh::lab {

using PdJson = nlohmann::ordered_json;

/// A TiKV store as PD knows it.
struct PdStore {
  std::uint64_t id = 1;
  std::string address;
  std::string status_address;
  WallTime started;
  WallTime last_heartbeat;
  std::string state = "Up";  ///< Up, Disconnected, Down, Offline, Tombstone
};

/// What PD is and knows when it is asked.
struct PdFacts {
  std::uint64_t cluster_id = 0;
  std::string address;
  Version version;
  WallTime started;
  bool bootstrapped = true;
  std::vector<PdStore> stores;
};

PdJson pd_cluster(const PdFacts& pd);
PdJson pd_cluster_status(const PdFacts& pd);
PdJson pd_members(const PdFacts& pd);
PdJson pd_leader(const PdFacts& pd);
PdJson pd_health(const PdFacts& pd);
PdJson pd_store(const PdFacts& pd, const PdStore& store);
PdJson pd_stores(const PdFacts& pd);
PdJson pd_version(const PdFacts& pd);
PdJson pd_status(const PdFacts& pd);
PdJson pd_config_replicate();
PdJson pd_config_cluster_version(const PdFacts& pd);
PdJson pd_config_replication_mode();

/// @param scope  query parameter; `cluster` or store ids add the stores' own positions.
PdJson pd_min_resolved_ts(const PdFacts& pd, std::uint64_t ts, bool is_real_time,
                          const std::string& scope);
/// @param minimum  left out when 0, and before PD v8.0.
PdJson pd_gc_safepoint(const PdFacts& pd, const std::vector<ServiceSafepoint>& services,
                       std::uint64_t gc_worker, std::uint64_t minimum, std::uint64_t collected);

/// Where min-resolved-ts stands: it moves in steps, and what it shows is seconds old (measured.md
/// §2 D: 4.5 to 12 s behind).
std::uint64_t late_min_resolved_ts(WallTime now);

}  // namespace bdrmesh::lab
