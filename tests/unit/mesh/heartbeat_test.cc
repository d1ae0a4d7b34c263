// A marker from each member now and then, and whether it arrived; never where it must not be
// written.
#include "mesh/heartbeat.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/memory_link_book.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;

const GroupName kGroup("orders");
const ClusterName kEast("east");
const ClusterName kWest("west");
const Link kLink{kEast, kWest};
const ChangefeedId kFeed("orders-east-to-west-1");

TokenRow held_by(const std::string& manager, std::uint64_t epoch) {
  TokenRow row;
  row.manager = manager;
  row.epoch = epoch;
  return row;
}

struct HeartbeatTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  Desired desired = world.desired();
  fakes::MemoryLinkBook book;
  std::map<ClusterName, std::shared_ptr<const ClusterSeen>> seen;
  Heartbeats beats{desired, world, book, clock, options(), [this](const ClusterName& name) {
                     return seen.contains(name) ? seen.at(name) : nullptr;
                   }};

  static Heartbeats::Options options() {
    Heartbeats::Options options;
    options.manager = "mgr-1";
    options.epoch = 3;
    return options;
  }

  HeartbeatTest() {
    world.build_mesh();
    for (const char* name : {"east", "west"}) {
      world.with(name, [](ClusterState& cluster) {
        cluster.token = held_by("mgr-1", 3);
        cluster.marker_schema = true;
      });
    }
    book.put({kGroup, kLink, 1, kFeed, Tso(1), Tso(1), std::nullopt, false});
  }

  /// What the observer would do in one tick.
  void tick(Millis after = Millis{1000}) {
    clock.advance(after);
    for (const ClusterName& name : {kEast, kWest}) look(name);
    for (const ClusterName& name : {kEast, kWest}) beats.turn(*seen.at(name), Call{});
  }
  void look(const ClusterName& name) {
    auto one = std::make_shared<ClusterSeen>();
    one->name = name;
    one->gate = look_at_gate(world.tidb(name), clock, Millis{1000}, Call{});
    one->token = world.tidb(name).token(Call{});
    auto sheet = std::make_shared<FeedSheet>();
    for (const FeedSummary& feed : world.ticdc(name).list(Call{})) sheet->feeds[feed.id] = feed;
    one->feeds = sheet;
    seen[name] = one;
  }
  std::optional<WallTime> proven() const { return beats.seen_of(kGroup, kLink).proven_at; }
  int written() const {
    int count = 0;
    for (const fakes::Act& act : world.diary()) count += act.what == "write_marker" ? 1 : 0;
    return count;
  }
};

TEST_F(HeartbeatTest, ProvesALinkByItsArrival) {
  for (int i = 0; i < 5; ++i) tick();
  ASSERT_TRUE(proven());
  EXPECT_EQ(beats.seen_of(kGroup, kLink).lost_since, std::nullopt);
  EXPECT_EQ(beats.silent_because(kEast), "");
  const auto booked = book.incarnations(kGroup).front();
  EXPECT_TRUE(booked.proven_at);
  EXPECT_GT(booked.proven, Tso(1));
}

TEST_F(HeartbeatTest, GoesOutOncePerInterval) {
  for (int i = 0; i < 14; ++i) tick();
  EXPECT_EQ(written(), 2);
  for (int i = 0; i < 4; ++i) tick();
  EXPECT_EQ(written(), 4);
}

TEST_F(HeartbeatTest, DoesNotProveALinkThatStands) {
  world.with_feed("east", kFeed.value(), [](fakes::FeedState& feed) { feed.frozen = true; });
  for (int i = 0; i < 5; ++i) tick();
  EXPECT_EQ(proven(), std::nullopt);
}

TEST_F(HeartbeatTest, TellsAMarkerThatTheCheckpointHasPassedButIsNotThere) {
  for (int i = 0; i < 5; ++i) tick();
  world.with("west", [](ClusterState& cluster) {
    cluster.markers[{kHeartbeatRun, "east"}].nonce = "another";
  });
  clock.advance(Millis{20000});
  look(kEast);
  look(kWest);
  beats.turn(*seen.at(kEast), Call{});
  // The feed claims to be past the new marker, and the target shows an old one.
  auto ahead = std::make_shared<ClusterSeen>(*seen.at(kEast));
  auto sheet = std::make_shared<FeedSheet>(*ahead->feeds);
  sheet->feeds.at(kFeed).checkpoint = Tso::at(clock.now() + Millis{60000});
  ahead->feeds = sheet;
  seen[kEast] = ahead;
  world.with("west", [](ClusterState& cluster) {
    cluster.markers[{kHeartbeatRun, "east"}].nonce = "another";
  });
  beats.turn(*seen.at(kWest), Call{});
  EXPECT_TRUE(beats.seen_of(kGroup, kLink).lost_since);
}

TEST_F(HeartbeatTest, DoesNotMissInANewFeedWhatWasWrittenBeforeIt) {
  tick();
  // A second incarnation that began after the marker, far beyond it.
  const ChangefeedId newer("orders-east-to-west-2");
  auto replaced = std::make_shared<ClusterSeen>(*seen.at(kEast));
  auto sheet = std::make_shared<FeedSheet>();
  sheet->feeds[newer] = {newer, "normal", Tso::at(clock.now() + Millis{60000}), 7, std::nullopt};
  replaced->feeds = sheet;
  seen[kEast] = replaced;
  world.with("west", [](ClusterState& cluster) { cluster.markers.clear(); });
  beats.turn(*seen.at(kWest), Call{});
  EXPECT_EQ(beats.seen_of(kGroup, kLink).lost_since, std::nullopt);
}

TEST_F(HeartbeatTest, IsSilentWhereAnotherManagerHoldsTheCluster) {
  world.with("east", [](ClusterState& cluster) { cluster.token = held_by("mgr-2", 9); });
  tick();
  EXPECT_NE(beats.silent_because(kEast).find("another manager"), std::string::npos);
  EXPECT_EQ(written(), 1);  // west's only
}

TEST_F(HeartbeatTest, IsSilentUnderANewerEpoch) {
  world.with("east", [](ClusterState& cluster) { cluster.token = held_by("mgr-1", 4); });
  tick();
  EXPECT_EQ(written(), 1);
}

TEST_F(HeartbeatTest, IsSilentBehindAClosedGate) {
  world.with("east", [](ClusterState& cluster) {
    for (auto& server : cluster.servers) server.read_only = true;
  });
  tick();
  EXPECT_EQ(beats.silent_because(kEast), "its gate is closed");
}

TEST_F(HeartbeatTest, IsSilentOnAClusterThatIsNotManaged) {
  world.with("east", [](ClusterState& cluster) { cluster.token.reset(); });
  tick();
  EXPECT_NE(beats.silent_because(kEast).find("not managed"), std::string::npos);
}

TEST_F(HeartbeatTest, SaysWhyItCouldNotBeWritten) {
  world.with("east", [](ClusterState& cluster) { cluster.marker_schema = false; });
  tick();
  EXPECT_NE(beats.silent_because(kEast).find("1146"), std::string::npos);
}

TEST_F(HeartbeatTest, CanBeSwitchedOff) {
  Heartbeats::Options off = options();
  off.every = Millis{0};
  Heartbeats none(desired, world, book, clock, off,
                  [this](const ClusterName& name) { return seen.at(name); });
  look(kEast);
  none.turn(*seen.at(kEast), Call{});
  EXPECT_EQ(written(), 0);
}

}  // namespace
}  // namespace bdrmesh
