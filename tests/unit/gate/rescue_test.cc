// Gates without a manager: what may be opened, what must stay, and who is superseded by it.
#include "gate/rescue.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::Effect;

const ClusterName kEast("east");
const ClusterName kWest("west");

GateNote note(const std::string& operation, bool line, const std::string& deadline) {
  GateNote one;
  one.operation = operation;
  one.reason = "paused DDL";
  one.deadline = deadline;
  one.line_crossed = line;
  return one;
}

const WallTime kNow = from_millis(1'795'230'000'000);
const std::string kPast = to_rfc3339(kNow - Millis{1000});
const std::string kFuture = to_rfc3339(kNow + Millis{1000});

FoundGate found(const ClusterName& cluster, const GateNote& one) {
  return {cluster, "manager-1", 5, one};
}

TEST(JudgeRescue, OpensWhatHasNotCrossedItsLineAndIsOverdue) {
  const RescueLook look{{found(kEast, note("op-1", false, kPast))}, {}, {}};
  const auto decisions = judge_rescue(look, kNow, false);
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(decisions[0].act, RescueAct::open);
}

TEST(JudgeRescue, LeavesAGateToTheManagerUntilItsDeadline) {
  const RescueLook look{{found(kEast, note("op-1", false, kFuture))}, {}, {}};
  EXPECT_EQ(judge_rescue(look, kNow, false)[0].act, RescueAct::wait);
  EXPECT_EQ(judge_rescue(look, kNow, true)[0].act, RescueAct::open);
}

TEST(JudgeRescue, NeverOpensWhatMayHaveCrossedItsLine) {
  const RescueLook look{
      {found(kEast, note("op-1", true, kPast)), found(kWest, note("op-1", true, kPast))}, {}, {}};
  for (const RescueDecision& one : judge_rescue(look, kNow, true)) {
    EXPECT_EQ(one.act, RescueAct::line_crossed);
    EXPECT_NE(one.next.find("op-1"), std::string::npos);
  }
}

TEST(JudgeRescue, TakesOneNoteBeforeTheLineAsProofForAll) {
  const RescueLook look{
      {found(kEast, note("op-1", true, kPast)), found(kWest, note("op-1", false, kPast))}, {}, {}};
  for (const RescueDecision& one : judge_rescue(look, kNow, false))
    EXPECT_EQ(one.act, RescueAct::open);
}

TEST(JudgeRescue, DecidesNothingAboutALineWhileAClusterIsSilent) {
  const RescueLook look{
      {found(kEast, note("op-1", true, kPast))}, {}, {{kWest, "TIDB_UNREACHABLE"}}};
  const RescueDecision decision = judge_rescue(look, kNow, true)[0];
  EXPECT_EQ(decision.act, RescueAct::unproven);
  EXPECT_NE(decision.why.find("west"), std::string::npos);
}

TEST(JudgeRescue, KeepsAClusterClosedThatAnotherOperationHoldsToo) {
  const RescueLook look{
      {found(kEast, note("op-1", false, kPast)), found(kEast, note("op-2", true, kPast))}, {}, {}};
  EXPECT_EQ(judge_rescue(look, kNow, true)[0].act, RescueAct::wait);
  EXPECT_EQ(judge_rescue(look, kNow, true)[1].act, RescueAct::line_crossed);
}

TEST(JudgeRescue, NeverOpensWhatBelongsToARole) {
  GateNote secondary = note("role: secondary of billing", false, "");
  secondary.standing = true;
  const RescueLook look{
      {found(kEast, secondary), found(kEast, note("op-1", false, kPast))}, {}, {}};
  const auto decisions = judge_rescue(look, kNow, true);
  EXPECT_EQ(decisions[0].act, RescueAct::standing);
  EXPECT_EQ(decisions[1].act, RescueAct::wait);
}

struct RescueTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east", "west"}};
  fakes::FaultyWorld world{inner, clock, {"east", "west"}};
  TokenKeeper manager{world, {"manager-1", 5, "morning"}};
  ReadOnlyGate gate{world, manager, clock};
  Rescue rescue{world, clock, {kEast, kWest}};

  void close(const ClusterName& cluster, bool line) {
    manager.claim(cluster, {});
    gate.announce(cluster, note("op-1", line, kPast), {});
    gate.close(cluster, {});
  }
  bool is_open(const ClusterName& cluster) { return gate.look(cluster, {}).open_everywhere(); }
  Call soon() { return {clock.mono() + Millis{5000}, {}}; }
  RescueLook look() { return rescue.look(Millis{5000}, {}); }
};

TEST_F(RescueTest, FindsNothingWhereNothingIsClosed) {
  manager.claim(kEast, {});
  const RescueLook seen = look();
  EXPECT_TRUE(seen.gates.empty());
  EXPECT_TRUE(seen.unexplained.empty());
  EXPECT_TRUE(seen.silent.empty());
}

TEST_F(RescueTest, FindsAGateWithItsOwner) {
  close(kEast, false);
  const RescueLook seen = look();
  ASSERT_EQ(seen.gates.size(), 1U);
  EXPECT_EQ(seen.gates[0].cluster, kEast);
  EXPECT_EQ(seen.gates[0].manager, "manager-1");
  EXPECT_EQ(seen.gates[0].note.operation, "op-1");
}

TEST_F(RescueTest, NamesAClusterThatSomebodyElseMadeReadOnly) {
  world.tidb(kWest).set_super_read_only(true, {});
  const RescueLook seen = look();
  ASSERT_EQ(seen.unexplained.size(), 1U);
  EXPECT_EQ(seen.unexplained[0].cluster, kWest);
}

TEST_F(RescueTest, CountsAClusterThatDoesNotAnswerAsSilent) {
  close(kEast, false);
  world.arm({.method = "tidb.token", .effect = Effect::refuse, .from_then_on = true});
  const RescueLook seen = look();
  EXPECT_EQ(seen.silent.size(), 2U);
  EXPECT_TRUE(seen.gates.empty());
}

TEST_F(RescueTest, OpensAndTakesTheNoteAway) {
  close(kEast, false);
  rescue.open(look().gates.at(0), soon());
  EXPECT_TRUE(is_open(kEast));
  EXPECT_TRUE(look().gates.empty());
}

TEST_F(RescueTest, NotesWhichOperationItEnded) {
  close(kEast, false);
  rescue.open(look().gates.at(0), soon());
  const TokenRow row = *world.tidb(kEast).token({});
  EXPECT_TRUE(was_rescued(row, "op-1"));
  EXPECT_FALSE(was_rescued(row, "op-2"));
}

TEST_F(RescueTest, LeavesTheOldManagerUnableToAct) {
  close(kEast, false);
  rescue.open(look().gates.at(0), soon());
  try {
    manager.claim(kEast, {});
    FAIL() << "the old start may still act";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "EPOCH_NEWER");
  }
}

TEST_F(RescueTest, LetsTheNextStartOfTheManagerTakeOver) {
  close(kEast, false);
  rescue.open(look().gates.at(0), soon());
  TokenKeeper next{world, {"manager-1", 6, "evening"}};
  EXPECT_EQ(next.claim(kEast, {}).epoch, 6U);
  EXPECT_TRUE(next.holds(*world.tidb(kEast).token({})));
}

TEST_F(RescueTest, TouchesNothingWhenTheNoteIsGone) {
  close(kEast, false);
  const FoundGate gate_found = look().gates.at(0);
  gate.open_if_ours(kEast, "op-1", {});
  EXPECT_THROW(rescue.open(gate_found, soon()), Error);
  EXPECT_TRUE(manager.holds(*world.tidb(kEast).token({})));
}

TEST_F(RescueTest, TouchesNothingWhenTheLineWasAnnouncedMeanwhile) {
  close(kEast, false);
  const FoundGate gate_found = look().gates.at(0);
  gate.announce_line(kEast, "op-1", {});
  EXPECT_THROW(rescue.open(gate_found, soon()), Error);
  EXPECT_FALSE(is_open(kEast));
}

TEST_F(RescueTest, TouchesNothingWhenTheManagerWasStartedAnewMeanwhile) {
  close(kEast, false);
  const FoundGate gate_found = look().gates.at(0);
  TokenKeeper next{world, {"manager-1", 6, "evening"}};
  next.claim(kEast, {});
  EXPECT_THROW(rescue.open(gate_found, soon()), Error);
  EXPECT_FALSE(is_open(kEast));
}

TEST_F(RescueTest, TakesBeforeItOpens) {
  close(kEast, false);
  const FoundGate gate_found = look().gates.at(0);
  rescue.take(gate_found, soon());
  EXPECT_FALSE(is_open(kEast));
  EXPECT_THROW(manager.claim(kEast, {}), Error);
  rescue.take(gate_found, soon());
  rescue.open(gate_found, soon());
  EXPECT_TRUE(is_open(kEast));
}

TEST_F(RescueTest, TellsWhereTheManagerSaysThatItAnswers) {
  TokenKeeper here{world, {"manager-1", 5, "morning", "hosta 127.0.0.1:8440"}};
  here.claim(kEast, {});
  here.claim(kWest, {});
  EXPECT_EQ(look().holders, std::vector<std::string>{"hosta 127.0.0.1:8440"});
}

TEST_F(RescueTest, LeavesRoomForTheNextStartHoweverOftenItIsRun) {
  close(kEast, false);
  gate.announce(kEast, note("op-2", false, kPast), {});
  rescue.open(look().gates.at(0), soon());
  rescue.open(look().gates.at(0), soon());
  EXPECT_TRUE(is_open(kEast));
  EXPECT_EQ(world.tidb(kEast).token({})->epoch, 6U);
  TokenKeeper next{world, {"manager-1", 6, "evening"}};
  EXPECT_EQ(next.claim(kEast, {}).epoch, 6U);
}

}  // namespace
}  // namespace bdrmesh
