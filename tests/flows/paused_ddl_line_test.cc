// Behind the line there is only forward: what failed there stays closed and is on everybody's
// screen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::HasSubstr;

void refuse_in_app(ClusterState& cluster) {
  cluster.before_ddl = [](const std::string& sql, const DdlSession& session) {
    if (fakes::schema_of(sql, session) == "app")
      throw Error(ErrorKind::invalid, "DDL_REFUSED", "8200: Unsupported drop column");
  };
}

void refuse_job(const std::string& sql, const DdlSession& session) {
  if (fakes::schema_of(sql, session) == "app")
    throw Error(ErrorKind::invalid, "DDL_REFUSED", "1062: Duplicate entry");
}

TEST(BehindTheLine, OneClusterThatFailsBlocksAndItsGateStaysClosed) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", refuse_in_app);
  const EndOfRun end = bench.run(plan);
  ASSERT_EQ(end.state(), OperationState::blocked) << end.journal;
  EXPECT_TRUE(end.record.line_crossed) << end.journal;
  EXPECT_THAT(end.record.error_text, HasSubstr("west"));
  EXPECT_THAT(bench.inner.closed_gates(), testing::Contains("west"));
  EXPECT_THAT(bench.inner.announced_gates(), testing::Contains(HasSubstr("west")))
      << "the gate must say why it is closed";
  EXPECT_EQ(bench.inner.times_applied("east", kDropNote), 1);
  EXPECT_EQ(bench.inner.times_applied("south", kDropNote), 1);
  EXPECT_EQ(bench.inner.times_applied("west", kDropNote), 0);
}

TEST(BehindTheLine, TheGatesThatStayClosedSayThatTheLineMayBeCrossed) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", refuse_in_app);
  const EndOfRun end = bench.run(plan);
  ASSERT_EQ(end.state(), OperationState::blocked) << end.journal;
  bench.inner.with("west", [](ClusterState& cluster) {
    ASSERT_TRUE(cluster.token);
    ASSERT_EQ(cluster.token->gates.size(), 1U);
    EXPECT_TRUE(cluster.token->gates[0].at("line_crossed").get<bool>());
  });
}

TEST(BehindTheLine, ABlockedOneFinishesOnceThePersonHasHelped) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", refuse_in_app);
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  bench.inner.with("west", [](ClusterState& cluster) { cluster.before_ddl = nullptr; });
  const EndOfRun end = bench.resume(blocked.operation);
  expect_column_dropped(bench, end, "east");
}

TEST(BehindTheLine, AJobThatRolledBackIsToldOnceAndSentAgainOnResume) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  EXPECT_EQ(blocked.record.error_code, "DDL_FAILED");
  EXPECT_THAT(blocked.record.error_text, HasSubstr("1062")) << "the server's own words";

  const EndOfRun again = bench.resume(blocked.operation);
  ASSERT_EQ(again.state(), OperationState::blocked) << "the cause is still there";
  EXPECT_THAT(bench.inner.closed_gates(), testing::SizeIs(3));

  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = nullptr; });
  expect_column_dropped(bench, bench.resume(blocked.operation), "east");
}

TEST(BehindTheLine, AFailureBeforeAnotherClusterCrossedTheLineIsToldOnceToo) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  for (const char* slow : {"east", "south"}) {
    bench.inner.with(slow, [](ClusterState& cluster) {
      cluster.before_ddl = [&cluster](const std::string& sql, const DdlSession& session) {
        // The change itself ends after west's; its rehearsal does not.
        if (fakes::schema_of(sql, session) == "app") cluster.hold_next_for = 20;
      };
    });
  }
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = nullptr; });
  expect_column_dropped(bench, bench.resume(blocked.operation), "east");
}

TEST(BehindTheLine, AChangeMadeByHandIsFoundAndNotSentAgain) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  bench.inner.with("west", refuse_in_app);
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  bench.inner.with("west", [](ClusterState& cluster) {
    DdlSession session;
    fakes::apply_ddl(cluster, kDropNote, session);
  });
  const EndOfRun end = bench.resume(blocked.operation);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("by hand"));
  EXPECT_EQ(bench.inner.times_applied("west", kDropNote), 0);
  EXPECT_TRUE(bench.inner.closed_gates().empty());
}

TEST(BehindTheLine, ADdlWhoseAnswerWasLostIsFollowedAndNotRepeated) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  Fault at_the_line;
  at_the_line.cluster = "west";
  at_the_line.method = "tidb.set_super_read_only";
  at_the_line.before = [&bench] {
    bench.inner.with("west", [](ClusterState& cluster) { cluster.hold_next_for = 12; });
  };
  bench.world.arm(at_the_line);
  const EndOfRun end = bench.run(plan);
  expect_column_dropped(bench, end, "east");
}

TEST(BehindTheLine, ADaemonThatDiesWhileADdlRunsFollowsItAfterwards) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = bench.paused_ddl();
  Fault at_the_line;
  at_the_line.cluster = "west";
  at_the_line.method = "tidb.set_super_read_only";
  at_the_line.before = [&bench] {
    bench.inner.with("west", [](ClusterState& cluster) { cluster.hold_next_for = 30; });
    bench.inner.with("east", [](ClusterState& cluster) { cluster.hold_next_for = 30; });
  };
  bench.world.arm(at_the_line);
  Fault crash;
  crash.cluster = "west";
  crash.method = "tidb.find_ddl_job";
  crash.nth = 5;
  crash.effect = fakes::Effect::crash_before;
  bench.world.arm(crash);
  EXPECT_THROW(bench.run(plan), SimulatedCrash);
  bench.world.disarm();
  expect_column_dropped(bench, bench.run(plan), "east");
}

}  // namespace
}  // namespace bdrmesh::flows
