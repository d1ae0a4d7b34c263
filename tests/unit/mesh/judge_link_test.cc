// Every verdict over a link: by movement, never by state alone.
#include <gtest/gtest.h>

#include "mesh/observer.h"

namespace bdrmesh {
namespace {

const WallTime kNow = from_millis(1'790'000'000'000);

struct JudgeLink : ::testing::Test {
  ClusterSeen origin;
  std::optional<FeedSummary> feed;
  std::optional<Movement> movement;

  JudgeLink() {
    origin.name = ClusterName("east");
    origin.feeds = std::make_shared<FeedSheet>();
    origin.now = Tso::at(kNow);
    feed = FeedSummary{ChangefeedId("orders-east-to-west-1"), "normal", Tso::at(kNow - Millis{700}),
                       77, std::nullopt};
    movement = Movement{feed->checkpoint, kNow - Millis{400}};
  }
  LinkVerdict verdict() const { return judge_link(origin, feed, movement, kNow); }
  void lags(Millis by) { feed->checkpoint = Tso::at(kNow - by); }
};

TEST_F(JudgeLink, MovesWhenItsCheckpointMovedJustNow) {
  EXPECT_EQ(verdict().word, "moving");
  EXPECT_EQ(verdict().lag, Millis{700});
  EXPECT_EQ(verdict().why, "");
}

TEST_F(JudgeLink, SaysTheStateOfOneThatMovesButIsNotNormal) {
  feed->state = "warning";
  EXPECT_EQ(verdict().word, "moving");
  EXPECT_EQ(verdict().why, "warning");
}

TEST_F(JudgeLink, IsUnknownWithoutAnAnswerOfTicdc) {
  origin.feeds = nullptr;
  origin.ticdc.error = "TICDC_UNREACHABLE: refused";
  EXPECT_EQ(verdict().word, "unknown");
  EXPECT_NE(verdict().why.find("east: TICDC_UNREACHABLE"), std::string::npos) << verdict().why;
  EXPECT_EQ(verdict().lag, std::nullopt);
}

TEST_F(JudgeLink, IsMissingWhenItIsNotOnTheList) {
  feed.reset();
  EXPECT_EQ(verdict().word, "missing");
}

TEST_F(JudgeLink, HasFailedWithTheCode) {
  feed->state = "failed";
  EXPECT_EQ(verdict().word, "failed");
  EXPECT_EQ(verdict().why, "");
  feed->error = FeedError{"CDC:ErrSnapshotLostByGC", "gone", ""};
  EXPECT_EQ(verdict().why.rfind("CDC:ErrSnapshotLostByGC: ", 0), 0U) << verdict().why;
}

TEST_F(JudgeLink, IsStoppedHoweverNearItsCheckpoint) {
  for (const char* state : {"stopped", "finished"}) {
    feed->state = state;
    EXPECT_EQ(verdict().word, "stopped") << state;
    EXPECT_EQ(verdict().lag, Millis{700}) << state;
  }
}

TEST_F(JudgeLink, IsUnknownBeforeItWasWatched) {
  movement.reset();
  EXPECT_EQ(verdict().word, "unknown");
  EXPECT_EQ(verdict().why, "not watched long enough");
}

TEST_F(JudgeLink, IsStuckWhenNormalAndStandingStill) {
  movement->since = kNow - Millis{15000};
  EXPECT_EQ(verdict().word, "moving");
  movement->since = kNow - Millis{15001};
  EXPECT_EQ(verdict().word, "stuck");
}

TEST_F(JudgeLink, IsSlowWhenItMovesFarBehind) {
  lags(Millis{30000});
  EXPECT_EQ(verdict().word, "moving");
  lags(Millis{30001});
  EXPECT_EQ(verdict().word, "slow");
  EXPECT_EQ(verdict().lag, Millis{30001});
}

TEST_F(JudgeLink, IsStuckRatherThanSlow) {
  lags(Millis{60000});
  movement->since = kNow - Millis{20000};
  EXPECT_EQ(verdict().word, "stuck");
}

TEST_F(JudgeLink, HasNoLagWithoutTheOriginsTime) {
  origin.now.reset();
  EXPECT_EQ(verdict().word, "moving");
  EXPECT_EQ(verdict().lag, std::nullopt);
}

TEST_F(JudgeLink, HasNoLagWhileNewborn) {
  feed->checkpoint = Tso();
  EXPECT_EQ(verdict().lag, std::nullopt);
}

TEST_F(JudgeLink, SaysSinceWhenItIsStuckOrHalted) {
  movement->since = kNow - Millis{20000};
  EXPECT_EQ(verdict().since, kNow - Millis{20000});
  feed->state = "stopped";
  movement->state_since = kNow - Millis{5000};
  EXPECT_EQ(verdict().since, kNow - Millis{5000});
}

TEST_F(JudgeLink, SaysWhyItIsStuckWhenTicdcTells) {
  movement->since = kNow - Millis{20000};
  feed->state = "warning";
  feed->error = FeedError{"CDC:ErrMySQLConnectionError", "dial tcp: connection refused", ""};
  EXPECT_NE(verdict().why.find("nothing listens"), std::string::npos) << verdict().why;
}

TEST_F(JudgeLink, SaysHowLongItWillCatchUp) {
  lags(Millis{60000});
  movement->speed = 3.0;
  EXPECT_EQ(verdict().word, "slow");
  EXPECT_NE(verdict().why.find("about 30 s to go"), std::string::npos) << verdict().why;
  movement->speed = 1.0;
  EXPECT_NE(verdict().why.find("falls behind"), std::string::npos) << verdict().why;
}

TEST_F(JudgeLink, IsNoFaultWhileAnOwnerIsElected) {
  auto old = std::make_shared<FeedSheet>();
  old->at = kNow - Millis{12000};
  origin.feeds = old;
  movement->since = kNow - Millis{18000};
  origin.ticdc.trouble = "TICDC_BUSY: owner not found";
  EXPECT_EQ(verdict().word, "moving");
  EXPECT_NE(verdict().why.find("12 s ago"), std::string::npos) << verdict().why;
  EXPECT_NE(verdict().why.find("TICDC_BUSY"), std::string::npos) << verdict().why;
}

TEST_F(JudgeLink, IsStuckWhenAHeartbeatItHasPassedIsNotThere) {
  BeatSeen beat;
  beat.lost_since = kNow - Millis{5000};
  EXPECT_EQ(judge_link(origin, feed, movement, kNow, beat).word, "moving");
  beat.lost_since = kNow - Millis{5001};
  const LinkVerdict verdict = judge_link(origin, feed, movement, kNow, beat);
  EXPECT_EQ(verdict.word, "stuck");
  EXPECT_EQ(verdict.since, beat.lost_since);
  EXPECT_NE(verdict.why.find("heartbeat"), std::string::npos);
}

TEST_F(JudgeLink, SaysThatAFinishedFeedHadATarget) {
  feed->state = "finished";
  EXPECT_NE(verdict().why.find("target"), std::string::npos);
}

struct GateState : ::testing::Test {
  ClusterSeen seen;
  void servers(std::vector<ServerGate> gates) { seen.gate.servers = std::move(gates); }
  static ServerGate closed() { return {ServerAddress("c"), true, {}}; }
  static ServerGate open() { return {ServerAddress("o"), false, {}}; }
  static ServerGate silent() { return {ServerAddress("s"), false, "timed out"}; }
};

TEST_F(GateState, IsOneWordForAllServers) {
  servers({closed(), closed()});
  EXPECT_EQ(seen.gate_state(), "closed");
  servers({open(), open()});
  EXPECT_EQ(seen.gate_state(), "open");
}

TEST_F(GateState, IsClosingWhenSomeServerIsClosed) {
  servers({closed(), open()});
  EXPECT_EQ(seen.gate_state(), "closing");
  servers({silent(), closed()});
  EXPECT_EQ(seen.gate_state(), "closing");
}

TEST_F(GateState, IsUnknownOtherwise) {
  EXPECT_EQ(seen.gate_state(), "unknown");
  servers({open(), silent()});
  EXPECT_EQ(seen.gate_state(), "unknown");
  servers({silent()});
  EXPECT_EQ(seen.gate_state(), "unknown");
}

}  // namespace
}  // namespace bdrmesh
