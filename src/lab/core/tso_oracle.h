// The timestamp oracle of one lab cluster, as PD's: strictly increasing, milliseconds and a
// counter. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/clock.h"

namespace bdrmesh::lab {

class TsoOracle {
 public:
  explicit TsoOracle(const Clock& clock) : clock_(clock) {}

  /// A timestamp greater than every one given before: `physical_ms << 18 | counter` (tidb-sql §3).
  std::uint64_t next();

  /// Moves this cluster's clock; timestamps stay increasing even when it goes back.
  void set_offset(Millis offset) { offset_ms_ = offset.count(); }
  Millis offset() const { return Millis{offset_ms_.load()}; }
  /// The time as this cluster sees it.
  WallTime now() const { return clock_.now() + offset(); }

 private:
  const Clock& clock_;
  std::atomic<std::int64_t> offset_ms_{0};
  std::mutex mutex_;  // guards last_
  std::uint64_t last_ = 0;
};

}  // namespace bdrmesh::lab
