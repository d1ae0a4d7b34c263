// How far garbage may be collected: what TiDB's GC worker asks for and what PD lets it have
// (tidb-sql §5.3, measured.md A22). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab {

/// Global variables `tidb_gc_*`.
struct GcSettings {
  bool enabled = true;
  Millis life_time{600'000};
  Millis run_interval{600'000};
  Millis max_wait_time{86'400'000};  ///< so long an open transaction holds history
};

/// Reads the variables by name; what is missing or no duration keeps TiDB's default.
GcSettings gc_settings(const std::map<std::string, std::string>& variables);

/// `10m0s`, `24h`, `1.5h`. @return std::nullopt for anything else.
std::optional<Millis> parse_gc_duration(const std::string& text);

/// How PD keeps the entry `gc_worker`.
enum class PdGcKind {
  wish_of_gc_worker,  ///< the GC worker's wish, which may stand above what services hold
  txn_safe_point,     ///< what was granted: never above any service (measured on heads of PD)
};
/// By what was recorded: 7.x shows the first, the PD that classic heads were measured on the
/// second.
PdGcKind pd_gc_kind(const Profile& profile);

/// Where the GC worker wants to go: its life time ago, but not beyond the oldest open transaction.
/// @param oldest_start_ts  of open transactions; 0 for none.
std::uint64_t wanted_safe_point(WallTime now, const GcSettings& settings,
                                std::uint64_t oldest_start_ts);

}  // namespace bdrmesh::lab
