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
  EXPECT_EQ(verdict().why, "CDC:ErrSnapshotLostByGC");
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
