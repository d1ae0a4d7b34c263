// How long a pooled session may keep a call waiting.
#include "clients/sql/sql_pool.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

struct SqlPoolTest : ::testing::Test {
  SystemClock clock;
  int timeout(Millis left) const {
    return SqlPool::timeout_for(Call{clock.mono() + left, {}, nullptr}, clock);
  }
};

TEST_F(SqlPoolTest, TakesTheLongestTimeoutThatEndsBeforeTheCall) {
  EXPECT_EQ(timeout(Millis{4990}), 5);
  EXPECT_EQ(timeout(Millis{2490}), 3);
  EXPECT_EQ(timeout(Millis{5990}), 5);
  EXPECT_EQ(timeout(Millis{29990}), 30);
  EXPECT_EQ(timeout(Millis{14990}), 15);
  EXPECT_EQ(timeout(Millis{3'600'000}), 60);
}

TEST_F(SqlPoolTest, NeverWaitsLessThanASecond) {
  EXPECT_EQ(timeout(Millis{10}), 1);
  EXPECT_EQ(timeout(Millis{-10}), 1);
}

TEST_F(SqlPoolTest, HasALimitForCallsWithoutDeadline) {
  EXPECT_EQ(SqlPool::timeout_for(Call{}, clock), 60);
}

TEST_F(SqlPoolTest, HasNothingAtFirst) {
  SqlPool pool(clock);
  EXPECT_FALSE(pool.take(ServerAddress("127.0.0.1:1"), 5));
  pool.forget(ServerAddress("127.0.0.1:1"));
}

}  // namespace
}  // namespace bdrmesh
