// Bringing a group up: from bare clusters to a proven mesh, wherever the daemon dies and whatever
// answer is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::Act;
using fakes::ClusterState;
using fakes::Death;
using fakes::Effect;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Plan bare_group(FlowBench& bench) {
  bench.desired.groups.front().ddl_primary = ClusterName("east");
  return bench.group_apply();
}

void expect_mesh(const FlowBench& bench, const EndOfRun& end) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  const std::size_t others = bench.inner.clusters().size() - 1;
  for (const std::string& name : bench.inner.clusters()) {
    const auto feeds =
        bench.inner.look(name, [](const ClusterState& cluster) { return cluster.feeds; });
    EXPECT_THAT(feeds, SizeIs(others)) << end.journal;
    for (const auto& [id, feed] : feeds) {
      EXPECT_EQ(feed.detail.state, "normal");
      EXPECT_TRUE(feed.detail.config.value("bdr_mode", false)) << id;
    }
    EXPECT_EQ(bench.inner.role(name), name == "east" ? "primary" : "secondary");
  }
  for (const LinkIncarnation& one : bench.book.incarnations(bench.desired.groups.front().name)) {
    EXPECT_TRUE(one.proven_at.has_value()) << one.changefeed.value();
  }
  EXPECT_TRUE(bench.inner.all_gates_open()) << end.journal;
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty()) << end.journal;
  expect_no_hazard(bench, end.journal);
}

TEST(GroupApply, MakesAFullMeshOfBareClusters) {
  FlowBench bench({"east", "west", "south"});
  const Plan plan = bare_group(bench);
  expect_mesh(bench, bench.run(plan));
}

TEST(GroupApply, PutsSourceIdsRight) {
  FlowBench bench;
  bench.inner.with("west", [](ClusterState& cluster) { cluster.source_id = 1; });
  const Plan plan = bare_group(bench);
  expect_mesh(bench, bench.run(plan));
  EXPECT_EQ(bench.inner.look("west", [](const ClusterState& cluster) { return cluster.source_id; }),
            2);
}

TEST(GroupApply, AppliedAgainChangesNothing) {
  FlowBench bench;
  expect_mesh(bench, bench.run(bare_group(bench)));
  const Json before = bench.standing();
  Plan again = bench.group_apply();
  again.title += " again";
  const EndOfRun end = bench.run(again);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(bench.standing(), before);
}

TEST(GroupApply, TakesEveryStartPositionWhileNobodyWrites) {
  FlowBench bench({"east", "west", "south"});
  bench.run(bare_group(bench));
  std::size_t closed = 0;
  bool opened = false;
  for (const Act& act : bench.inner.diary()) {
    if (act.what == "set_super_read_only") {
      act.detail == "on" ? ++closed : (opened = true, closed);
      if (act.detail == "off") {
        EXPECT_EQ(closed, 3U) << bench.inner.diary_text();
      }
    }
    if (act.what == "create") {
      EXPECT_TRUE(opened);
    }
  }
}

TEST(GroupApply, IsRefusedByTheDoctorBeforeAnythingChanges) {
  FlowBench bench;
  bench.inner.with("west", [](ClusterState& cluster) { cluster.grants.erase("cdc_east"); });
  const Plan plan = bare_group(bench);
  const Json before = bench.standing();
  const EndOfRun end = bench.run(plan);
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "SINK_USER_MISSING");
  EXPECT_EQ(bench.inner.diary_text(), "");
}

TEST(GroupApply, ALinkThatCannotBeMadeTakesTheOthersAwayAgain) {
  FlowBench bench({"east", "west", "south"});
  const Plan plan = bare_group(bench);
  const Json before = bench.standing();
  Fault fault;
  fault.cluster = "west";
  fault.method = "ticdc.create";
  fault.nth = 2;
  fault.effect = Effect::refuse;
  bench.world.arm(fault);
  expect_reverted(bench, bench.run(plan), before);
}

TEST(GroupApply, AGateOpenedBySomebodyElseVoidsTheStartPositions) {
  FlowBench bench;
  const Plan plan = bare_group(bench);
  const Json before = bench.standing();
  Fault fault;
  fault.cluster = "west";
  fault.method = "tidb.current_tso";
  fault.nth = 5;
  // The doctor and the tables ask for a TSO too: the fence is the first one with the gate closed.
  fault.from_then_on = true;
  fault.before = [&bench] {
    if (bench.inner.closed_gates().size() != 2) return;
    bench.inner.with("east", [](ClusterState& cluster) {
      cluster.read_only = false;
      for (auto& server : cluster.servers) server.read_only = false;
    });
  };
  fault.nth = 1;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(plan);
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "GATE_OPENED_BY_OTHER");
}

void die_everywhere(Death when) {
  for (std::int64_t n = 1;; ++n) {
    SCOPED_TRACE(describe(fakes::die(when, n)));
    FlowBench bench;
    const Plan plan = bare_group(bench);
    if (!bench.run_dying(plan, fakes::die(when, n))) {
      EXPECT_GT(n, 30) << "so few journal writes cannot be all";
      return;
    }
    expect_mesh(bench, bench.run(plan));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(GroupApplyDies, FinishesWhereverTheDaemonDiesBeforeAWrite) {
  die_everywhere(Death::before_write);
}
TEST(GroupApplyDies, FinishesWhereverTheDaemonDiesAfterAWrite) {
  die_everywhere(Death::after_write);
}

/// With every change of a clean run struck once, `judge` sees how it ended.
template <class Judge>
void strike_each_change(Effect effect, const Judge& judge) {
  std::vector<fakes::PortCall> made;
  {
    FlowBench clean;
    const Plan plan = bare_group(clean);
    clean.run(plan);
    for (const fakes::PortCall& call : clean.world.calls()) {
      if (call.changes) made.push_back(call);
    }
  }
  std::map<std::pair<std::string, std::string>, int> seen;
  for (const fakes::PortCall& call : made) {
    const int nth = ++seen[{call.cluster, call.method}];
    SCOPED_TRACE(call.method + " of " + call.cluster + ", call " + std::to_string(nth));
    FlowBench bench;
    const Plan plan = bare_group(bench);
    Fault fault;
    fault.cluster = call.cluster;
    fault.method = call.method;
    fault.nth = nth;
    fault.effect = effect;
    bench.world.arm(fault);
    judge(bench, plan);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(GroupApplyLosesAnswers, AnyAnswerToAChangeMayBeLost) {
  strike_each_change(Effect::lose_answer, [](FlowBench& bench, const Plan& plan) {
    expect_mesh(bench, bench.run(plan));
  });
}

TEST(GroupApplyLosesAnswers, AnyChangeMayFailOnce) {
  strike_each_change(Effect::transient, [](FlowBench& bench, const Plan& plan) {
    expect_mesh(bench, bench.run(plan));
  });
}

TEST(GroupApplyLosesAnswers, ACrashAfterAnyChangeIsFinishedByTheNextProcess) {
  strike_each_change(Effect::crash_after, [](FlowBench& bench, const Plan& plan) {
    bench.run_dying(plan, {});
    bench.world.disarm();
    expect_mesh(bench, bench.run(plan));
  });
}

}  // namespace
}  // namespace bdrmesh::flows
