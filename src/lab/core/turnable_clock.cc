#include "lab/core/turnable_clock.h"

namespace bdrmesh::lab {

WallTime TurnableClock::now() const { return base_.now() + turned(); }

MonoTime TurnableClock::mono() const { return base_.mono() + turned(); }

bool TurnableClock::wait_until(MonoTime until, const std::stop_token& stop) const {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && base_.mono() + ahead_ < until) {
    const Millis before = ahead_;
    turned_.wait_until(lock, stop, until - before, [&] { return ahead_ != before; });
  }
  return !stop.stop_requested();
}

void TurnableClock::turn(Millis forward) {
  {
    const std::lock_guard lock(mutex_);
    ahead_ += forward;
  }
  turned_.notify_all();
}

Millis TurnableClock::turned() const {
  const std::lock_guard lock(mutex_);
  return ahead_;
}

}  // namespace bdrmesh::lab
