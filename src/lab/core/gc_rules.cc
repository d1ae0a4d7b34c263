#include "lab/core/gc_rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

constexpr double kSecond = 1000;
constexpr double kMinute = 60 * kSecond;
constexpr double kHour = 60 * kMinute;

void take_duration(const std::map<std::string, std::string>& variables, const char* name,
                   Millis& into) {
  const auto found = variables.find(name);
  if (found == variables.end()) return;
  if (const auto parsed = parse_gc_duration(found->second)) into = *parsed;
}

}  // namespace

std::optional<Millis> parse_gc_duration(const std::string& text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at == end) return std::nullopt;
  double total = 0;
  while (at != end) {
    double count = 0;
    const auto [next, error] = std::from_chars(at, end, count, std::chars_format::fixed);
    if (error != std::errc{} || next == end || count < 0) return std::nullopt;
    const double unit = *next == 'h' ? kHour : *next == 'm' ? kMinute : *next == 's' ? kSecond : 0;
    if (unit == 0) return std::nullopt;
    total += count * unit;
    at = next + 1;
  }
  return Millis{std::llround(total)};
}

GcSettings gc_settings(const std::map<std::string, std::string>& variables) {
  GcSettings settings;
  if (const auto found = variables.find("tidb_gc_enable"); found != variables.end()) {
    settings.enabled = found->second == "ON" || found->second == "1";
  }
  take_duration(variables, "tidb_gc_life_time", settings.life_time);
  take_duration(variables, "tidb_gc_run_interval", settings.run_interval);
  if (const auto found = variables.find("tidb_gc_max_wait_time"); found != variables.end()) {
    // In seconds, without a unit.
    if (const auto parsed = parse_gc_duration(found->second + "s"))
      settings.max_wait_time = *parsed;
  }
  return settings;
}

PdGcKind pd_gc_kind(const Profile& profile) {
  return profile.tidb >= Version{8, 5, 0} ? PdGcKind::txn_safe_point : PdGcKind::wish_of_gc_worker;
}

std::uint64_t wanted_safe_point(WallTime now, const GcSettings& settings,
                                std::uint64_t oldest_start_ts) {
  const std::uint64_t by_life_time = Tso::at(now - settings.life_time).value();
  const std::uint64_t longest_wait = Tso::at(now - settings.max_wait_time).value();
  if (oldest_start_ts == 0) return by_life_time;
  return std::min(by_life_time, std::max(oldest_start_ts - 1, longest_wait));
}

}  // namespace bdrmesh::lab
