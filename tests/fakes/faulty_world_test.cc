#include "fakes/faulty_world.h"

#include <gtest/gtest.h>
#include <thread>

#include "base/error.h"
#include "fakes/fake_world.h"

namespace bdrmesh::fakes {
namespace {

const ClusterName kEast("east");

struct FaultyWorldTest : ::testing::Test {
  SystemClock clock;
  FakeWorld inner{clock, {"east", "west"}};
  FaultyWorld world{inner, clock, {"east", "west"}};
  TidbCluster& east = world.tidb(kEast);
  Call call;

  ErrorKind kind_of_set_role() {
    try {
      east.set_bdr_role(BdrRole::primary, call);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::bug;
  }
};

TEST_F(FaultyWorldTest, AppliesTheChangeAndLosesTheAnswer) {
  world.arm({.cluster = "east", .method = "tidb.set_bdr_role", .effect = Effect::lose_answer});
  EXPECT_EQ(kind_of_set_role(), ErrorKind::ambiguous);
  EXPECT_EQ(inner.role("east"), "primary");
}

TEST_F(FaultyWorldTest, FailsOnlyTheNthCall) {
  world.arm({.cluster = "", .method = "tidb.set_bdr_role", .nth = 2, .effect = Effect::transient});
  east.set_bdr_role(BdrRole::primary, call);
  EXPECT_EQ(kind_of_set_role(), ErrorKind::transient);
  east.set_bdr_role(BdrRole::none, call);
  EXPECT_EQ(world.struck(), 1);
}

TEST_F(FaultyWorldTest, DiesBeforeOrAfterTheChange) {
  world.arm({.method = "tidb.set_bdr_role", .effect = Effect::crash_before});
  EXPECT_THROW(east.set_bdr_role(BdrRole::primary, call), SimulatedCrash);
  EXPECT_EQ(inner.role("east"), "");
  world.disarm();
  world.arm({.method = "tidb.set_bdr_role", .effect = Effect::crash_after});
  EXPECT_THROW(east.set_bdr_role(BdrRole::primary, call), SimulatedCrash);
  EXPECT_EQ(inner.role("east"), "primary");
}

TEST_F(FaultyWorldTest, AStallEndsWithTheDeadlineOrTheStop) {
  world.arm({.method = "tidb.current_tso", .effect = Effect::stall, .from_then_on = true});
  EXPECT_THROW(east.current_tso(Call{clock.mono() + Millis{5}, {}}), Error);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  try {
    east.current_tso(Call{clock.mono() + Millis{60000}, stop.get_token()});
    FAIL() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  }
}

TEST_F(FaultyWorldTest, ListsTheCallsThatChangeSomething) {
  east.bdr_role(call);
  east.set_bdr_role(BdrRole::primary, call);
  const std::vector<PortCall> expected{{"east", "tidb.bdr_role", false},
                                       {"east", "tidb.set_bdr_role", true}};
  EXPECT_EQ(world.calls(), expected);
}

}  // namespace
}  // namespace bdrmesh::fakes
