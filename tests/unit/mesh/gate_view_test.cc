// What the servers of a cluster say about their gate, together.
#include "mesh/gate_view.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::Effect;

ServerGate says(const char* server, bool closed) { return {ServerAddress(server), closed, {}}; }
ServerGate silent(const char* server) { return {ServerAddress(server), false, "timed out"}; }

TEST(GateView, IsClosedWhenEveryServerSaysSo) {
  const GateView view{{says("a", true), says("b", true)}};
  EXPECT_TRUE(view.closed_everywhere());
  EXPECT_FALSE(view.open_everywhere());
  EXPECT_EQ(view.not_closed(), "");
  EXPECT_EQ(view.not_open(), "a, b");
}

TEST(GateView, IsOpenWhenEveryServerSaysSo) {
  const GateView view{{says("a", false), says("b", false)}};
  EXPECT_TRUE(view.open_everywhere());
  EXPECT_FALSE(view.closed_everywhere());
  EXPECT_EQ(view.not_open(), "");
  EXPECT_EQ(view.not_closed(), "a, b");
}

TEST(GateView, IsNeitherWhenServersDiffer) {
  const GateView view{{says("a", true), says("b", false)}};
  EXPECT_FALSE(view.open_everywhere());
  EXPECT_FALSE(view.closed_everywhere());
  EXPECT_EQ(view.not_closed(), "b");
  EXPECT_EQ(view.not_open(), "a");
}

TEST(GateView, IsNeitherWhileAServerIsSilent) {
  const GateView closed{{says("a", true), silent("b")}};
  EXPECT_FALSE(closed.closed_everywhere());
  EXPECT_EQ(closed.not_closed(), "b (timed out)");
  const GateView open{{says("a", false), silent("b")}};
  EXPECT_FALSE(open.open_everywhere());
  EXPECT_EQ(open.not_open(), "b (timed out)");
}

TEST(GateView, DoesNotTrustWhatASilentServerWouldHaveSaid) {
  GateView view{{says("a", true), {ServerAddress("b"), true, "timed out"}}};
  EXPECT_FALSE(view.closed_everywhere());
}

TEST(GateView, OfNoServerIsNeither) {
  const GateView view;
  EXPECT_FALSE(view.closed_everywhere());
  EXPECT_FALSE(view.open_everywhere());
  EXPECT_EQ(view.not_closed(), "no server is known");
  EXPECT_EQ(view.not_open(), "no server is known");
}

struct LookAtGate : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east"}};
  fakes::FaultyWorld world{inner, clock, {"east"}};
  TidbCluster& east = world.tidb(ClusterName("east"));

  GateView look(const Call& call = {}) { return look_at_gate(east, clock, Millis{2000}, call); }
};

TEST_F(LookAtGate, AsksEveryServer) {
  EXPECT_EQ(look().servers.size(), 2U);
  EXPECT_TRUE(look().open_everywhere());
  east.set_super_read_only(true, {});
  EXPECT_TRUE(look().closed_everywhere());
}

TEST_F(LookAtGate, SeesAServerThatLearnsLate) {
  inner.with("east", [](ClusterState& cluster) { cluster.servers[1].late_looks = 1; });
  east.set_super_read_only(true, {});
  EXPECT_EQ(look().not_closed(), "east-tidb-2:4000");
  EXPECT_TRUE(look().closed_everywhere());
}

TEST_F(LookAtGate, TakesSilenceAsPartOfTheAnswer) {
  inner.with("east", [](ClusterState& cluster) { cluster.servers[0].up = false; });
  const GateView view = look();
  ASSERT_EQ(view.servers.size(), 2U);
  EXPECT_FALSE(view.servers[0].error.empty());
  EXPECT_TRUE(view.servers[1].error.empty());
  EXPECT_NE(view.not_closed().find("does not answer"), std::string::npos) << view.not_closed();
}

TEST_F(LookAtGate, WaitsForEachServerNoLongerThanItsPatience) {
  world.arm({.method = "tidb.super_read_only", .nth = 1, .effect = Effect::stall});
  const MonoTime begun = clock.mono();
  clock.run_by_itself([] { return 0; });
  const GateView view = look(Call{begun + std::chrono::minutes(5), {}});
  clock.stop_by_itself();
  EXPECT_EQ(clock.mono() - begun, Millis{2000});
  EXPECT_FALSE(view.servers[0].error.empty());
  EXPECT_TRUE(view.servers[1].error.empty());
}

TEST_F(LookAtGate, EndsWhenAskedToStop) {
  world.arm({.method = "tidb.super_read_only", .effect = Effect::stall, .from_then_on = true});
  std::stop_source stop;
  stop.request_stop();
  try {
    look(Call{MonoTime::max(), stop.get_token()});
    FAIL() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
  }
}

TEST_F(LookAtGate, FailsWhenNobodyTellsTheServers) {
  inner.with("east", [](ClusterState& cluster) {
    for (auto& server : cluster.servers) server.up = false;
  });
  EXPECT_THROW(look(), Error);
}

}  // namespace
}  // namespace bdrmesh
