// The paused DDL from end to end, and wherever the daemon dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::Act;
using fakes::Death;
using fakes::EndOfRun;

TEST(PausedDdl, DropsTheColumnOnceOnEveryCluster) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "east");
}

TEST(PausedDdl, RunsWithoutRolesToo) {
  FlowBench bench;
  bench.bring_up("");
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "");
}

TEST(PausedDdl, ChangesNothingBeforeEveryGateIsClosedAndOpensNoneBeforeEveryChange) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const EndOfRun end = bench.run(bench.paused_ddl());
  std::size_t closed = 0;
  std::size_t changed = 0;
  for (const Act& act : bench.inner.diary()) {
    if (act.what == "set_super_read_only" && act.detail == "on") ++closed;
    if (act.what == "set_super_read_only" && act.detail == "off") {
      EXPECT_EQ(changed, 3U) << bench.inner.diary_text();
    }
    if (act.what == "run_ddl" && act.detail == kDropNote) {
      EXPECT_EQ(closed, 3U) << bench.inner.diary_text();
      ++changed;
    }
  }
  EXPECT_EQ(changed, 3U) << end.journal;
}

TEST(PausedDdl, WaitsForServersThatLearnOfTheGateLate) {
  FlowBench bench;
  bench.bring_up();
  bench.inner.with("west", [](fakes::ClusterState& cluster) { cluster.servers[1].late_looks = 4; });
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "east");
}

TEST(PausedDdl, WaitsForTransactionsThatCouldStillCommit) {
  FlowBench bench;
  bench.bring_up();
  OpenTransaction open;
  open.instance = "east-tidb-1:10080";
  open.session_id = 77;
  open.user = "app";
  open.state = "Committing";
  bench.inner.open_transaction("east", open, 6);
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "east");
}

/// Another schema change ends between the plan and the run: its roles were off when the plan was
/// made.
TEST(PausedDdl, GivesRolesBackThatTheClustersGotAfterThePlan) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  bench.inner.with("east", [](fakes::ClusterState& cluster) { cluster.role.clear(); });
  bench.inner.with("west", [](fakes::ClusterState& cluster) { cluster.role.clear(); });
  const Plan plan = bench.paused_ddl();
  bench.inner.set_roles("east");
  expect_column_dropped(bench, bench.run(plan), "east");
}

TEST(PausedDdl, RunsAScriptOfSeveralStatementsInOrder) {
  FlowBench bench;
  bench.bring_up();
  const EndOfRun end = bench.run(
      bench.paused_ddl(std::string(kDropNote) +
                       "; ALTER TABLE app.orders ADD COLUMN extra int NOT NULL DEFAULT 7;"));
  expect_column_dropped(bench, end, "east");
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(
                  name, "ALTER TABLE app.orders ADD COLUMN extra int NOT NULL DEFAULT 7"),
              1);
  }
}

/// Runs again and again, dying one journal write later each time, until a run ends without dying.
void die_everywhere(Death when, const std::string& primary) {
  for (std::int64_t n = 1;; ++n) {
    SCOPED_TRACE(describe(fakes::die(when, n)));
    FlowBench bench;
    bench.bring_up(primary);
    const Plan plan = bench.paused_ddl();
    if (!bench.run_dying(plan, fakes::die(when, n))) {
      EXPECT_GT(n, 40) << "so few journal writes cannot be all";
      return;
    }
    const EndOfRun end = bench.run(plan);
    expect_column_dropped(bench, end, primary);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(PausedDdlDies, FinishesWhereverTheDaemonDiesBeforeAWrite) {
  die_everywhere(Death::before_write, "east");
}
TEST(PausedDdlDies, FinishesWhereverTheDaemonDiesAfterAWrite) {
  die_everywhere(Death::after_write, "east");
}
TEST(PausedDdlDies, FinishesWhereverItDiesWithoutRoles) { die_everywhere(Death::before_write, ""); }

TEST(PausedDdlDies, FinishesWhenItDiesTwice) {
  for (std::int64_t first = 5; first < 80; first += 9) {
    for (std::int64_t second = 1; second < 40; second += 6) {
      SCOPED_TRACE("dies at " + std::to_string(first) + ", then at " + std::to_string(second));
      FlowBench bench;
      bench.bring_up();
      const Plan plan = bench.paused_ddl();
      bench.run_dying(plan, fakes::die(Death::before_write, first));
      bench.run_dying(plan, fakes::die(Death::after_write, second));
      expect_column_dropped(bench, bench.run(plan), "east");
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
