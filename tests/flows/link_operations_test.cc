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
  void strike(const std::string& method, fakes::Fault fault) {
    fault.cluster = "east";
    fault.method = method;
    bench.world.arm(fault);
  }
  std::function<void()> changed(const std::function<void(FeedState&)>& change,
                                const std::string& id = kOld) {
    return [this, change, id] { bench.inner.with_feed("east", id, change); };
  }
  std::ptrdiff_t sent(const std::string& method) const {
    return std::ranges::count(bench.world.calls(), method, &fakes::PortCall::method);
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

TEST_F(LinkOperations, PauseBelievesNoListThatLeavesOutAServer) {
  const Plan planned = plan("link.pause");
  bench.inner.with("west", [](ClusterState& cluster) { cluster.servers[1].trx_blind = true; });
  strike("ticdc.list", {.nth = 20, .after = [this] {
                          bench.inner.with("west", [](ClusterState& cluster) {
                            cluster.servers[1].trx_blind = false;
                          });
                        }});
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_GE(sent("ticdc.list"), 20);
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

TEST_F(LinkOperations, AFeedThatWasOnlyMissedIsNotMadeTwice) {
  auto hidden = std::make_shared<FeedState>(feed(kOld));
  bench.inner.with("east", [](ClusterState& cluster) { cluster.feeds.erase(kOld); });
  const Plan planned = plan("link.repair");
  strike("ticdc.list",
         {.nth = 2, .before = [this, hidden] {
            bench.inner.with("east", [&](ClusterState& cluster) { cluster.feeds[kOld] = *hidden; });
          }});
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.record.error_code, "FEED_IS_THERE") << end.journal;
  EXPECT_EQ(state(kNew), "none");
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

std::function<void()> refusing(ErrorKind kind, const std::string& code) {
  return [kind, code] { throw Error(kind, code, "on command"); };
}

TEST_F(LinkOperations, AnUndoGoesOnWhereTheTargetRefusesTheFeed) {
  turn_bdr_off();
  strike("ticdc.create", {.effect = fakes::Effect::refuse});
  strike("ticdc.resume",
         {.from_then_on = true, .before = refusing(ErrorKind::precondition, "SINK_UNREACHABLE")});
  const EndOfRun end = bench.run(plan("link.repair"));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(state(kOld), "stopped");
  EXPECT_THAT(end.journal, HasSubstr("alarm: link east-to-west stays paused"));
  EXPECT_THAT(end.journal, HasSubstr("bdrmesh link repair orders east west"));
}

TEST_F(LinkOperations, AnUndoLooksAgainForAPauseThatIsOnlyQueued) {
  turn_bdr_off();
  // Effect after the answer, when the undo has had its first look.
  strike("ticdc.pause", {.after = changed([](FeedState& feed) { feed.detail.state = "normal"; })});
  strike("ticdc.list",
         {.nth = 4, .after = changed([](FeedState& feed) { feed.detail.state = "stopped"; })});
  strike("ticdc.create", {.effect = fakes::Effect::refuse});
  const EndOfRun end = bench.run(plan("link.repair"));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(state(kOld), "normal") << end.journal;
}

TEST_F(LinkOperations, AFeedWithoutAPositionIsWaitedFor) {
  turn_bdr_off();
  strike("ticdc.pause", {.after = changed([](FeedState& feed) { feed.newborn_looks = 3; })});
  const EndOfRun end = bench.run(plan("link.repair"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(feed(kNew).detail.start_ts.is_set());
  for (const LinkIncarnation& one : bench.book.incarnations(GroupName("orders")))
    EXPECT_TRUE(one.start.is_set()) << one.changefeed.value();
}

TEST_F(LinkOperations, AFeedThatTheListMissesForAMomentIsNotGone) {
  const Plan planned = plan("link.pause");
  auto hidden = std::make_shared<FeedState>();
  const auto hide = [this, hidden] {
    bench.inner.with("east", [&](ClusterState& cluster) {
      *hidden = cluster.feeds.at(kOld);
      cluster.feeds.erase(kOld);
    });
  };
  const auto show = [this, hidden] {
    bench.inner.with("east", [&](ClusterState& cluster) { cluster.feeds[kOld] = *hidden; });
  };
  strike("ticdc.list", {.times = 2, .before = hide, .after = show});
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(bench.world.struck(), 2);
}

TEST_F(LinkOperations, AFeedThatStaysAwayIsGone) {
  const Plan planned = plan("link.pause");
  bench.inner.with("east", [](ClusterState& cluster) { cluster.feeds.erase(kOld); });
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.record.error_code, "LINK_MISSING") << end.journal;
}

TEST_F(LinkOperations, ACommandThatFindsNoFeedAfterAnOwnerChangeIsSentAgain) {
  strike("ticdc.pause", {.before = refusing(ErrorKind::transient, "FEED_NOT_FOUND")});
  const EndOfRun end = bench.run(plan("link.pause"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(sent("ticdc.pause"), 2);
}

TEST_F(LinkOperations, APauseThatIsIgnoredIsSentAgain) {
  strike("ticdc.pause", {.after = changed([](FeedState& feed) { feed.detail.state = "normal"; })});
  const EndOfRun end = bench.run(plan("link.pause"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(state(), "stopped");
  EXPECT_EQ(sent("ticdc.pause"), 2);
}

TEST_F(LinkOperations, AResumptionThatIsIgnoredIsSentAgain) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "stopped"; });
  strike("ticdc.resume",
         {.after = changed([](FeedState& feed) { feed.detail.state = "stopped"; })});
  const EndOfRun end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(sent("ticdc.resume"), 2);
}

TEST_F(LinkOperations, ADeletionThatIsIgnoredIsSentAgain) {
  turn_bdr_off();
  strike("ticdc.remove", {.before = changed([](FeedState& feed) { feed.newborn_looks = 1; })});
  expect_replaced(bench.run(plan("link.repair")));
  EXPECT_EQ(sent("ticdc.remove"), 2);
}

TEST_F(LinkOperations, APauseWhoseAnswerWasLostIsSentAgainThoughTheFeedIsCalledStopped) {
  strike("ticdc.pause", {.effect = fakes::Effect::lose_answer});
  const EndOfRun end = bench.run(plan("link.pause"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(sent("ticdc.pause"), 2);
}

TEST_F(LinkOperations, AResumptionThatOnlyCallsTheFeedNormalIsDoneOnceMore) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) {
    feed.detail.state = "stopped";
    feed.frozen = true;
  });
  strike("ticdc.resume", {.before = [this] {
           bench.inner.with_feed("east", kOld,
                                 [](FeedState& feed) { feed.detail.state = "normal"; });
           throw Error(ErrorKind::precondition, "SINK_UNREACHABLE", "the error of before");
         }});
  strike("ticdc.pause", {.after = changed([](FeedState& feed) { feed.frozen = false; })});
  const EndOfRun end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(sent("ticdc.resume"), 2);
}

TEST_F(LinkOperations, TheOldFailureIsNotTheNewOne) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "failed"; });
  strike("ticdc.resume", {.after = changed([](FeedState& feed) { feed.detail.state = "failed"; })});
  EndOfRun end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
}

TEST_F(LinkOperations, AFeedThatFailsAgainAndAgainEndsTheResumption) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "failed"; });
  strike("ticdc.resume", {.from_then_on = true,
                          .after = changed([](FeedState& feed) { feed.detail.state = "failed"; })});
  const EndOfRun end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.record.error_code, "LINK_HALTED") << end.journal;
}

TEST_F(LinkOperations, AFeedThatWaitsForItsNextTryIsPausedAndResumed) {
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "warning"; });
  const EndOfRun end = bench.run(plan("link.resume"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(sent("ticdc.pause"), 1);
  EXPECT_EQ(sent("ticdc.resume"), 1);
  EXPECT_EQ(state(), "normal");
}

TEST_F(LinkOperations, AFeedThatIsTooLateForTheNewArchitectureIsNotResumed) {
  bench.inner.with("east", [](ClusterState& cluster) {
    cluster.ticdc_traits = {Millis{3'600'000}, true};
  });
  bench.inner.with_feed("east", kOld, [](FeedState& feed) { feed.detail.state = "stopped"; });
  EXPECT_NO_THROW(plan("link.resume"));
  bench.clock.advance(Millis{3'700'000});
  for (const char* kind : {"link.resume", "link.repair"}) {
    try {
      plan(kind);
      ADD_FAILURE() << kind << " was planned";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), "FEED_TOO_LATE") << e.message();
      EXPECT_THAT(e.remedy(), HasSubstr("raise gc-ttl"));
    }
    EXPECT_NO_THROW(plan(kind, {{"although_late", true}}));
  }
  bench.inner.with("east",
                   [](ClusterState& cluster) { cluster.ticdc_traits.new_architecture = false; });
  EXPECT_NO_THROW(plan("link.resume")) << "classic refuses by itself";
}

TEST_F(LinkOperations, AFeedOfSomebodyElseIsNotRemoved) {
  turn_bdr_off();
  strike("ticdc.create", {.before = [this] {
           bench.inner.with("east", [](ClusterState& cluster) {
             FeedState other = cluster.feeds.at(kOld);
             other.detail.id = ChangefeedId(kNew);
             cluster.feeds[kNew] = other;
           });
         }});
  const EndOfRun end = bench.run(plan("link.repair"));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "FEED_EXISTS");
  EXPECT_EQ(state(kOld), "normal");
  EXPECT_NE(state(kNew), "none") << end.journal;
  for (const LinkIncarnation& one : bench.book.incarnations(GroupName("orders")))
    EXPECT_TRUE(one.removed || one.changefeed.value() != kNew);
}

TEST_F(LinkOperations, AFeedThatWasThereBeforeIsNotTakenForOurs) {
  turn_bdr_off();
  const Plan planned = plan("link.repair");
  bench.inner.with("east", [](ClusterState& cluster) {
    FeedState other = cluster.feeds.at(kOld);
    other.detail.id = ChangefeedId(kNew);
    cluster.feeds[kNew] = other;
  });
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "FEED_EXISTS");
  EXPECT_NE(state(kNew), "none") << end.journal;
}

TEST_F(LinkOperations, NoFeedIsMadeWithoutAPosition) {
  bench.inner.with("east", [](ClusterState& cluster) { cluster.feeds.erase(kOld); });
  Plan planned = plan("link.repair");
  for (PlannedStage& stage : planned.stages) {
    for (PlannedStep& step : stage.steps) {
      if (step.type == "create_link") step.args["start_tso"] = "0";
    }
  }
  const EndOfRun end = bench.run(planned);
  EXPECT_EQ(end.record.error_code, "START_UNKNOWN") << end.journal;
  EXPECT_EQ(sent("ticdc.create"), 0);
}

TEST_F(LinkOperations, StepsThatChangeAFeedHaveTheTimeThatTicdcTakes) {
  turn_bdr_off();
  for (const PlannedStage& stage : plan("link.repair").stages) {
    for (const PlannedStep& step : stage.steps) {
      const bool changes =
          step.type == "create_link" || step.type == "pause_link" || step.type == "remove_link";
      EXPECT_EQ(step.lane == LaneKind::slow, changes) << step.type;
    }
  }
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
