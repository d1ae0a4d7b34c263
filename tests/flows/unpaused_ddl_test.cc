// Changes that run without a pause, from end to end: on the PRIMARY and through its feeds, or on
// every cluster by itself; wherever the daemon dies and whatever answer is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::Act;
using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAddNote = "ALTER TABLE app.orders ADD COLUMN hint int";
constexpr const char* kAddIndex = "ALTER TABLE app.orders ADD INDEX by_note (note)";
constexpr const char* kPolicy = "CREATE PLACEMENT POLICY near FOLLOWERS=2";

Plan ddl(FlowBench& bench, const std::string& script, Json more = Json::object()) {
  more["script"] = script;
  return bench.plan("ddl.run", more);
}

/// No gate was touched and every cluster has the change once.
void expect_applied(const FlowBench& bench, const EndOfRun& end, const std::string& statement) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(name, statement), 1) << name << "\n" << end.journal;
  }
  for (const Act& act : bench.inner.diary()) {
    EXPECT_NE(act.what, "set_super_read_only") << bench.inner.diary_text();
    EXPECT_NE(act.what, "set_bdr_role") << bench.inner.diary_text();
  }
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
  expect_no_hazard(bench, end.journal);
}

/// How often we sent it ourselves.
std::size_t sent_to(const FlowBench& bench, const std::string& cluster) {
  std::size_t count = 0;
  for (const Act& act : bench.inner.diary())
    count += act.cluster == cluster && act.what.rfind("run_ddl", 0) == 0 ? 1 : 0;
  return count;
}

void refuse_job(const std::string& sql, const DdlSession& session) {
  if (fakes::schema_of(sql, session) == "app")
    throw Error(ErrorKind::invalid, "DDL_REFUSED", "1062: Duplicate entry");
}

TEST(ReplicatedDdl, RunsOnThePrimaryAndArrivesEverywhere) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up("west");
  const Plan plan = ddl(bench, kAddNote);
  EXPECT_EQ(plan.kind, "ddl.replicated");
  const EndOfRun end = bench.run(plan);
  expect_applied(bench, end, kAddNote);
  EXPECT_EQ(sent_to(bench, "west"), 1U);
  EXPECT_EQ(sent_to(bench, "east"), 0U);
  EXPECT_EQ(bench.inner.role("west"), "primary");
}

TEST(ReplicatedDdl, WaitsForAnIndexThatTheFeedPassedBeforeItWasPublic) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = ddl(bench, kAddIndex);
  bench.inner.with("south", [](ClusterState& cluster) { cluster.hold_next_for = 25; });
  const EndOfRun end = bench.run(plan);
  expect_applied(bench, end, kAddIndex);
}

TEST(ReplicatedDdl, IsBlockedByAnIndexThatFailsBehindTheFeed) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = ddl(bench, kAddIndex);
  bench.inner.with("south", [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  EXPECT_EQ(blocked.record.error_code, "DDL_FAILED");
  EXPECT_THAT(blocked.record.error_text, HasSubstr("south"));
  EXPECT_TRUE(bench.inner.all_gates_open()) << "nothing was paused";
}

TEST(ReplicatedDdl, NamesAMemberThatNeverGotIt) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = ddl(bench, kAddNote);
  Fault lost;
  lost.cluster = "east";
  lost.method = "tidb.run_ddl";
  lost.after = [&bench] {  // somebody's skip: the feed goes on without the change
    bench.inner.with("east", [](ClusterState& cluster) { cluster.replicated.clear(); });
  };
  bench.world.arm(lost);
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  EXPECT_EQ(blocked.record.error_code, "DDL_NOT_ARRIVED");
  EXPECT_THAT(blocked.record.error_text, HasSubstr("hint"));
  // A person makes the change there by hand.
  bench.inner.with(
      "west", [](ClusterState& cluster) { fakes::apply_ddl(cluster, kAddNote, DdlSession{}); });
  EXPECT_EQ(bench.resume(blocked.operation).state(), OperationState::succeeded);
}

TEST(ReplicatedDdl, ChangesNothingWhenThePrimaryRefuses) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = ddl(bench, kAddNote);
  const Json before = bench.standing();
  bench.inner.with("east", [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  expect_reverted(bench, bench.run(plan), before);
}

TEST(ReplicatedDdl, ChangesNothingWhenTheRolesMovedMeanwhile) {
  FlowBench bench;
  bench.bring_up("east");
  const Plan plan = ddl(bench, kAddNote);
  bench.inner.set_roles("west");
  const Json before = bench.standing();
  const EndOfRun end = bench.run(plan);
  expect_reverted(bench, end, before);
  EXPECT_THAT(end.journal, HasSubstr("ROLE_CHANGED"));
}

TEST(ReplicatedDdl, IsSentOnceThoughTheAnswerIsLost) {
  FlowBench bench;
  bench.bring_up();
  const Plan plan = ddl(bench, kAddNote);
  bench.inner.with("east", [](ClusterState& cluster) { cluster.hold_next_for = 12; });
  expect_applied(bench, bench.run(plan), kAddNote);
}

TEST(ReplicatedDdl, DoesNothingWhereThereIsNothingToDo) {
  FlowBench bench;
  bench.bring_up();
  const std::string lenient = "ALTER TABLE app.orders ADD COLUMN IF NOT EXISTS note varchar(64)";
  bench.inner.with("east", [](ClusterState& cluster) { cluster.no_job_for = "IF NOT EXISTS"; });
  const EndOfRun end = bench.run(ddl(bench, lenient));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("nothing was to do on east"));
}

TEST(ReplicatedDdl, MakesADatabaseAndATableInIt) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  bench.desired.groups.front().tables = {"app.*", "shop.*"};
  const EndOfRun end = bench.run(ddl(
      bench, "CREATE DATABASE shop; CREATE TABLE shop.cart (id int NOT NULL, PRIMARY KEY (id))"));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  for (const std::string& name : bench.inner.clusters()) {
    bench.inner.with(name, [](ClusterState& cluster) {
      EXPECT_TRUE(cluster.tables.contains({"shop", "cart"})) << cluster.name;
    });
  }
}

TEST(EverywhereDdl, RunsOnEveryClusterWhereNoRolesAreSet) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up("");
  const Plan plan = ddl(bench, kAddIndex);
  EXPECT_EQ(plan.kind, "ddl.everywhere");
  expect_applied(bench, bench.run(plan), kAddIndex);
  for (const std::string& name : bench.inner.clusters()) EXPECT_EQ(sent_to(bench, name), 1U);
}

TEST(EverywhereDdl, RunsWhatNoFeedCarriesUnderRolesToo) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan = ddl(bench, kPolicy);
  EXPECT_EQ(plan.kind, "ddl.everywhere");
  expect_applied(bench, bench.run(plan), kPolicy);
}

TEST(EverywhereDdl, IsBlockedWhenOneClusterFailsAndFinishesOnResume) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up("");
  const Plan plan = ddl(bench, kAddIndex);
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  const EndOfRun blocked = bench.run(plan);
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  EXPECT_EQ(blocked.record.error_code, "DDL_FAILED");
  EXPECT_TRUE(bench.inner.all_gates_open());
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = nullptr; });
  expect_applied(bench, bench.resume(blocked.operation), kAddIndex);
}

TEST(EverywhereDdl, ChangesNothingWhenEveryClusterRefuses) {
  FlowBench bench;
  bench.bring_up("");
  const Plan plan = ddl(bench, kAddIndex);
  const Json before = bench.standing();
  for (const std::string& name : bench.inner.clusters())
    bench.inner.with(name, [](ClusterState& cluster) { cluster.within_job = refuse_job; });
  expect_reverted(bench, bench.run(plan), before);
}

TEST(MixedDdl, PausesOnceForWhatNeedsItAndRunsTheRestAfterwards) {
  FlowBench bench({"east", "west", "south"});
  bench.bring_up();
  const Plan plan =
      ddl(bench, std::string(kAddNote) + ";" + kDropNote + ";" + kAddIndex + ";" + kPolicy);
  EXPECT_EQ(plan.kind, "ddl.paused");
  EXPECT_EQ(plan.subject.at("strategies"), Json({"paused", "paused", "replicated", "everywhere"}));
  const EndOfRun end = bench.run(plan);
  expect_column_dropped(bench, end, "east");
  std::size_t opened = 0;
  for (const Act& act : bench.inner.diary()) {
    if (act.what == "set_super_read_only" && act.detail == "off") ++opened;
    if (act.detail == kAddIndex || act.detail == kPolicy) {
      EXPECT_EQ(opened, 3U) << bench.inner.diary_text();
    }
  }
  for (const char* statement : {kAddNote, kAddIndex, kPolicy}) {
    for (const std::string& name : bench.inner.clusters())
      EXPECT_EQ(bench.inner.times_applied(name, statement), 1) << name << statement;
  }
}

/// Runs again and again, dying one journal write later each time, until a run ends without dying.
void die_everywhere(const std::string& script, const std::string& primary, Death when) {
  for (std::int64_t n = 1;; ++n) {
    SCOPED_TRACE(describe(fakes::die(when, n)));
    FlowBench bench;
    bench.bring_up(primary);
    const Plan plan = ddl(bench, script);
    const bool died = bench.run_dying(plan, fakes::die(when, n));
    if (!died) {
      EXPECT_GT(n, 15) << "so few journal writes cannot be all";
      return;
    }
    expect_applied(bench, bench.run(plan), script);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(UnpausedDdlDies, FinishesReplicatedWhereverTheDaemonDies) {
  die_everywhere(kAddNote, "east", Death::before_write);
  die_everywhere(kAddIndex, "west", Death::after_write);
}

TEST(UnpausedDdlDies, FinishesEverywhereWhereverTheDaemonDies) {
  die_everywhere(kAddIndex, "", Death::before_write);
  die_everywhere(kPolicy, "east", Death::after_write);
}

}  // namespace
}  // namespace bdrmesh::flows
