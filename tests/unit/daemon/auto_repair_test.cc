// A changefeed that failed for a passing reason goes on, as an operation that everybody sees.
#include "app/daemon/auto_repair.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "api/daemon_bench.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;
using fakes::FeedState;
using testing_api::DaemonBench;

constexpr const char* kFeed = "orders-east-to-west-1";

struct AutoRepairTest : ::testing::Test {
  SystemClock clock;
  DaemonBench bench{clock};
  AutoRepair repairs{{bench.desired, clock, bench.watch, bench.backend, bench.events},
                     {Millis{0}, Millis{60'000}, Millis{60'000}, Millis{60'000}}};

  AutoRepairTest() { bench.desired.groups.front().auto_resume = true; }

  void leave_feed(const std::string& state, const std::string& code) {
    bench.inner.with_feed("east", kFeed, [&](FeedState& feed) {
      feed.detail.state = state;
      feed.detail.error = FeedError{code, code, ""};
    });
  }
  std::string state() const {
    return bench.inner.look(
        "east", [](const ClusterState& east) { return east.feeds.at(kFeed).detail.state; });
  }
  std::string verdict() {
    return bench.watch.link(GroupName("orders"), {ClusterName("east"), ClusterName("west")})
        .verdict.word;
  }
  template <class Holds>
  bool eventually(Holds holds) {
    const MonoTime end = clock.mono() + std::chrono::seconds(60);
    while (clock.mono() < end) {
      if (holds()) return true;
      clock.wait_for(Millis{2}, {});
    }
    return false;
  }
};

TEST_F(AutoRepairTest, ResumesAFeedThatFailedAndTellsIt) {
  leave_feed("failed", "connection refused");
  bench.start();
  ASSERT_TRUE(eventually([&] { return verdict() == "failed"; }));
  ASSERT_TRUE(eventually([&] {
    repairs.turn();
    return state() == "normal";
  }));
  const auto operations = bench.store->operations(10);
  ASSERT_EQ(operations.size(), 1U);
  EXPECT_EQ(operations[0].kind, "link.resume");
  EXPECT_EQ(operations[0].requested_by, "auto_repair");
  EXPECT_TRUE(bench.runner.wait(operations[0].id, Millis{60'000}));
  EXPECT_EQ(bench.store->operation(operations[0].id).state, OperationState::succeeded);
  const auto events = bench.store->newest_events(50);
  EXPECT_TRUE(std::ranges::any_of(events, [](const EventRecord& one) {
    return one.subject == "link orders east-to-west" &&
           one.text.find("resumed by itself, try 1") != std::string::npos;
  }));
}

TEST_F(AutoRepairTest, LeavesAloneWhatSomebodyPausedOrMustMend) {
  bench.start();
  for (const auto& [word, code] : std::vector<std::pair<std::string, std::string>>{
           {"stopped", "connection refused"}, {"failed", "Error 1045"}}) {
    leave_feed(word, code);
    ASSERT_TRUE(eventually([&, wanted = word] { return verdict() == wanted; }));
    for (int i = 0; i < 5; ++i) repairs.turn();
    EXPECT_TRUE(bench.store->operations(10).empty()) << word << " " << code;
  }
}

TEST_F(AutoRepairTest, DoesNothingForAGroupThatDoesNotWantIt) {
  bench.desired.groups.front().auto_resume = false;
  leave_feed("failed", "connection refused");
  bench.start();
  ASSERT_TRUE(eventually([&] { return verdict() == "failed"; }));
  for (int i = 0; i < 5; ++i) repairs.turn();
  EXPECT_TRUE(bench.store->operations(10).empty());
}

}  // namespace
}  // namespace bdrmesh
