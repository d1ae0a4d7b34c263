// How moments are written, and that waiting ends with the time or with the stop.
#include "base/clock.h"

#include <gtest/gtest.h>
#include <thread>

#include "base/call.h"

namespace bdrmesh {
namespace {

TEST(Rfc3339, WritesTheEpoch) { EXPECT_EQ(to_rfc3339(from_millis(0)), "1970-01-01T00:00:00.000Z"); }

TEST(Rfc3339, KeepsThreeDigitsOfMilliseconds) {
  EXPECT_EQ(to_rfc3339(from_millis(1'790'000'000'007)), "2026-09-21T14:13:20.007Z");
  EXPECT_EQ(to_rfc3339(from_millis(1'790'000'000'999)), "2026-09-21T14:13:20.999Z");
}

TEST(Rfc3339, WritesLeapDays) {
  EXPECT_EQ(to_rfc3339(from_millis(951'782'400'000)), "2000-02-29T00:00:00.000Z");
}

TEST(Rfc3339, CountsBackwardsBeforeTheEpoch) {
  EXPECT_EQ(to_rfc3339(from_millis(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(from_millis(-999)), "1969-12-31T23:59:59.001Z");
  EXPECT_EQ(to_rfc3339(from_millis(-1000)), "1969-12-31T23:59:59.000Z");
  EXPECT_EQ(to_rfc3339(from_millis(-1001)), "1969-12-31T23:59:58.999Z");
}

TEST(Millis, GoThereAndBack) {
  for (const std::int64_t ms : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1'790'000'000'123}})
    EXPECT_EQ(to_millis(from_millis(ms)), ms);
}

TEST(SystemClock, DoesNotWaitForAMomentThatHasCome) {
  const SystemClock clock;
  EXPECT_TRUE(clock.wait_until(clock.mono() - Millis{1}, {}));
  EXPECT_TRUE(clock.wait_for(Millis{1}, {}));
}

TEST(SystemClock, WaitsUntilTheMomentComes) {
  const SystemClock clock;
  const MonoTime until = clock.mono() + Millis{5};
  EXPECT_TRUE(clock.wait_until(until, {}));
  EXPECT_GE(clock.mono(), until);
}

TEST(SystemClock, LetsGoWhenAskedToStop) {
  const SystemClock clock;
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const MonoTime far = clock.mono() + std::chrono::minutes(10);
  EXPECT_FALSE(clock.wait_until(far, stop.get_token()));
  EXPECT_LT(clock.mono(), far);
}

TEST(Call, IsNeverLaterThanItsParent) {
  const MonoTime now = MonoTime{} + std::chrono::hours(1);
  const Call parent{now + Millis{100}, {}};
  EXPECT_EQ(parent.within(now, Millis{40}).deadline, now + Millis{40});
  EXPECT_EQ(parent.within(now, Millis{400}).deadline, parent.deadline);
}

TEST(Call, PassesTheStopOn) {
  std::stop_source stop;
  const Call parent{MonoTime::max(), stop.get_token()};
  const Call child = parent.within(MonoTime{}, Millis{1});
  stop.request_stop();
  EXPECT_TRUE(child.stop.stop_requested());
}

}  // namespace
}  // namespace bdrmesh
