// Gates: the note stands before anything closes, and only whose note stands there may open.
#include "gate/write_gate.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::Effect;

const ClusterName kEast("east");

GateNote note(const std::string& operation) {
  GateNote one;
  one.operation = operation;
  one.reason = "paused DDL: ALTER TABLE app.orders DROP COLUMN note";
  one.since = "2026-11-21T03:04:05.678Z";
  one.since_ms = 1'795'230'245'678;
  one.deadline = "2026-11-21T03:04:15.678Z";
  return one;
}

TEST(GateNote, ComesBackFromJsonAsItWas) {
  GateNote one = note("op-1");
  one.line_crossed = true;
  const GateNote read = gate_note_from(Json::parse(to_json(one).dump()));
  EXPECT_EQ(read.operation, one.operation);
  EXPECT_EQ(read.reason, one.reason);
  EXPECT_EQ(read.since, one.since);
  EXPECT_EQ(read.since_ms, one.since_ms);
  EXPECT_EQ(read.deadline, one.deadline);
  EXPECT_TRUE(read.line_crossed);
}

TEST(GateNote, TellsAnybodyHowToUndoIt) {
  EXPECT_EQ(to_json(note("op-1")).at("undo"), "SET GLOBAL tidb_super_read_only = OFF");
}

TEST(GateNote, IsEmptyWhereTheRowSaysNothing) {
  const GateNote read = gate_note_from(Json::object());
  EXPECT_EQ(read.operation, "");
  EXPECT_EQ(read.since_ms, 0);
  EXPECT_FALSE(read.line_crossed);
}

TEST(GateNotes, AreRefusedWhereTheyAreNoneOfOursInForm) {
  TokenRow row;
  row.gates = Json::array({{{"operation", 7}}});
  EXPECT_THROW(gate_notes(row), Error);
}

TEST(GateNotes, AreFoundByOperation) {
  TokenRow row;
  row.gates = Json::array({to_json(note("op-1")), to_json(note("op-2"))});
  EXPECT_EQ(gate_notes(row).size(), 2U);
  EXPECT_EQ(note_of(row, "op-2")->operation, "op-2");
  EXPECT_FALSE(note_of(row, "op-3"));
  EXPECT_FALSE(note_of(TokenRow{}, "op-1"));
}

struct ReadOnlyGateTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east", "west"}};
  fakes::FaultyWorld world{inner, clock, {"east", "west"}};
  TokenKeeper keeper{world, {"manager-1", 5}};
  ReadOnlyGate gate{world, keeper, clock};

  void close_for(const std::string& operation) {
    gate.announce(kEast, note(operation), {});
    gate.close(kEast, {});
  }
  std::vector<std::string> noted() const {
    std::vector<std::string> operations;
    inner.look("east", [&](const ClusterState& cluster) {
      if (!cluster.token) return 0;
      for (const GateNote& one : gate_notes(*cluster.token)) operations.push_back(one.operation);
      return 0;
    });
    return operations;
  }
  bool closed() const { return !inner.all_gates_open(); }
};

using Names = std::vector<std::string>;

TEST_F(ReadOnlyGateTest, AnnouncingClosesNothing) {
  gate.announce(kEast, note("op-1"), {});
  EXPECT_EQ(noted(), Names{"op-1"});
  EXPECT_FALSE(closed());
}

TEST_F(ReadOnlyGateTest, AnnouncingAgainReplacesTheNote) {
  gate.announce(kEast, note("op-1"), {});
  GateNote later = note("op-1");
  later.line_crossed = true;
  gate.announce(kEast, later, {});
  EXPECT_EQ(noted(), Names{"op-1"});
  EXPECT_TRUE(inner.look("east", [](const ClusterState& cluster) {
    return gate_notes(*cluster.token).front().line_crossed;
  }));
}

TEST_F(ReadOnlyGateTest, AnnouncedAndClosedLeavesNoHazard) {
  close_for("op-1");
  EXPECT_TRUE(closed());
  EXPECT_TRUE(inner.hazards().empty());
  EXPECT_TRUE(gate.look(kEast, {}).closed_everywhere());
}

TEST_F(ReadOnlyGateTest, ClosedWithoutANoteIsTheHazardThatTheFakeKnows) {
  gate.close(kEast, {});
  EXPECT_FALSE(inner.hazards().empty());
}

TEST_F(ReadOnlyGateTest, OpensItsOwnAndTakesTheNoteAway) {
  close_for("op-1");
  EXPECT_TRUE(gate.open_if_ours(kEast, "op-1", {}));
  EXPECT_FALSE(closed());
  EXPECT_EQ(noted(), Names{});
  EXPECT_TRUE(gate.look(kEast, {}).open_everywhere());
}

TEST_F(ReadOnlyGateTest, OpensBeforeTheNoteLeaves) {
  close_for("op-1");
  world.arm({.method = "tidb.set_super_read_only", .effect = Effect::transient});
  EXPECT_THROW(gate.open_if_ours(kEast, "op-1", {}), Error);
  EXPECT_TRUE(closed());
  EXPECT_EQ(noted(), Names{"op-1"});  // whoever finds it closed still finds out why
}

TEST_F(ReadOnlyGateTest, OpeningAgainTouchesNothing) {
  close_for("op-1");
  gate.open_if_ours(kEast, "op-1", {});
  inner.clear_diary();
  EXPECT_FALSE(gate.open_if_ours(kEast, "op-1", {}));
  EXPECT_TRUE(inner.diary().empty()) << inner.diary_text();
}

TEST_F(ReadOnlyGateTest, FinishesAnOpeningThatWasCutInTheMiddle) {
  close_for("op-1");
  world.arm({.method = "tidb.replace_token", .effect = Effect::transient});
  EXPECT_THROW(gate.open_if_ours(kEast, "op-1", {}), Error);
  EXPECT_FALSE(closed());
  EXPECT_EQ(noted(), Names{"op-1"});
  EXPECT_TRUE(gate.open_if_ours(kEast, "op-1", {}));
  EXPECT_EQ(noted(), Names{});
}

TEST_F(ReadOnlyGateTest, LeavesTheGateOfAnotherOperationAlone) {
  close_for("op-1");
  EXPECT_FALSE(gate.open_if_ours(kEast, "op-2", {}));
  EXPECT_TRUE(closed());
  EXPECT_EQ(noted(), Names{"op-1"});
}

TEST_F(ReadOnlyGateTest, LeavesAGateWithoutANoteAlone) {
  world.tidb(kEast).set_super_read_only(true, {});
  EXPECT_FALSE(gate.open_if_ours(kEast, "op-1", {}));
  EXPECT_TRUE(closed());
}

TEST_F(ReadOnlyGateTest, StaysClosedWhileAnotherNoteStands) {
  close_for("op-1");
  gate.announce(kEast, note("op-2"), {});
  EXPECT_TRUE(gate.open_if_ours(kEast, "op-1", {}));
  EXPECT_TRUE(closed());
  EXPECT_EQ(noted(), Names{"op-2"});
  EXPECT_TRUE(gate.open_if_ours(kEast, "op-2", {}));
  EXPECT_FALSE(closed());
}

TEST_F(ReadOnlyGateTest, AnOldProcessDoesNotOpenWhatANewerOneHolds) {
  close_for("op-1");
  TokenKeeper newer(world, {"manager-1", 6});
  newer.claim(kEast, {});
  try {
    gate.open_if_ours(kEast, "op-1", {});
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EPOCH_NEWER");
  }
  EXPECT_TRUE(closed());
  EXPECT_EQ(noted(), Names{"op-1"});
}

TEST_F(ReadOnlyGateTest, LooksWithoutFailingForOneSilentServer) {
  inner.with("east", [](ClusterState& cluster) { cluster.servers[1].up = false; });
  const GateView view = gate.look(kEast, {});
  EXPECT_FALSE(view.open_everywhere());
  EXPECT_FALSE(view.closed_everywhere());
}

}  // namespace
}  // namespace bdrmesh
