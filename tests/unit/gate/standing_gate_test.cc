// Gates of roles, and clusters taken over from a manager that is gone.
#include "gate/standing_gate.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "gate/take_over.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;

const ClusterName kEast("east");
const ClusterName kWest("west");
const std::string kRole = "secondary of billing";

struct StandingGateTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  TokenKeeper keeper{world, {"manager-1", 5, "morning"}};
  ReadOnlyGate gate{world, keeper, clock};

  GateNote note(const std::string& operation) const {
    GateNote one;
    one.operation = operation;
    one.reason = "switchover";
    return one;
  }
  std::vector<GateNote> notes() { return gate_notes(*world.tidb(kEast).token({})); }
};

TEST_F(StandingGateTest, OutlivesOperations) {
  announce_standing(keeper, kEast, kRole, clock.now(), "", {});
  gate.close(kEast, {});
  gate.announce(kEast, note("op-1"), {});
  EXPECT_TRUE(gate.open_if_ours(kEast, "op-1", {}));
  ASSERT_EQ(notes().size(), 1U);
  EXPECT_TRUE(notes()[0].standing);
  EXPECT_TRUE(notes()[0].deadline.empty());
  EXPECT_TRUE(gate.look(kEast, {}).closed_everywhere());
}

TEST_F(StandingGateTest, FollowsTheNoteOfAnOperationInOneWrite) {
  gate.announce(kEast, note("op-1"), {});
  for (int times = 0; times < 2; ++times) {
    announce_standing(keeper, kEast, kRole, clock.now(), "op-1", {});
    ASSERT_EQ(notes().size(), 1U);
    EXPECT_EQ(notes()[0].operation, standing_owner(kRole));
  }
}

TEST_F(StandingGateTest, DoesNotFollowANoteThatIsGone) {
  keeper.claim(kEast, {});
  EXPECT_THROW(announce_standing(keeper, kEast, kRole, clock.now(), "op-1", {}), Error);
}

TEST_F(StandingGateTest, GivesItsPlaceToTheOperationThatOpens) {
  announce_standing(keeper, kEast, kRole, clock.now(), "", {});
  gate.close(kEast, {});
  for (int times = 0; times < 2; ++times) {
    release_standing(keeper, kEast, kRole, note("op-2"), {});
    ASSERT_EQ(notes().size(), 1U);
    EXPECT_EQ(notes()[0].operation, "op-2");
  }
  gate.open_if_ours(kEast, "op-2", {});
  EXPECT_TRUE(gate.look(kEast, {}).open_everywhere());
}

struct TakeOverTest : StandingGateTest {
  HolderLook look() { return look_for_holders(world, {kEast, kWest}, clock, Millis{1000}); }
};

TEST_F(TakeOverTest, FindsWhoHoldsWhat) {
  keeper.claim(kEast, {});
  const HolderLook seen = look();
  ASSERT_EQ(seen.held.size(), 1U);
  EXPECT_EQ(seen.managers(), std::vector<std::string>{"manager-1"});
  EXPECT_EQ(seen.highest_epoch(), 5U);
  EXPECT_EQ(seen.free, std::vector<ClusterName>{kWest});
}

TEST_F(TakeOverTest, KeepsGatesAndRememberedSettings) {
  gate.announce(kEast, note("op-1"), {});
  keeper.edit(kEast, [](TokenRow& row) { row.remembered["tidb_gc_life_time"] = "10m0s"; }, {});
  take_over(world, look().held.at(0), {"manager-2", 9, kRescueStart, "hostb 127.0.0.1:1"}, {});
  const TokenRow row = *world.tidb(kEast).token({});
  EXPECT_EQ(row.manager, "manager-2");
  EXPECT_EQ(row.epoch, 9U);
  EXPECT_TRUE(note_of(row, "op-1"));
  EXPECT_EQ(row.remembered.at("tidb_gc_life_time"), "10m0s");
  EXPECT_EQ(holder_address(row), "hostb 127.0.0.1:1");
}

TEST_F(TakeOverTest, LeavesTheFormerHolderReadOnlyAndTheNextStartInCharge) {
  keeper.claim(kEast, {});
  take_over(world, look().held.at(0), {"manager-1", 9, kRescueStart}, {});
  EXPECT_THROW(keeper.claim(kEast, {}), Error);
  EXPECT_THROW(keeper.claim(kWest, {}), Error) << "superseded on one cluster, so on all";
  TokenKeeper next{world, {"manager-1", 10, "evening"}};
  EXPECT_EQ(next.claim(kEast, {}).epoch, 10U);
}

TEST_F(TakeOverTest, LosesAgainstAHolderThatIsAtWork) {
  keeper.claim(kEast, {});
  const HolderLook seen = look();
  gate.announce(kEast, note("op-1"), {});
  EXPECT_THROW(take_over(world, seen.held.at(0), {"manager-2", 9}, {}), Error);
  EXPECT_TRUE(keeper.holds(*world.tidb(kEast).token({})));
}

}  // namespace
}  // namespace bdrmesh
