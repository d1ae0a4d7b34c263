// How long a feed may stand still, by family, version and gc-ttl.
#include "mesh/judge/gc_budget.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = from_millis(1'790'000'000'000);

struct GcBudgetTest : ::testing::Test {
  FeedSummary feed{ChangefeedId("orders-east-to-west-1"), "stopped", Tso::at(kNow - 1h), 7,
                   std::nullopt};
  TicdcTraits traits{Millis{24h}, false};
  std::string version = "v8.5.1";

  std::optional<GcBudget> budget() const {
    return gc_budget(feed, Tso::at(kNow), version, traits, kNow);
  }
  void behind(Millis by) { feed.checkpoint = Tso::at(kNow - by); }
};

TEST_F(GcBudgetTest, SaysWhenAPausedFeedDies) {
  const auto told = budget();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->used, Millis{1h});
  EXPECT_EQ(told->left, Millis{23h});
  EXPECT_EQ(told->dies_at, kNow + 23h);
  EXPECT_EQ(told->level, "ample");
  EXPECT_NE(told->basis.find("classic"), std::string::npos) << told->basis;
}

TEST_F(GcBudgetTest, GetsLouder) {
  for (const auto& [by, level] : std::initializer_list<std::pair<Millis, const char*>>{
           {11h, "ample"}, {12h, "half"}, {21h, "half"}, {22h, "short"}, {24h, "gone"}}) {
    behind(by);
    EXPECT_EQ(budget()->level, level) << by.count();
  }
}

TEST_F(GcBudgetTest, IsNeverNegative) {
  behind(30h);
  EXPECT_EQ(budget()->left, Millis{0});
  EXPECT_EQ(budget()->dies_at, kNow);
}

TEST_F(GcBudgetTest, FollowsTheServersSetting) {
  traits.gc_ttl = Millis{2h};
  EXPECT_EQ(budget()->left, Millis{1h});
  EXPECT_EQ(budget()->level, "half");
}

TEST_F(GcBudgetTest, TakesADayWhereTheServerDoesNotTell) {
  traits = {};
  EXPECT_EQ(budget()->left, Millis{23h});
  EXPECT_NE(budget()->basis.find("not told"), std::string::npos) << budget()->basis;
}

TEST_F(GcBudgetTest, HasTheSameBoundForTheNewArchitectureAndSaysWhy) {
  traits.new_architecture = true;
  EXPECT_EQ(budget()->left, Millis{23h});
  EXPECT_NE(budget()->basis.find("later resume"), std::string::npos) << budget()->basis;
}

TEST_F(GcBudgetTest, HasNoBoundInTheVersionsWithoutTheCheck) {
  for (const char* without : {"v6.5.3", "v7.1.0", "v7.2.0"}) {
    version = without;
    EXPECT_EQ(budget()->left, std::nullopt) << without;
    EXPECT_EQ(budget()->dies_at, std::nullopt) << without;
  }
  version = "v6.5.4";
  EXPECT_TRUE(budget()->left);
}

TEST_F(GcBudgetTest, IsADayForAFailedFeedInTheVersionsWithoutTheCheck) {
  version = "v7.1.0";
  feed.state = "failed";
  traits.gc_ttl = Millis{72h};
  EXPECT_EQ(budget()->left, Millis{23h});
}

TEST_F(GcBudgetTest, BeyondItsTimeTheNewArchitectureHoldsGarbageCollectionBack) {
  traits.new_architecture = true;
  behind(30h);
  EXPECT_EQ(budget()->level, "gone");
  EXPECT_EQ(budget()->held_since, kNow - 30h);
  EXPECT_NE(budget()->basis.find("holds back garbage collection since " + to_rfc3339(kNow - 30h)),
            std::string::npos)
      << budget()->basis;
  behind(10h);
  EXPECT_EQ(budget()->held_since, std::nullopt);
}

TEST_F(GcBudgetTest, IsGoneWhenTicdcSaysSo) {
  feed.state = "failed";
  feed.error = FeedError{"CDC:ErrGCTTLExceeded", "", ""};
  EXPECT_EQ(budget()->level, "gone");
  EXPECT_EQ(budget()->left, Millis{0});
}

TEST_F(GcBudgetTest, IsUnknownWithoutAPositionOrATime) {
  EXPECT_EQ(gc_budget(feed, std::nullopt, version, traits, kNow), std::nullopt);
  feed.checkpoint = Tso();
  EXPECT_EQ(budget(), std::nullopt);
}

}  // namespace
}  // namespace bdrmesh
