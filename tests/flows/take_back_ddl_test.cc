// The ways out of a change that took place on some clusters only: again, back, or by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/fake_ddl.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::EndOfRun;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAddUnique = "ALTER TABLE app.orders ADD UNIQUE INDEX once (note)";
constexpr const char* kDropUnique = "ALTER TABLE app.orders DROP INDEX once";
constexpr const char* kAddHint = "ALTER TABLE app.orders ADD COLUMN hint INT";
constexpr const char* kDropHint = "ALTER TABLE app.orders DROP COLUMN hint";

class TakeBack : public ::testing::Test {
 protected:
  void SetUp() override { bench.bring_up(); }

  Plan plan() { return bench.plan("ddl.run", {{"script", kAddUnique}, {"undo", kDropUnique}}); }

  /// The change took place on east and south, and west has duplicates.
  /// The script of both, its first statement with `first`.
  Plan script(const std::string& first = kAddHint) {
    return bench.plan("ddl.run", {{"script", first + ";" + kAddUnique},
                                  {"strategy", "paused"},
                                  {"undo", std::string(kDropHint) + ";" + kDropUnique}});
  }

  Json result_of(const EndOfRun& end) {
    for (const FactRecord& fact : bench.store->facts(end.operation)) {
      if (fact.name == "result") return fact.value;
    }
    return {};
  }

  EndOfRun blocked_at_west(const Plan& made, const std::string& failing = "") {
    bench.inner.with("west", [failing](ClusterState& cluster) {
      cluster.within_job = [failing](const std::string& sql, const DdlSession& session) {
        if (sql.find(failing) == std::string::npos) return;
        if (fakes::schema_of(sql, session) == "app")
          throw Error(ErrorKind::invalid, "DDL_REFUSED",
                      "1062: Duplicate entry 'a' for key 'once'");
      };
    });
    EndOfRun blocked = bench.run(made);
    EXPECT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
    return blocked;
  }

  std::string step_of(const EndOfRun& end, const std::string& name) {
    for (const StepRecord& step : bench.store->steps(end.operation)) {
      if (step.name == name) return step.step;
    }
    ADD_FAILURE() << "no step " << name << "\n" << end.journal;
    return {};
  }

  FlowBench bench{{"east", "west", "south"}};
};

TEST_F(TakeBack, SkippingTheFailedClusterTakesTheChangeBackOnTheOthers) {
  const Plan made = plan();
  const Json before = bench.standing();
  const EndOfRun blocked = blocked_at_west(made);
  const EndOfRun end =
      bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#1"), "duplicates stay");
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(bench.inner.times_applied("east", kDropUnique), 1);
  EXPECT_EQ(bench.inner.times_applied("south", kDropUnique), 1);
  EXPECT_EQ(bench.inner.times_applied("west", kDropUnique), 0);
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing()) << end.journal;
  EXPECT_TRUE(bench.inner.all_gates_open());
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
  EXPECT_THAT(end.journal, HasSubstr("takes the change back on east"));
  expect_no_hazard(bench, end.journal);
}

TEST_F(TakeBack, TellsWhoeverFollowsItThatItWasTakenBack) {
  const EndOfRun blocked = blocked_at_west(plan());
  const EndOfRun end = bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#1"), "why");
  EXPECT_EQ(result_of(end), Json({{"taken_back", true}, {"failed_on", {"west"}}})) << end.journal;
}

TEST_F(TakeBack, TakesAWholeScriptBackAlsoWhereOnlyItsLaterStatementFailed) {
  const Plan made = script();
  const Json before = bench.standing();
  const EndOfRun blocked = blocked_at_west(made, "ADD UNIQUE");
  const EndOfRun end =
      bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#2"), "duplicates stay");
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(name, kDropHint), 1) << name;
    EXPECT_EQ(bench.inner.times_applied(name, kDropUnique), name == "west" ? 0 : 1) << name;
  }
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing()) << end.journal;
  expect_no_hazard(bench, end.journal);
}

TEST_F(TakeBack, RunsNothingOfAScriptBehindTheStatementThatWasGivenUp) {
  const Plan made = script();
  const Json before = bench.standing();
  const EndOfRun blocked = blocked_at_west(made, "hint");
  const EndOfRun end = bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#1"), "why");
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(name, kAddUnique), 0) << name;
    EXPECT_EQ(bench.inner.times_applied(name, kDropHint), name == "west" ? 0 : 1) << name;
  }
  EXPECT_EQ(result_of(end), Json({{"taken_back", true}, {"failed_on", {"west"}}})) << end.journal;
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing()) << end.journal;
}

TEST_F(TakeBack, LeavesWhatWasThereBefore) {
  bench.run(bench.plan("ddl.run", {{"script", kAddHint}}));
  for (const std::string& name : bench.inner.clusters())
    bench.inner.with(name, [](ClusterState& at) { at.no_job_for = "IF NOT EXISTS hint"; });
  const Plan made = script("ALTER TABLE app.orders ADD COLUMN IF NOT EXISTS hint INT");
  const Json before = bench.standing();
  const EndOfRun blocked = blocked_at_west(made, "ADD UNIQUE");
  const EndOfRun end = bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#2"), "why");
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const std::string& name : bench.inner.clusters())
    EXPECT_EQ(bench.inner.times_applied(name, kDropHint), 0) << name;
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing()) << end.journal;
}

TEST_F(TakeBack, WithoutAPauseTooOnceAClusterHasRefused) {
  FlowBench no_roles{{"east", "west", "south"}};
  no_roles.bring_up("");
  no_roles.inner.with("west", [](ClusterState& cluster) {
    cluster.within_job = [](const std::string&, const DdlSession&) {
      throw Error(ErrorKind::invalid, "DDL_REFUSED", "1105: out of disk");
    };
  });
  const Json before = no_roles.standing();
  const EndOfRun blocked = no_roles.run(
      no_roles.plan("ddl.run", {{"script", "ALTER TABLE app.orders ADD INDEX by_note (note)"},
                                {"undo", "ALTER TABLE app.orders DROP INDEX by_note"}}));
  ASSERT_EQ(blocked.state(), OperationState::blocked) << blocked.journal;
  std::string failed;
  for (const StepRecord& step : no_roles.store->steps(blocked.operation)) {
    if (step.name == "apply_ddl:west#1") failed = step.step;
  }
  const EndOfRun end = no_roles.skip(blocked.operation, failed, "no room");
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(no_roles.standing(), before) << Json::diff(before, no_roles.standing()) << end.journal;
}

TEST_F(TakeBack, RetryingFinishesTheChangeAndTakesNothingBack) {
  const EndOfRun blocked = blocked_at_west(plan());
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = nullptr; });
  const EndOfRun end = bench.resume(blocked.operation);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const std::string& name : bench.inner.clusters()) {
    EXPECT_EQ(bench.inner.times_applied(name, kAddUnique), 1) << name;
    EXPECT_EQ(bench.inner.times_applied(name, kDropUnique), 0) << name;
  }
}

TEST_F(TakeBack, TakesNothingBackWhenNothingFails) {
  const EndOfRun end = bench.run(plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  for (const std::string& name : bench.inner.clusters())
    EXPECT_EQ(bench.inner.times_applied(name, kDropUnique), 0) << name;
}

TEST_F(TakeBack, WithoutAStatementForItNothingCanBeSkipped) {
  const EndOfRun blocked = blocked_at_west(bench.plan("ddl.run", {{"script", kAddUnique}}));
  EXPECT_THROW(bench.skip(blocked.operation, step_of(blocked, "apply_ddl:west#1"), "why not"),
               Error);
  EXPECT_THAT(bench.inner.closed_gates(), testing::SizeIs(3));
}

TEST_F(TakeBack, TheHealthyOnesCanGoOnWithoutTheOneThatFailed) {
  const EndOfRun blocked = blocked_at_west(plan());
  const EndOfRun opened = bench.run(bench.plan(
      "ddl.open_healthy", {{"operation", blocked.operation}, {"failed", Json::array({"west"})}}));
  ASSERT_EQ(opened.state(), OperationState::succeeded) << opened.journal;
  EXPECT_THAT(bench.inner.closed_gates(), testing::ElementsAre("west"));
  for (const char* from : {"east", "south"}) {
    const std::string feed = std::string("orders-") + from + "-to-west-1";
    bench.inner.with(from, [&](ClusterState& cluster) {
      EXPECT_EQ(cluster.feeds.at(feed).detail.state, "stopped");
    });
  }
  // West is mended; what waits for it flows again by itself.
  bench.inner.with("west", [](ClusterState& cluster) { cluster.within_job = nullptr; });
  const EndOfRun end = bench.resume(blocked.operation);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(bench.inner.times_applied("west", kAddUnique), 1);
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST_F(TakeBack, AClusterWithoutTheChangeIsNotTakenForHealthy) {
  const EndOfRun blocked = blocked_at_west(plan());
  const EndOfRun end = bench.run(bench.plan(
      "ddl.open_healthy", {{"operation", blocked.operation}, {"failed", Json::array({"south"})}}));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_THAT(end.journal, HasSubstr("NOT_CHANGED"));
  EXPECT_THAT(bench.inner.closed_gates(), testing::SizeIs(3));
  for (const Json& failed :
       {Json::array(), Json::array({"east", "west", "south"}), Json::array({"nobody"})}) {
    EXPECT_THROW(
        bench.plan("ddl.open_healthy", {{"operation", blocked.operation}, {"failed", failed}}),
        Error)
        << failed;
  }
}

TEST_F(TakeBack, WantsAStatementThatFits) {
  for (const char* undo :
       {"SELECT 1", "ALTER TABLE app.other DROP INDEX once",
        "ALTER TABLE app.orders DROP INDEX a; ALTER TABLE app.orders DROP INDEX b",
        "ALTER TABLE app.orders FROBNICATE"}) {
    try {
      bench.plan("ddl.run", {{"script", kAddUnique}, {"undo", undo}});
      ADD_FAILURE() << undo;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "BAD_UNDO") << undo;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
