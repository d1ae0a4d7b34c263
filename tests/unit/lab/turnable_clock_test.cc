#include "lab/core/turnable_clock.h"

#include <future>
#include <gtest/gtest.h>

namespace bdrmesh::lab {
namespace {

using std::chrono::hours;

TEST(TurnableClock, MovesBothHands) {
  const SystemClock base;
  TurnableClock clock(base);
  const MonoTime mono = clock.mono();
  const WallTime wall = clock.now();
  clock.turn(hours{2});
  EXPECT_GE(clock.mono() - mono, hours{2});
  EXPECT_GE(clock.now() - wall, hours{2});
  EXPECT_EQ(clock.turned(), hours{2});
}

TEST(TurnableClock, WakesWhoeverWaitedForTheTimeThatWasPassedOver) {
  const SystemClock base;
  TurnableClock clock(base);
  const MonoTime until = clock.mono() + hours{1};
  auto waiter = std::async(std::launch::async, [&] { return clock.wait_until(until, {}); });
  clock.turn(hours{2});
  EXPECT_TRUE(waiter.get());
}

TEST(TurnableClock, LeavesThoseWaitingWhoseTimeHasNotCome) {
  const SystemClock base;
  TurnableClock clock(base);
  std::stop_source stop;
  auto waiter =
      std::async(std::launch::async, [&] { return clock.wait_for(hours{3}, stop.get_token()); });
  clock.turn(hours{2});
  stop.request_stop();
  EXPECT_FALSE(waiter.get());
}

}  // namespace
}  // namespace bdrmesh::lab
