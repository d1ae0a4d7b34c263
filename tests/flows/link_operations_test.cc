// Pausing, resuming, adopting and repairing one link, wherever the daemon dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::FeedState;
using ::testing::HasSubstr;

constexpr const char* kOld = "orders-east-to-west-1";
constexpr const char* kNew = "orders-east-to-west-2";

struct Scene {
  FlowBench bench;
  Scene() { bench.bring_up(); }

  Plan plan(const std::string& kind, Json more = Json::object()) {
    more.update({{"from", "east"}, {"to", "west"}});
    return bench.plan(kind, more);
  }
  std::string state(const std::string& feed = kOld) const {
    return bench.inner.look("east", [&](const ClusterState& cluster) {
      const auto found = cluster.feeds.find(feed);
      return found == cluster.feeds.end() ? "none" : found->second.detail.state;
    });
  }
  FeedState feed(const std::string& id) const {
    return bench.inner.look("east", [&](const ClusterState& c) { return c.feeds.at(id); });
  }
  void turn_bdr_off() {
    bench.inner.with_feed("east", kOld,
                          [](FeedState& feed) { feed.detail.config["bdr_mode"] = false; });
  }
  void expect_replaced(const EndOfRun& end) {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
    EXPECT_EQ(state(kOld), "none") << end.journal;
    EXPECT_EQ(state(kNew), "normal");
    EXPECT_EQ(feed(kNew).detail.config.at("bdr_mode"), true);
    int living = 0;
    for (const LinkIncarnation& one : bench.book.incarnations(GroupName("orders"))) {
      if (one.link != Link{ClusterName("east"), ClusterName("west")} || one.removed) continue;
      ++living;
      EXPECT_EQ(one.changefeed.value(), kNew);
      EXPECT_TRUE(one.proven_at);
    }
    EXPECT_EQ(living, 1);
    expect_no_hazard(bench, end.journal);
  }
};

struct LinkOperations : ::testing::Test, Scene {};

TEST_F(LinkOperations, PauseStopsTheFeedAndResumeProvesIt) {
  EndOfRun end = bench.run(plan("link.pause"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(state(), "stopped");
  end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(state(), "normal");
}

TEST_F(LinkOperations, PauseWaitsForTheSinksLastTransaction) {
  OpenTransaction row;
  row.user = bench.desired.cluster(ClusterName("west")).sink.user_for(ClusterName("east"));
  row.state = "Committing";
  row.session_id = 77;
  row.instance = bench.inner.look("west", [](const ClusterState& cluster) {
    return cluster.servers.front().info.status_address;
  });
  bench.inner.open_transaction("west", row, 5);
  const EndOfRun end = bench.run(plan("link.pause"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(bench.inner.look("west", [](const ClusterState& c) { return c.transactions.size(); }),
              0U);
}

TEST_F(LinkOperations, RepairReplacesAFeedThatIsNotAsWanted) {
  turn_bdr_off();
  expect_replaced(bench.run(plan("link.repair")));
}

TEST_F(LinkOperations, TheNewFeedBeginsWhereTheOldOneStopped) {
  turn_bdr_off();
  bench.run(plan("link.repair"));
  const auto book = bench.book.incarnations(GroupName("orders"));
  const auto old = std::ranges::find(book, ChangefeedId(kOld), &LinkIncarnation::changefeed);
  const auto now = std::ranges::find(book, ChangefeedId(kNew), &LinkIncarnation::changefeed);
  ASSERT_TRUE(old != book.end() && now != book.end());
  EXPECT_GE(now->start, old->start);
  EXPECT_TRUE(old->removed);
}

TEST_F(LinkOperations, RepairFinishesWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(nth));
      Scene fresh;
      fresh.turn_bdr_off();
      const Plan planned = fresh.plan("link.repair");
      if (!fresh.bench.run_dying(planned, {when, nth})) break;
      fresh.expect_replaced(fresh.bench.run(planned));
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST_F(LinkOperations, RepairMakesALostFeedAnew) {
  bench.inner.with("east", [](ClusterState& cluster) { cluster.feeds.erase(kOld); });
  const EndOfRun end = bench.run(plan("link.repair"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(state(kNew), "normal");
}

TEST_F(LinkOperations, ARepairThatIsCancelledLeavesTheOldFeedRunning) {
  turn_bdr_off();
  fakes::Fault fault;
  fault.cluster = "east";
  fault.method = "ticdc.create";
  fault.effect = fakes::Effect::refuse;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(plan("link.repair"));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(state(kOld), "normal") << end.journal;
  EXPECT_EQ(state(kNew), "none");
}

TEST_F(LinkOperations, AdoptTakesAFeedThatIsAsWanted) {
  bench.book.forget();
  const EndOfRun end = bench.run(plan("link.adopt"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const auto book = bench.book.incarnations(GroupName("orders"));
  ASSERT_EQ(book.size(), 1U);
  EXPECT_EQ(book[0].changefeed.value(), kOld);
  EXPECT_TRUE(book[0].start.is_set());
}

TEST_F(LinkOperations, AdoptRefusesAFeedThatIsNot) {
  bench.book.forget();
  turn_bdr_off();
  const EndOfRun end = bench.run(plan("link.adopt"));
  EXPECT_NE(end.state(), OperationState::succeeded);
  EXPECT_EQ(end.record.error_code, "FEED_DIFFERS") << end.journal;
  EXPECT_TRUE(bench.book.incarnations(GroupName("orders")).empty());
}

TEST_F(LinkOperations, GroupApplyResumesAPausedLink) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "stopped"; });
  const EndOfRun end = bench.run(bench.group_apply());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(state(), "normal");
}

TEST_F(LinkOperations, GroupApplyReplacesADriftedFeedAndThenFindsNothing) {
  turn_bdr_off();
  expect_replaced(bench.run(bench.group_apply()));
  Plan again = bench.group_apply();
  for (const PlannedStage& stage : again.stages) {
    for (const PlannedStep& step : stage.steps) {
      EXPECT_NE(step.type, "create_link");
      EXPECT_NE(step.type, "pause_link");
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
