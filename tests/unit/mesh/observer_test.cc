// The observer keeps the latest look of each cluster; what cannot be asked is a note, not an end.
#include "mesh/observer.h"

#include <atomic>
#include <gtest/gtest.h>

#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;

const ClusterName kEast("east");
const ChangefeedId kFeed("orders-east-to-west-1");

struct ObserverTest : ::testing::Test {
  SystemClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  Desired desired = world.desired();
  FeedBoard feeds{world, clock};
  Observer observer{desired, world, feeds, clock, {Millis{2}, Millis{5000}}};

  ObserverTest() { world.build_mesh(); }

  /// Polls until a look satisfies `wanted`. @return nullptr when none did within seconds.
  template <class Wanted>
  std::shared_ptr<const ClusterSeen> await(Wanted wanted) {
    const MonoTime end = clock.mono() + std::chrono::seconds(20);
    while (clock.mono() < end) {
      auto seen = observer.latest(kEast);
      if (seen && wanted(*seen)) return seen;
      clock.wait_for(Millis{1}, {});
    }
    return nullptr;
  }
};

TEST_F(ObserverTest, KnowsNothingBeforeTheFirstLook) {
  EXPECT_EQ(observer.latest(kEast), nullptr);
  EXPECT_EQ(observer.movement(kEast, kFeed), std::nullopt);
}

TEST_F(ObserverTest, SeesWhatTheClusterIs) {
  world.set_roles("east");
  observer.start();
  const auto seen = await([](const ClusterSeen&) { return true; });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->name, kEast);
  EXPECT_EQ(seen->release, "v8.5.1");
  EXPECT_EQ(seen->source_id, 1);
  EXPECT_EQ(seen->role, "primary");
  EXPECT_EQ(seen->gate_state(), "open");
  EXPECT_TRUE(seen->now);
  EXPECT_TRUE(seen->ticdc.healthy);
  EXPECT_EQ(seen->ticdc.version, "v8.5.1");
  EXPECT_EQ(seen->error, "");
  ASSERT_TRUE(seen->feeds);
  EXPECT_TRUE(seen->feeds->find(kFeed));
}

TEST_F(ObserverTest, TellsNoRoleFromAWordItDoesNotKnow) {
  observer.start();
  EXPECT_TRUE(await([](const ClusterSeen& seen) { return seen.role == "none"; }));
  world.with("east", [](ClusterState& cluster) { cluster.role = "local_only"; });
  EXPECT_TRUE(await([](const ClusterSeen& seen) { return seen.role == "unknown"; }));
}

TEST_F(ObserverTest, SeesTheGateCloseAndOpen) {
  observer.start();
  world.tidb(kEast).set_super_read_only(true, {});
  EXPECT_TRUE(await([](const ClusterSeen& seen) { return seen.gate_state() == "closed"; }));
  world.tidb(kEast).set_super_read_only(false, {});
  EXPECT_TRUE(await([](const ClusterSeen& seen) { return seen.gate_state() == "open"; }));
}

TEST_F(ObserverTest, GoesOnAskingTidbWhenTicdcIsDown) {
  world.with("east", [](ClusterState& cluster) { cluster.ticdc_up = false; });
  observer.start();
  const auto seen = await([](const ClusterSeen&) { return true; });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->feeds, nullptr);
  EXPECT_FALSE(seen->ticdc.healthy);
  EXPECT_NE(seen->ticdc.error.find("TICDC_UNREACHABLE"), std::string::npos) << seen->ticdc.error;
  EXPECT_EQ(seen->gate_state(), "open");
  EXPECT_EQ(seen->error, "");
}

TEST_F(ObserverTest, GivesWhatComesAfterAFrozenTidbItsOwnTime) {
  fakes::FaultyWorld frozen(world, clock, world.clusters());
  fakes::Fault fault;
  fault.cluster = "east";
  fault.method = "tidb.source_id";
  fault.effect = fakes::Effect::stall;
  fault.from_then_on = true;
  frozen.arm(fault);
  FeedBoard board(frozen, clock);
  std::atomic<std::int64_t> left{-1};
  Observer looking(desired, frozen, board, clock, {Millis{2}, Millis{400}});
  looking.after_each_look([&](const ClusterSeen& seen, const Call& call) {
    if (seen.name == kEast && seen.feeds && !seen.error.empty())
      left = std::max<std::int64_t>(left, (call.deadline - clock.mono()).count());
  });
  looking.start();
  const MonoTime end = clock.mono() + std::chrono::seconds(60);
  while (left <= 0 && clock.mono() < end) clock.wait_for(Millis{5}, {});
  looking.stop();
  EXPECT_GT(left, 0) << "nothing was left of the look's time";
}

TEST_F(ObserverTest, GoesOnAskingTicdcWhenTidbIsDown) {
  world.with("east", [](ClusterState& cluster) {
    for (auto& server : cluster.servers) server.up = false;
  });
  observer.start();
  const auto seen = await([](const ClusterSeen&) { return true; });
  ASSERT_TRUE(seen);
  EXPECT_NE(seen->error.find("TIDB_UNREACHABLE"), std::string::npos) << seen->error;
  EXPECT_EQ(seen->gate_state(), "unknown");
  EXPECT_TRUE(seen->feeds);
}

TEST_F(ObserverTest, SeesTheClusterComeBack) {
  world.with("east", [](ClusterState& cluster) { cluster.ticdc_up = false; });
  observer.start();
  ASSERT_TRUE(await([](const ClusterSeen& seen) { return !seen.ticdc.healthy; }));
  world.with("east", [](ClusterState& cluster) { cluster.ticdc_up = true; });
  EXPECT_TRUE(await([](const ClusterSeen& seen) { return seen.ticdc.healthy; }));
}

TEST_F(ObserverTest, RemembersSinceWhenACheckpointStands) {
  world.with_feed("east", kFeed.value(), [](fakes::FeedState& feed) { feed.frozen = true; });
  observer.start();
  ASSERT_TRUE(
      await([&](const ClusterSeen&) { return observer.movement(kEast, kFeed).has_value(); }));
  const Movement first = *observer.movement(kEast, kFeed);
  ASSERT_TRUE(await([&](const ClusterSeen& seen) { return seen.at > first.since + Millis{5}; }));
  EXPECT_EQ(observer.movement(kEast, kFeed)->since, first.since);
  world.with_feed("east", kFeed.value(), [](fakes::FeedState& feed) { feed.frozen = false; });
  EXPECT_TRUE(await([&](const ClusterSeen&) {
    const auto now = observer.movement(kEast, kFeed);
    return now && now->checkpoint > first.checkpoint && now->since > first.since;
  }));
}

TEST_F(ObserverTest, ForgetsAFeedThatLeftTheList) {
  observer.start();
  ASSERT_TRUE(
      await([&](const ClusterSeen&) { return observer.movement(kEast, kFeed).has_value(); }));
  world.with("east", [](ClusterState& cluster) { cluster.feeds.clear(); });
  EXPECT_TRUE(
      await([&](const ClusterSeen&) { return !observer.movement(kEast, kFeed).has_value(); }));
}

TEST_F(ObserverTest, EndsWhenStoppedAndKeepsTheLastLook) {
  observer.start();
  ASSERT_TRUE(await([](const ClusterSeen&) { return true; }));
  observer.stop();
  const auto last = observer.latest(kEast);
  clock.wait_for(Millis{10}, {});
  EXPECT_EQ(observer.latest(kEast), last);
}

}  // namespace
}  // namespace bdrmesh
