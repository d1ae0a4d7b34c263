// A clock whose hands tests turn: by `advance`, or by itself to the next moment somebody waits for,
// as soon as everybody waits. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>

#include "base/clock.h"

namespace bdrmesh::fakes {

class FakeClock final : public Clock {
 public:
  /// How many threads are at work, not counting the one that hands out work.
  using Busy = std::function<int()>;

  WallTime now() const override {
    const std::lock_guard lock(mutex_);
    return from_millis(kBeginning) + passed_ + jumped_;
  }

  MonoTime mono() const override {
    const std::lock_guard lock(mutex_);
    return mono_locked();
  }

  bool wait_until(MonoTime until, const std::stop_token& stop) const override {
    std::unique_lock lock(mutex_);
    const auto waiter = waiters_.insert(until);
    while (!stop.stop_requested() && mono_locked() < until) {
      // Whoever waits for a moment that has come must be let go first.
      const MonoTime next = *waiters_.begin();
      if (next > mono_locked() && next != MonoTime::max() && may_turn()) {
        turn_to(next);
        continue;
      }
      const std::uint64_t seen = turns_;
      // Nobody tells when a thread becomes idle, so it is looked for.
      turned_.wait_for(lock, stop, Millis{1}, [&] { return turns_ != seen; });
    }
    waiters_.erase(waiter);
    return mono_locked() >= until;
  }

  /// Somebody sets this machine's clock: what the time of day is changes, how time passes does not.
  void jump(Millis by) {
    const std::lock_guard lock(mutex_);
    jumped_ += by;
    ++turns_;
    turned_.notify_all();
  }

  /// The time as other machines have it: does not jump.
  const Clock& elsewhere() const { return elsewhere_; }

  /// Moves the hands.
  void advance(Millis by) {
    const std::lock_guard lock(mutex_);
    turn_to(mono_locked() + by);
  }

  /// From now on the clock jumps by itself to the next awaited moment whenever more threads wait
  /// than are `busy`.
  void run_by_itself(Busy busy) {
    const std::lock_guard lock(mutex_);
    busy_ = std::move(busy);
    ++turns_;
    turned_.notify_all();
  }
  /// Back to `advance` only.
  void stop_by_itself() { run_by_itself({}); }

 private:
  static constexpr std::int64_t kBeginning = 1'790'000'000'000;

  MonoTime mono_locked() const { return MonoTime{} + std::chrono::hours(1) + passed_; }
  // A call that waits is counted as busy too, so one waiter more than busy calls means that
  // everybody waits.
  bool may_turn() const { return busy_ && static_cast<int>(waiters_.size()) > busy_(); }

  void turn_to(MonoTime moment) const {
    const auto passed = std::chrono::ceil<Millis>(moment - MonoTime{} - std::chrono::hours(1));
    if (passed > passed_) passed_ = passed;
    ++turns_;
    turned_.notify_all();
  }

  class Elsewhere final : public Clock {
   public:
    explicit Elsewhere(const FakeClock& here) : here_(here) {}
    WallTime now() const override {
      const std::lock_guard lock(here_.mutex_);
      return from_millis(kBeginning) + here_.passed_;
    }
    MonoTime mono() const override { return here_.mono(); }
    bool wait_until(MonoTime until, const std::stop_token& stop) const override {
      return here_.wait_until(until, stop);
    }

   private:
    const FakeClock& here_;
  };

  const Elsewhere elsewhere_{*this};
  mutable std::mutex mutex_;  ///< guards everything below
  mutable std::condition_variable_any turned_;
  mutable Millis passed_{0};
  Millis jumped_{0};
  mutable std::uint64_t turns_ = 0;
  mutable std::multiset<MonoTime> waiters_;
  Busy busy_;
};

/// Another clock on which no two moments are the same, as on a real one: a look that was begun
/// before something happened is told from one that was begun afterwards.
class DistinctMoments final : public Clock {
 public:
  explicit DistinctMoments(const Clock& clock) : clock_(clock) {}
  WallTime now() const override { return clock_.now(); }
  MonoTime mono() const override { return clock_.mono() + std::chrono::nanoseconds(++asked_); }
  bool wait_until(MonoTime until, const std::stop_token& stop) const override {
    return clock_.wait_until(until, stop);
  }

 private:
  const Clock& clock_;
  mutable std::atomic<std::int64_t> asked_ = 0;
};

}  // namespace bdrmesh::fakes
