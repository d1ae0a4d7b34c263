// A member goes in good order, or stops serving for a while and comes back.
#include <gmock/gmock.h>

#include "flows/flow_bench.h"
#include "gate/standing_gate.h"
#include "mesh/membership.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kThree{"east", "west", "south"};

struct Members : ::testing::Test {
  FlowBench bench{kThree};

  Members() { bench.bring_up(); }

  static Plan leave(FlowBench& on, bool keep_serving = false) {
    return on.plan("cluster.leave", {{"cluster", "south"}, {"keep_serving", keep_serving}});
  }
  static Plan evacuate(FlowBench& on) {
    return on.plan("cluster.evacuate", {{"cluster", "south"}, {"reason", "new switches"}});
  }
  static Plan come_back(FlowBench& on) { return on.plan("cluster.return", {{"cluster", "south"}}); }
  static std::vector<std::string> feeds(const FlowBench& on) {
    std::vector<std::string> all;
    for (const std::string& name : on.inner.clusters()) {
      on.inner.look(name, [&](const ClusterState& state) {
        for (const auto& [id, feed] : state.feeds) all.push_back(id + " " + feed.detail.state);
        return 0;
      });
    }
    return all;
  }
  static TokenRow row(const FlowBench& on, const std::string& cluster) {
    return on.inner.look(cluster, [](const ClusterState& state) { return *state.token; });
  }
  std::string refusal(const std::string& kind, const Json& args) {
    try {
      bench.plan(kind, args);
    } catch (const Error& e) {
      EXPECT_FALSE(e.remedy().empty()) << e.code();
      return e.code();
    }
    return "planned";
  }
  static void expect_left(const FlowBench& on, const EndOfRun& end, bool keep_serving) {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << on.inner.diary_text();
    EXPECT_THAT(feeds(on),
                ElementsAre("orders-east-to-west-1 normal", "orders-west-to-east-1 normal"))
        << end.journal;
    EXPECT_EQ(on.inner.role("south"), "") << end.journal;
    EXPECT_EQ(on.inner.role("east"), "primary");
    for (const std::string& name : kThree) {
      const auto told = ended_memberships(row(on, name));
      ASSERT_EQ(told.size(), 1U) << name << end.journal;
      EXPECT_EQ(told[0].cluster.value(), "south");
      EXPECT_EQ(told[0].how, "left");
    }
    if (keep_serving) {
      EXPECT_TRUE(on.inner.all_gates_open()) << end.journal;
      EXPECT_THAT(on.inner.announced_gates(), IsEmpty()) << end.journal;
    } else {
      EXPECT_THAT(on.inner.closed_gates(), ElementsAre("south")) << end.journal;
      const auto notes = gate_notes(row(on, "south"));
      ASSERT_EQ(notes.size(), 1U) << end.journal;
      EXPECT_TRUE(notes[0].standing);
    }
    expect_no_hazard(on, end.journal);
  }
};

TEST_F(Members, ALeaverLosesItsFeedsAndNobodyElseIsTouched) {
  bool touched = false;
  for (const char* other : {"east", "west"}) {
    Fault fault;
    fault.cluster = other;
    fault.method = "tidb.set_super_read_only";
    fault.before = [&] { touched = true; };
    bench.world.arm(fault);
  }
  const EndOfRun end = bench.run(leave(bench));
  expect_left(bench, end, false);
  EXPECT_FALSE(touched) << "a gate of another member was closed";
  for (const fakes::PortCall& call : bench.world.calls()) {
    if (call.cluster == "south" || !call.changes) continue;
    EXPECT_NE(call.method, "ticdc.resume") << call.cluster;
  }
}

TEST_F(Members, ALeaverMayGoOnServingAlone) {
  expect_left(bench, bench.run(leave(bench, true)), true);
}

TEST_F(Members, ALeaveStatesPositionsGateAndConfiguration) {
  const EndOfRun end = bench.run(leave(bench));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  Json result;
  for (const FactRecord& fact : bench.store->facts(end.operation)) {
    if (fact.name == "result") result = fact.value;
  }
  ASSERT_TRUE(result.is_object()) << end.journal;
  EXPECT_EQ(result.at("left"), "south");
  EXPECT_EQ(result.at("positions").size(), 4U);
  EXPECT_THAT(result.at("configuration").get<std::string>(), HasSubstr("[\"east\", \"west\"]"));
  EXPECT_THAT(result.at("gate").get<std::string>(), HasSubstr("bdrmesh gate open south"));
}

TEST_F(Members, TheRestGoesOnAsAMeshOfItsOwn) {
  ASSERT_EQ(bench.run(leave(bench)).state(), OperationState::succeeded);
  const EndOfRun ddl = bench.run(bench.paused_ddl());
  EXPECT_EQ(ddl.state(), OperationState::succeeded) << ddl.journal;
  EXPECT_EQ(bench.inner.times_applied("east", kDropNote), 1);
  EXPECT_EQ(bench.inner.times_applied("west", kDropNote), 1);
  EXPECT_EQ(bench.inner.times_applied("south", kDropNote), 0);
}

TEST_F(Members, GroupApplyDoesNotBringALeaverBack) {
  ASSERT_EQ(bench.run(leave(bench)).state(), OperationState::succeeded);
  const auto before = feeds(bench);
  const EndOfRun apply = bench.run(bench.group_apply());
  EXPECT_EQ(apply.state(), OperationState::succeeded) << apply.journal;
  EXPECT_EQ(feeds(bench), before);
}

TEST_F(Members, ALeaverThatIsDeadLaterHoldsNobodyUp) {
  ASSERT_EQ(bench.run(leave(bench)).state(), OperationState::succeeded);
  Fault dead;
  dead.cluster = "south";
  dead.effect = fakes::Effect::transient;
  dead.from_then_on = true;
  bench.world.arm(dead);
  EXPECT_EQ(bench.run(bench.plan("verify.links")).state(), OperationState::succeeded);
}

TEST_F(Members, TheGateOfALeaverIsOpenedByHand) {
  ASSERT_EQ(bench.run(leave(bench)).state(), OperationState::succeeded);
  const EndOfRun open = bench.run(bench.plan("gate.open", {{"cluster", "south"}}));
  EXPECT_EQ(open.state(), OperationState::succeeded) << open.journal;
  EXPECT_TRUE(bench.inner.all_gates_open());
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
}

TEST_F(Members, WhoMayNotLeaveIsToldWhatToDo) {
  EXPECT_EQ(refusal("cluster.leave", {{"cluster", "east"}}), "IS_DDL_PRIMARY");
  EXPECT_EQ(refusal("cluster.leave", {{"cluster", "moon"}}), "UNKNOWN_CLUSTER");
  ASSERT_EQ(bench.run(leave(bench)).state(), OperationState::succeeded);
  EXPECT_EQ(refusal("cluster.leave", {{"cluster", "south"}}), "NOT_A_MEMBER");
  EXPECT_EQ(refusal("cluster.leave", {{"cluster", "west"}}), "TWO_MEMBERS");
}

TEST_F(Members, ALeaveGoesOnWhereverTheDaemonDies) {
  int deaths = 0;
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int write = 1; write <= 80; ++write) {
      SCOPED_TRACE(fakes::describe(fakes::die(when, write)));
      FlowBench fresh(kThree);
      fresh.bring_up();
      const Plan plan = leave(fresh);
      if (!fresh.run_dying(plan, fakes::die(when, write))) break;
      ++deaths;
      expect_left(fresh, fresh.run(plan), false);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(deaths, 30);
}

TEST_F(Members, ALeaveIsUndoneWhateverFailsBeforeTheLine) {
  const Json before = bench.standing();
  for (const char* method : {"tidb.look_at_transactions", "tidb.current_tso", "tidb.write_marker",
                             "ticdc.pause", "tidb.ddl_jobs"}) {
    for (const char* cluster : {"south", "west"}) {
      SCOPED_TRACE(std::string(method) + " of " + cluster);
      FlowBench fresh(kThree);
      fresh.bring_up();
      const Plan plan = leave(fresh);
      Fault fault;
      fault.cluster = cluster;
      fault.method = method;
      fault.effect = fakes::Effect::refuse;
      fresh.world.arm(fault);
      const EndOfRun end = fresh.run(plan);
      if (fresh.world.struck() == 0) continue;
      expect_reverted(fresh, end, before);
      for (const std::string& name : kThree)
        EXPECT_THAT(ended_memberships(row(fresh, name)), IsEmpty()) << end.journal;
    }
  }
}

TEST_F(Members, ALeaveSurvivesLostAnswers) {
  const auto count = [&] {
    FlowBench fresh(kThree);
    fresh.bring_up();
    const Plan plan = leave(fresh);
    const std::size_t planned = fresh.world.calls().size();
    fresh.run(plan);
    const auto calls = fresh.world.calls();
    return std::count_if(calls.begin() + static_cast<std::ptrdiff_t>(planned), calls.end(),
                         [](const fakes::PortCall& call) { return call.changes; });
  }();
  ASSERT_GT(count, 15);
  for (const char* method : {"tidb.replace_token", "tidb.set_super_read_only", "ticdc.pause",
                             "ticdc.remove", "tidb.set_bdr_role", "tidb.write_marker"}) {
    for (int nth = 1; nth <= 4; ++nth) {
      SCOPED_TRACE(std::string(method) + " " + std::to_string(nth));
      FlowBench fresh(kThree);
      fresh.bring_up();
      const Plan plan = leave(fresh);
      Fault fault;
      fault.method = method;
      fault.nth = nth;
      fault.effect = fakes::Effect::lose_answer;
      fresh.world.arm(fault);
      const EndOfRun end = fresh.run(plan);
      if (fresh.world.struck() > 0) expect_left(fresh, end, false);
      if (HasFailure()) return;
    }
  }
}

TEST_F(Members, AnEvacuatedMemberTakesNoWritesAndKeepsItsFeeds) {
  const auto before = feeds(bench);
  const EndOfRun end = bench.run(evacuate(bench));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(feeds(bench), before);
  EXPECT_THAT(bench.inner.closed_gates(), ElementsAre("south"));
  EXPECT_FALSE(bench.inner.try_write("south", 0));
  const auto notes = gate_notes(row(bench, "south"));
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].standing);
  EXPECT_EQ(notes[0].reason, "it is the evacuated member of orders");
  EXPECT_EQ(refusal("cluster.evacuate", {{"cluster", "south"}, {"reason", "x"}}),
            "EVACUATED_ALREADY");
  EXPECT_EQ(refusal("gate.open", {{"cluster", "south"}}), "GATE_STANDING");

  const EndOfRun back = bench.run(come_back(bench));
  ASSERT_EQ(back.state(), OperationState::succeeded) << back.journal;
  EXPECT_TRUE(bench.inner.all_gates_open());
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
  EXPECT_EQ(feeds(bench), before);
  EXPECT_EQ(refusal("cluster.return", {{"cluster", "south"}}), "NOT_EVACUATED");
  expect_no_hazard(bench, end.journal);
}

TEST_F(Members, TheLastOneThatTakesWritesIsNotEvacuated) {
  ASSERT_EQ(bench.run(evacuate(bench)).state(), OperationState::succeeded);
  ASSERT_EQ(
      bench.run(bench.plan("cluster.evacuate", {{"cluster", "west"}, {"reason", "x"}})).state(),
      OperationState::succeeded);
  EXPECT_EQ(refusal("cluster.evacuate", {{"cluster", "east"}, {"reason", "x"}}), "LAST_WRITABLE");
  EXPECT_EQ(refusal("cluster.evacuate", {{"cluster", "east"}}), "BAD_ARGUMENT");
}

TEST_F(Members, AnEvacuatedMemberMayLeave) {
  ASSERT_EQ(bench.run(evacuate(bench)).state(), OperationState::succeeded);
  expect_left(bench, bench.run(leave(bench)), false);
}

TEST_F(Members, AnEvacuatedMemberStaysClosedWhenItsLeavingIsUndone) {
  ASSERT_EQ(bench.run(evacuate(bench)).state(), OperationState::succeeded);
  const Json before = bench.standing();
  const Plan plan = leave(bench);
  Fault fault;
  fault.cluster = "south";
  fault.method = "ticdc.pause";
  fault.effect = fakes::Effect::refuse;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(plan);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  Json after = bench.standing();
  for (Json* one : {&after}) (*one)["south"].erase("gates");
  Json wanted = before;
  wanted["south"].erase("gates");
  EXPECT_EQ(after, wanted) << Json::diff(wanted, after);
  ASSERT_EQ(gate_notes(row(bench, "south")).size(), 1U);
  EXPECT_TRUE(gate_notes(row(bench, "south"))[0].standing);
}

TEST_F(Members, EvacuationAndReturnGoOnWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int write = 1; write <= 50; ++write) {
      SCOPED_TRACE(fakes::describe(fakes::die(when, write)));
      FlowBench fresh(kThree);
      fresh.bring_up();
      const Plan there = evacuate(fresh);
      const bool died = fresh.run_dying(there, fakes::die(when, write));
      EndOfRun end;
      if (died) {
        end = fresh.run(there);
        ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
      }
      EXPECT_THAT(fresh.inner.closed_gates(), ElementsAre("south")) << end.journal;
      const Plan back = come_back(fresh);
      const bool died_again = fresh.run_dying(back, fakes::die(when, write));
      if (died_again) {
        end = fresh.run(back);
        ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
      }
      EXPECT_TRUE(fresh.inner.all_gates_open()) << end.journal;
      EXPECT_THAT(fresh.inner.announced_gates(), IsEmpty()) << end.journal;
      if (!died && !died_again) break;
    }
  }
}

}  // namespace
}  // namespace bdrmesh::flows
