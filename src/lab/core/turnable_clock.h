// A clock that runs as another one and can be turned forward: hours of patience pass at once, for
// everybody who waits by it. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace bdrmesh::lab {

class TurnableClock final : public Clock {
 public:
  explicit TurnableClock(const Clock& base) : base_(base) {}

  WallTime now() const override;
  MonoTime mono() const override;
  /// Returns as soon as the hands, turned or not, have reached `until`.
  bool wait_until(MonoTime until, const std::stop_token& stop) const override;

  /// Moves both hands forward and wakes those whose time has come by it.
  void turn(Millis forward);
  /// By how much it was turned in all.
  Millis turned() const;

 private:
  const Clock& base_;
  mutable std::mutex mutex_;  // guards ahead_
  mutable std::condition_variable_any turned_;
  Millis ahead_{0};
};

}  // namespace bdrmesh::lab
