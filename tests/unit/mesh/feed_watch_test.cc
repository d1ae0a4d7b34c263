// What one list after another tells; and which oddities of TiCDC are no news.
#include "mesh/feed_watch.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const WallTime kBegin = from_millis(1'790'000'000'000);
const ChangefeedId kFeed("orders-east-to-west-1");

struct FeedWatchTest : ::testing::Test {
  FeedWatch watch;

  static FeedSheet sheet(Tso checkpoint, const std::string& state = "normal") {
    FeedSheet one;
    one.feeds.emplace(kFeed, FeedSummary{kFeed, state, checkpoint, 7, std::nullopt});
    return one;
  }
  /// `seconds` after the beginning.
  static WallTime at(int seconds) { return kBegin + Millis{seconds * 1000}; }
  static Tso tso(int seconds) { return Tso::at(at(seconds)); }
  Movement movement() const { return watch.movements().at(kFeed); }
};

TEST_F(FeedWatchTest, KnowsSinceWhenACheckpointStands) {
  watch.saw(sheet(tso(0)), at(0));
  watch.saw(sheet(tso(1)), at(1));
  watch.saw(sheet(tso(1)), at(2));
  watch.saw(sheet(tso(1)), at(9));
  EXPECT_EQ(movement().since, at(1));
  EXPECT_EQ(movement().checkpoint, tso(1));
  EXPECT_EQ(movement().first_seen, at(0));
}

TEST_F(FeedWatchTest, TellsTheSpeedOfTheLastSeconds) {
  for (int i = 0; i <= 20; ++i) watch.saw(sheet(tso(3 * i)), at(i));
  ASSERT_TRUE(movement().speed);
  EXPECT_NEAR(*movement().speed, 3.0, 0.01);
  for (int i = 21; i <= 40; ++i) watch.saw(sheet(tso(60)), at(i));
  EXPECT_NEAR(*movement().speed, 0.0, 0.01);
}

TEST_F(FeedWatchTest, TellsNoSpeedAtFirst) {
  watch.saw(sheet(tso(0)), at(0));
  watch.saw(sheet(tso(2)), at(2));
  EXPECT_EQ(movement().speed, std::nullopt);
}

TEST_F(FeedWatchTest, KnowsSinceWhenItHasItsState) {
  watch.saw(sheet(tso(0)), at(0));
  watch.saw(sheet(tso(1), "stopped"), at(1));
  watch.saw(sheet(tso(1), "stopped"), at(5));
  EXPECT_EQ(movement().state, "stopped");
  EXPECT_EQ(movement().state_since, at(1));
}

TEST_F(FeedWatchTest, TakesACheckpointOfZeroAsNoNews) {
  watch.saw(sheet(tso(5)), at(5));
  const auto shown = watch.saw(sheet(Tso()), at(6));
  EXPECT_EQ(shown->find(kFeed)->checkpoint, tso(5));
  EXPECT_EQ(movement().since, at(5));
}

TEST_F(FeedWatchTest, KeepsAZeroOfANewbornFeed) {
  EXPECT_FALSE(watch.saw(sheet(Tso()), at(0))->find(kFeed)->checkpoint.is_set());
}

TEST_F(FeedWatchTest, KeepsAFeedThatIsMissingForAMoment) {
  watch.saw(sheet(tso(0)), at(0));
  EXPECT_TRUE(watch.saw(FeedSheet{}, at(1))->find(kFeed));
  EXPECT_TRUE(watch.saw(FeedSheet{}, at(3))->find(kFeed));
  EXPECT_FALSE(watch.saw(FeedSheet{}, at(4))->find(kFeed));
  EXPECT_TRUE(watch.movements().empty());
}

TEST_F(FeedWatchTest, ForgivesOneThatComesBack) {
  watch.saw(sheet(tso(0)), at(0));
  watch.saw(FeedSheet{}, at(1));
  watch.saw(sheet(tso(2)), at(2));
  watch.saw(FeedSheet{}, at(3));
  EXPECT_TRUE(watch.saw(FeedSheet{}, at(5))->find(kFeed));
}

TEST_F(FeedWatchTest, KeepsTheLastListWhileAnOwnerMayBeElected) {
  EXPECT_EQ(watch.missed(at(0)), nullptr);
  watch.saw(sheet(tso(0)), at(0));
  ASSERT_TRUE(watch.missed(at(19)));
  EXPECT_TRUE(watch.missed(at(19))->find(kFeed));
  EXPECT_EQ(watch.missed(at(20)), nullptr);
}

}  // namespace
}  // namespace bdrmesh
