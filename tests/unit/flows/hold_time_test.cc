// A hold lasts as long as was asked for, whatever somebody does to this machine's clock.
#include "flows/gate/hold_time.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"

namespace bdrmesh::flows {
namespace {

constexpr Millis kHour{3'600'000};
constexpr Millis kMinute{60'000};

struct HoldTimeTest : ::testing::Test {
  fakes::FakeClock clock;
  HoldTime time;
  WallTime until = clock.now() + kMinute;
};

TEST_F(HoldTimeTest, EndsWhenItShould) {
  EXPECT_EQ(time.left(clock, until, kMinute), kMinute);
  clock.advance(Millis{59'000});
  EXPECT_EQ(time.left(clock, until, kMinute), Millis{1'000});
  clock.advance(Millis{2'000});
  EXPECT_EQ(time.left(clock, until, kMinute), Millis{0});
}

TEST_F(HoldTimeTest, LastsNeitherLongerNorShorterWhenTheClockIsSet) {
  for (const Millis by : {kHour, -kHour}) {
    HoldTime one;
    const WallTime end = clock.now() + kMinute;
    EXPECT_EQ(one.left(clock, end, kMinute), kMinute);
    clock.jump(by);
    clock.advance(Millis{20'000});
    EXPECT_EQ(one.left(clock, end, kMinute), Millis{40'000});
  }
}

TEST_F(HoldTimeTest, IsNotLongerThanAskedForInAProcessThatBeginsWithAnEarlierClock) {
  clock.jump(-kHour);
  EXPECT_EQ(time.left(clock, until, kMinute), kMinute);
}

TEST_F(HoldTimeTest, IsOverInAProcessThatBeginsLater) {
  clock.advance(kHour);
  EXPECT_EQ(time.left(clock, until, kMinute), Millis{0});
}

}  // namespace
}  // namespace bdrmesh::flows
