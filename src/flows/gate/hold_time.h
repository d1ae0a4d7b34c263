// How long something that a person asked for for a while still lasts. A machine's clock may be set
// meanwhile: the time of day counts once per process, from then on time passes by itself.
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"

namespace bdrmesh::flows {

/// Not thread-safe.
class HoldTime {
 public:
  /// What is left until `until`, at most `longest`: a clock that was set back makes no hold longer.
  Millis left(const Clock& clock, WallTime until, Millis longest) {
    const MonoTime now = clock.mono();
    if (until_ != until) {
      until_ = until;
      end_ = now + std::clamp(until - clock.now(), Millis{0}, longest);
    }
    return std::max(Millis{0}, std::chrono::ceil<Millis>(end_ - now));
  }

 private:
  std::optional<WallTime> until_;
  MonoTime end_{};
};

}  // namespace bdrmesh::flows
