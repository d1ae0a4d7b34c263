// What a person does to one cluster: a gate held for a while, a cluster in maintenance.
#include <gmock/gmock.h>

#include "flows/flow_bench.h"
#include "flows/gate/maintenance.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using fakes::Fault;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct ByHand : ::testing::Test {
  FlowBench bench;

  ByHand() { bench.bring_up(); }
  Plan close(Millis span = Millis{5000}) {
    return bench.plan(
        "gate.close",
        {{"cluster", "east"}, {"reason", "test of the pool"}, {"for_ms", span.count()}});
  }
  Plan maintain(bool upgrade = false, Millis span = Millis{60'000}) {
    return bench.plan("maintenance.start", {{"cluster", "east"},
                                            {"reason", "new kernel"},
                                            {"for_ms", span.count()},
                                            {"upgrade", upgrade}});
  }
  std::vector<std::string> events(const EndOfRun& end) const {
    std::vector<std::string> texts;
    for (const EventRecord& event : bench.store->operation_events(end.operation))
      texts.push_back(event.severity + ": " + event.text);
    return texts;
  }
  std::optional<TokenRow> row(const std::string& cluster = "east") const {
    return bench.inner.look(cluster, [](const ClusterState& state) { return state.token; });
  }
  /// Runs `act` once, at the nth call of that method on east.
  void at(const std::string& method, int nth, const std::function<void()>& act) {
    Fault fault;
    fault.cluster = "east";
    fault.method = method;
    fault.nth = nth;
    fault.before = act;
    bench.world.arm(fault);
  }
};

TEST_F(ByHand, AGateIsAnnouncedHeldAndOpenedWhenItsTimeIsOver) {
  const Json before = bench.standing();
  bool closed = false;
  const WallTime begun = bench.clock.now();
  at("tidb.super_read_only", 8, [&] {
    closed = !bench.inner.try_write("east", 0) && !bench.inner.try_write("east", 1);
    const auto notes = gate_notes(*row());
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].reason, "test of the pool");
    EXPECT_GE(notes[0].deadline, to_rfc3339(begun + Millis{5000}));
    EXPECT_LE(notes[0].deadline, to_rfc3339(begun + Millis{120'000}));
  });
  const EndOfRun end = bench.run(close());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(closed);
  EXPECT_GE(*end.record.ended - begun, Millis{5000});
  EXPECT_LT(*end.record.ended - begun, Millis{8000});
  EXPECT_EQ(bench.standing(), before);
  expect_no_hazard(bench, end.journal);
}

TEST_F(ByHand, AGateIsOpenedEarlierByGateOpen) {
  const WallTime begun = bench.clock.now();
  at("tidb.token", 12, [&] {
    // What gate open does: its own operation, on the lane kept for opening.
    TokenKeeper tokens(bench.inner, {row()->manager, row()->epoch});
    ReadOnlyGate gate(bench.inner, tokens, bench.clock);
    EXPECT_TRUE(gate.open_if_ours(ClusterName("east"), gate_notes(*row()).at(0).operation, {}));
  });
  const EndOfRun end = bench.run(close(Millis{600'000}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_LT(*end.record.ended - begun, Millis{300'000});
  EXPECT_TRUE(bench.inner.all_gates_open());
}

TEST_F(ByHand, GateOpenIsPlannedForTheGateThatIsHeld) {
  at("tidb.super_read_only", 8, [&] {
    const Plan open = bench.plan("gate.open", {{"cluster", "east"}});
    EXPECT_EQ(open.subject.at("operation"), gate_notes(*row()).at(0).operation);
    EXPECT_TRUE(open.locks.empty()) << "it must not wait for the operation that holds the gate";
  });
  EXPECT_EQ(bench.run(close()).state(), OperationState::succeeded);
}

TEST_F(ByHand, AGateThatSomebodyElseOpensIsNotHeld) {
  at("tidb.super_read_only", 9, [&] {
    bench.inner.with("east", [](ClusterState& cluster) {
      cluster.read_only = false;
      for (auto& server : cluster.servers) server.read_only = false;
    });
  });
  const EndOfRun end = bench.run(close(Millis{60'000}));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "GATE_OPENED_BY_OTHER");
  EXPECT_THAT(bench.inner.announced_gates(), IsEmpty());
}

TEST_F(ByHand, AGateIsOpenedWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int write = 1; write <= 40; ++write) {
      SCOPED_TRACE(fakes::describe(fakes::die(when, write)));
      FlowBench fresh;
      fresh.bring_up();
      const Plan plan =
          fresh.plan("gate.close", {{"cluster", "east"}, {"reason", "test"}, {"for_ms", 3000}});
      if (!fresh.run_dying(plan, fakes::die(when, write))) break;
      const EndOfRun end = fresh.run(plan);
      EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
      EXPECT_TRUE(fresh.inner.all_gates_open()) << end.journal;
      EXPECT_THAT(fresh.inner.announced_gates(), IsEmpty()) << end.journal;
    }
  }
}

TEST_F(ByHand, AGateIsOpenedWhenTheDaemonComesBackLongAfterItsTime) {
  const Plan plan = close(Millis{3000});
  for (int write = 6; write <= 12; ++write) {
    FlowBench fresh;
    fresh.bring_up();
    if (!fresh.run_dying(plan, fakes::die(Death::after_write, write))) break;
    fresh.clock.advance(Millis{3'600'000});
    const EndOfRun end = fresh.run(plan);
    EXPECT_TRUE(fresh.inner.all_gates_open()) << end.journal;
    EXPECT_THAT(fresh.inner.announced_gates(), IsEmpty()) << end.journal;
    EXPECT_TRUE(is_final(end.state())) << end.journal;
  }
}

TEST_F(ByHand, AGateNeedsAReasonAndAnEnd) {
  const auto code_of = [&](const Json& args) {
    try {
      bench.plan("gate.close", args);
    } catch (const Error& e) {
      return e.code();
    }
    return std::string("planned");
  };
  EXPECT_EQ(code_of({{"cluster", "east"}, {"for_ms", 1000}}), "BAD_ARGUMENT");
  EXPECT_EQ(code_of({{"cluster", "east"}, {"reason", "x"}}), "BAD_ARGUMENT");
  EXPECT_EQ(code_of({{"cluster", "east"}, {"reason", "x"}, {"for_ms", 90'000'000}}),
            "BAD_ARGUMENT");
  EXPECT_EQ(code_of({{"cluster", "moon"}, {"reason", "x"}, {"for_ms", 1000}}), "UNKNOWN_CLUSTER");
  EXPECT_EQ(code_of({{"cluster", "east"}, {"reason", "x"}, {"for_ms", 1000}}), "planned");
}

TEST_F(ByHand, AStandingGateIsNotOpenedByHand) {
  GateNote note;
  note.operation = "role: secondary of billing";
  note.reason = "it is the secondary of billing";
  note.standing = true;
  bench.inner.with("east", [&](ClusterState& cluster) { put_note(*cluster.token, note); });
  for (const Json& args :
       {Json{{"cluster", "east"}}, Json{{"cluster", "east"}, {"operation", note.operation}}}) {
    try {
      bench.plan("gate.open", args);
      FAIL() << "planned";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), "GATE_STANDING");
    }
  }
}

TEST_F(ByHand, MaintenanceIsNotedUntilItsEnd) {
  const Json before = bench.standing();
  bool noted = false;
  at("tidb.token", 12, [&] {
    const auto note = maintenance_note(*row());
    noted = note && note->reason == "new kernel" && note->until_ms > 0;
  });
  const WallTime begun = bench.clock.now();
  const EndOfRun end = bench.run(maintain());
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(noted);
  EXPECT_FALSE(maintenance_note(*row()));
  EXPECT_GE(*end.record.ended - begun, Millis{60'000});
  EXPECT_EQ(bench.standing(), before);
  EXPECT_THAT(events(end), Contains(HasSubstr("east is back")));
}

TEST_F(ByHand, MaintenanceEndsWhenAPersonSaysSo) {
  const WallTime begun = bench.clock.now();
  at("tidb.token", 14, [&] {
    const auto note = maintenance_note(*row());
    ASSERT_TRUE(note);
    FlowBench::OtherState other(bench);
    const Plan end_it = bench.plan("maintenance.end", {{"cluster", "east"}});
    EXPECT_EQ(end_it.subject.at("operation"), note->operation);
    bench.inner.with("east", [](ClusterState& cluster) {
      cluster.token->remembered["maintenance"]["end_asked"] = true;
    });
  });
  const EndOfRun end = bench.run(maintain(false, Millis{3'600'000}));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_LT(*end.record.ended - begun, Millis{3'000'000});
}

TEST_F(ByHand, MaintenanceEndNeedsOne) {
  try {
    bench.plan("maintenance.end", {{"cluster", "east"}});
    FAIL() << "planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "NO_MAINTENANCE");
  }
}

TEST_F(ByHand, AnUpgradeUnsetsTheRolesOfAllAndPutsThemBack) {
  const Json before = bench.standing();
  bool unset = false;
  at("tidb.token", 30,
     [&] { unset = bench.inner.role("east").empty() && bench.inner.role("west").empty(); });
  const EndOfRun end = bench.run(maintain(true));
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(unset) << bench.inner.diary_text();
  EXPECT_EQ(bench.standing(), before) << Json::diff(before, bench.standing());
}

TEST_F(ByHand, AnUpgradeFinishesWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int write = 1; write <= 60; ++write) {
      SCOPED_TRACE(fakes::describe(fakes::die(when, write)));
      FlowBench fresh;
      fresh.bring_up();
      const Json before = fresh.standing();
      const Plan plan = fresh.plan(
          "maintenance.start",
          {{"cluster", "east"}, {"reason", "test"}, {"for_ms", 20'000}, {"upgrade", true}});
      if (!fresh.run_dying(plan, fakes::die(when, write))) break;
      const EndOfRun end = fresh.run(plan);
      EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
      EXPECT_EQ(fresh.standing(), before) << end.journal;
    }
  }
}

TEST_F(ByHand, MaintenanceSaysWhatIsNotBack) {
  bench.inner.with_feed("west", bench.inner.ticdc(ClusterName("west")).list({}).front().id.value(),
                        [](fakes::FeedState& feed) { feed.detail.state = "warning"; });
  const EndOfRun end = bench.run(maintain());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(events(end), Contains(HasSubstr("alarm: maintenance of east ends and is not back: "
                                              "link west-to-east is warning")));
}

}  // namespace
}  // namespace bdrmesh::flows
