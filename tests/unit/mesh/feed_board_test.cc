// One list call serves everybody who waits for it, and nobody gets an answer older than wanted.
#include "mesh/feed_board.h"

#include <atomic>
#include <condition_variable>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh {
namespace {

const ClusterName kEast("east");
const ClusterName kWest("west");

/// Opens when told; whoever passes waits for it, and can be waited for.
class Door {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void await_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;  ///< guards both
  std::condition_variable changed_;
  bool waiting_ = false;
  bool open_ = false;
};

struct FeedBoardTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld inner{clock, {"east", "west"}};
  fakes::FaultyWorld world{inner, clock, {"east", "west"}};
  FeedBoard board{world, clock};

  FeedBoardTest() { inner.build_mesh(); }
  std::size_t lists(const std::string& cluster = "east") const {
    std::size_t count = 0;
    for (const auto& call : world.calls()) {
      if (call.method == "ticdc.list" && call.cluster == cluster) ++count;
    }
    return count;
  }
};

TEST_F(FeedBoardTest, ShowsTheFeedsOfItsCluster) {
  const auto sheet = board.look(kEast, clock.mono(), {});
  EXPECT_EQ(sheet->feeds.size(), 1U);
  const auto feed = sheet->find(ChangefeedId("orders-east-to-west-1"));
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->state, "normal");
  EXPECT_EQ(sheet->find(ChangefeedId("orders-west-to-east-1")), std::nullopt);
  EXPECT_EQ(sheet->at, clock.now());
}

TEST_F(FeedBoardTest, GivesAnAnswerThatIsNewEnoughAgain) {
  const MonoTime begun = clock.mono();
  const auto first = board.look(kEast, begun, {});
  clock.advance(Millis{100});
  EXPECT_EQ(board.look(kEast, begun, {}), first);
  EXPECT_EQ(lists(), 1U);
}

TEST_F(FeedBoardTest, AsksAgainWhenTheAnswerWasAskedForTooEarly) {
  const auto first = board.look(kEast, clock.mono(), {});
  clock.advance(Millis{1});
  const auto second = board.look(kEast, clock.mono(), {});
  EXPECT_NE(second, first);
  EXPECT_EQ(lists(), 2U);
  EXPECT_EQ(second->asked, clock.mono());
}

TEST_F(FeedBoardTest, CountsFromTheAskingNotFromTheAnswer) {
  world.arm({.method = "ticdc.list", .before = [&] { clock.advance(Millis{500}); }});
  const MonoTime begun = clock.mono();
  const auto slow = board.look(kEast, begun, {});
  EXPECT_EQ(slow->asked, begun);
  EXPECT_NE(board.look(kEast, begun + Millis{1}, {}), slow);
}

TEST_F(FeedBoardTest, KeepsClustersApart) {
  board.look(kEast, clock.mono(), {});
  board.look(kWest, clock.mono(), {});
  EXPECT_EQ(lists("east"), 1U);
  EXPECT_EQ(lists("west"), 1U);
}

TEST_F(FeedBoardTest, ServesEverybodyWhoWaitsWithOneCall) {
  Door door;
  world.arm({.method = "ticdc.list", .before = [&] { door.pass(); }});
  const MonoTime begun = clock.mono();
  constexpr int kAskers = 8;
  std::vector<std::shared_ptr<const FeedSheet>> sheets(kAskers);
  {
    std::vector<std::jthread> askers;
    for (std::size_t i = 0; i < kAskers; ++i)
      askers.emplace_back([&, i] { sheets[i] = board.look(kEast, begun, {}); });
    door.await_somebody();
    door.open();
  }
  EXPECT_EQ(lists(), 1U);
  for (const auto& sheet : sheets) EXPECT_EQ(sheet, sheets.front());
}

TEST_F(FeedBoardTest, LetsNoClusterWaitForAnother) {
  Door door;
  world.arm({.cluster = "east", .method = "ticdc.list", .before = [&] { door.pass(); }});
  std::jthread hanging([&] { board.look(kEast, clock.mono(), {}); });
  door.await_somebody();
  EXPECT_EQ(board.look(kWest, clock.mono(), {})->feeds.size(), 1U);
  door.open();
}

TEST_F(FeedBoardTest, FailsAsTheCallDoesAndAsksAnewNextTime) {
  world.arm({.method = "ticdc.list", .effect = fakes::Effect::transient});
  const MonoTime begun = clock.mono();
  EXPECT_THROW(board.look(kEast, begun, {}), Error);
  EXPECT_EQ(board.look(kEast, begun, {})->feeds.size(), 1U);
}

TEST_F(FeedBoardTest, GivesNoOldAnswerForAFailedCall) {
  const auto old = board.look(kEast, clock.mono(), {});
  clock.advance(Millis{10});
  world.arm({.method = "ticdc.list", .effect = fakes::Effect::transient, .from_then_on = true});
  EXPECT_THROW(board.look(kEast, clock.mono(), {}), Error);
  EXPECT_EQ(board.look(kEast, old->asked, {}), old);
}

}  // namespace
}  // namespace bdrmesh
