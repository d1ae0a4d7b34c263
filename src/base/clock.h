// Time. Nobody else reads a clock or sleeps, so that tests can turn the hands.
// Implementations are thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

namespace bdrmesh {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using MonoTime = std::chrono::steady_clock::time_point;
using Millis = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;
  virtual MonoTime mono() const = 0;
  /// Blocks until `until` or until a stop is requested.
  /// @return true when the time was reached, false when stopped first.
  virtual bool wait_until(MonoTime until, const std::stop_token& stop) const = 0;

  bool wait_for(Millis duration, const std::stop_token& stop) const {
    return wait_until(mono() + duration, stop);
  }
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  MonoTime mono() const override;
  bool wait_until(MonoTime until, const std::stop_token& stop) const override;
};

/// RFC 3339 in UTC with milliseconds: `2026-11-21T03:04:05.678Z`.
std::string to_rfc3339(WallTime time);

/// Milliseconds since the epoch, as stored and sent.
inline std::int64_t to_millis(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime from_millis(std::int64_t ms) { return WallTime{Millis{ms}}; }

}  // namespace bdrmesh
