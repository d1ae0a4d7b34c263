// The watch joins looks, heartbeats and judgement: views and events tell the same.
#include "mesh/mesh_watch.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "fakes/fake_world.h"
#include "fakes/memory_link_book.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::FeedState;

const GroupName kGroup("orders");
const Link kLink{ClusterName("east"), ClusterName("west")};
constexpr const char* kFeed = "orders-east-to-west-1";

struct Told final : EventSink {
  std::vector<MeshEvent> all;
  void tell(const MeshEvent& event) override { all.push_back(event); }
  bool has(const std::string& subject, const std::string& text) const {
    return std::ranges::any_of(all, [&](const MeshEvent& one) {
      return one.subject == subject && one.text.find(text) != std::string::npos;
    });
  }
};

struct MeshWatchTest : ::testing::Test {
  SystemClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  Desired desired = world.desired();
  fakes::MemoryLinkBook book;
  FeedBoard feeds{world, clock};
  Observer observer{desired, world, feeds, clock, {Millis{2}, Millis{5000}, Millis{5}}};
  Heartbeats heartbeats{
      desired, world, book, clock, Heartbeats::Options{}, [this](const ClusterName& name) {
        return observer.latest(name);
      }};
  Told told;
  MeshWatch watch{{desired, observer, heartbeats, book, clock, told}, {Millis{1000}, Millis{0}}};

  MeshWatchTest() {
    world.build_mesh();
    for (const Link& link : desired.groups.front().links()) {
      book.put(
          {kGroup, link, 1, changefeed_id(kGroup, link, 1), Tso(1), Tso(1), std::nullopt, false});
    }
    observer.start();
    EXPECT_TRUE(eventually([&] { return watch.link(kGroup, kLink).verdict.word == "moving"; }));
    EXPECT_TRUE(eventually([&] { return observer.latest(kLink.to) != nullptr; }));
    watch.tell_changes();
  }

  template <class Holds>
  bool eventually(Holds holds) {
    const MonoTime end = clock.mono() + std::chrono::seconds(20);
    while (clock.mono() < end) {
      if (holds()) return true;
      clock.wait_for(Millis{1}, {});
    }
    return false;
  }
  bool tells(const std::string& subject, const std::string& text) {
    return eventually([&] {
      watch.tell_changes();
      return told.has(subject, text);
    });
  }
};

TEST_F(MeshWatchTest, TellsNothingOfAHealthyMesh) {
  watch.tell_changes();
  for (const MeshEvent& one : told.all) ADD_FAILURE() << one.subject << ": " << one.text;
}

TEST_F(MeshWatchTest, TellsAFeedThatSomebodyPausedAndShowsIt) {
  world.with_feed("east", kFeed, [](FeedState& feed) { feed.detail.state = "stopped"; });
  EXPECT_TRUE(tells("link orders east-to-west", "was moving, is stopped since"));
  const LinkSeen seen = watch.link(kGroup, kLink);
  EXPECT_EQ(seen.verdict.word, "stopped");
  ASSERT_TRUE(seen.gc);
  EXPECT_TRUE(seen.gc->dies_at);
}

TEST_F(MeshWatchTest, TellsAnErrorWithItsMeaning) {
  world.with_feed("east", kFeed, [](FeedState& feed) {
    feed.detail.state = "failed";
    feed.detail.error = FeedError{"CDC:ErrSnapshotLostByGC", "gone", ""};
  });
  EXPECT_TRUE(tells("link orders east-to-west", "is failed"));
  ASSERT_TRUE(watch.link(kGroup, kLink).error);
  EXPECT_EQ(watch.link(kGroup, kLink).error->area, "history");
}

TEST_F(MeshWatchTest, TellsAChangedRoleAndSourceId) {
  world.with("east", [](ClusterState& cluster) { cluster.role = "primary"; });
  EXPECT_TRUE(tells("cluster east", "BDR role was none, is primary"));
  EXPECT_TRUE(tells("group orders", "ROLES_MIXED"));
  world.with("east", [](ClusterState& cluster) { cluster.source_id = 2; });
  EXPECT_TRUE(tells("cluster east", "tidb_source_id was 1, is 2"));
}

TEST_F(MeshWatchTest, TellsAConfigurationThatDrifted) {
  world.with_feed("east", kFeed, [](FeedState& feed) { feed.detail.config["bdr_mode"] = false; });
  // It is read again when its state changes.
  world.with_feed("east", kFeed, [](FeedState& feed) { feed.detail.state = "stopped"; });
  EXPECT_TRUE(tells("link east-to-west", "BDR_MODE_WRONG"));
  const auto findings = watch.findings(kGroup);
  EXPECT_TRUE(std::ranges::any_of(
      findings, [](const MeshFinding& one) { return one.code == "BDR_MODE_WRONG"; }));
}

TEST_F(MeshWatchTest, KeepsQuietAboutAClusterInMaintenance) {
  world.with("west", [](ClusterState& cluster) {
    cluster.token.emplace();
    cluster.token->remembered = {{"maintenance", {{"operation", "op1"}}}};
  });
  EXPECT_TRUE(eventually([&] { return observer.latest(kLink.to)->token.has_value(); }));
  world.with_feed("east", kFeed, [](FeedState& feed) { feed.detail.state = "stopped"; });
  EXPECT_TRUE(eventually([&] { return watch.link(kGroup, kLink).verdict.word == "stopped"; }));
  watch.tell_changes();
  EXPECT_FALSE(told.has("link orders east-to-west", "stopped"));
}

TEST_F(MeshWatchTest, SaysThatNobodyHoldsTheClusters) {
  EXPECT_EQ(watch.link(kGroup, kLink).silent, "");
  heartbeats.turn(*observer.latest(kLink.from), Call{});
  EXPECT_NE(watch.link(kGroup, kLink).silent, "");
}

}  // namespace
}  // namespace bdrmesh
