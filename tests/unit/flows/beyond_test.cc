// When an answer about a feed proves that it is past a position.
#include <gtest/gtest.h>

#include "flows/group/proof_steps.h"

namespace bdrmesh::flows {
namespace {

using Kind = Verdict::Kind;

const Tso kPosition = Tso::at(from_millis(1'790'000'000'000));

struct Beyond : ::testing::Test {
  Link link{ClusterName("east"), ClusterName("west")};
  std::optional<FeedSummary> feed = FeedSummary{ChangefeedId("orders-east-to-west-1"), "normal",
                                                Tso(kPosition.value() + 1), 7, std::nullopt};

  Verdict verdict() const { return beyond(link, feed, kPosition); }
};

TEST_F(Beyond, HoldsStrictlyBehindThePosition) { EXPECT_EQ(verdict().kind, Kind::holds); }

TEST_F(Beyond, DoesNotHoldAtThePosition) {
  // A feed that is stuck on a DDL stands exactly at its commit-ts.
  feed->checkpoint = kPosition;
  EXPECT_EQ(verdict().kind, Kind::not_yet);
}

TEST_F(Beyond, SaysHowFarItIsAway) {
  feed->checkpoint = Tso::at(kPosition.time() - Millis{2340});
  EXPECT_EQ(verdict().kind, Kind::not_yet);
  EXPECT_NE(verdict().reason.find("2.3 s"), std::string::npos) << verdict().reason;
  EXPECT_NE(verdict().reason.find("east-to-west"), std::string::npos) << verdict().reason;
}

TEST_F(Beyond, DoesNotHoldForANewbornFeed) {
  feed->checkpoint = Tso();
  EXPECT_EQ(verdict().kind, Kind::not_yet);
}

TEST_F(Beyond, WaitsForAFeedThatIsNotOnTheList) {
  feed.reset();
  EXPECT_EQ(verdict().kind, Kind::not_yet);
}

TEST_F(Beyond, WaitsForAFeedInTroubleWhereverItStands) {
  for (const char* state : {"warning", "pending", "error", "uninitialized"}) {
    feed->state = state;
    EXPECT_EQ(verdict().kind, Kind::not_yet) << state;
    EXPECT_NE(verdict().reason.find(state), std::string::npos) << verdict().reason;
  }
}

TEST_F(Beyond, NamesTheErrorOfAFeedInTrouble) {
  feed->state = "warning";
  feed->error = FeedError{"CDC:ErrMySQLTxnError", "lost connection", ""};
  EXPECT_NE(verdict().reason.find("CDC:ErrMySQLTxnError"), std::string::npos);
}

TEST_F(Beyond, RefusesAHaltedFeedWhereverItStands) {
  for (const char* state : {"stopped", "failed", "finished", "removed"}) {
    feed->state = state;
    EXPECT_EQ(verdict().kind, Kind::refused) << state;
    EXPECT_EQ(verdict().code, "LINK_HALTED");
    EXPECT_FALSE(verdict().remedy.empty());
  }
}

}  // namespace
}  // namespace bdrmesh::flows
