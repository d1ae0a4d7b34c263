// New passwords for the accounts as which changefeeds write into a cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::ClusterState;
using fakes::Death;
using fakes::EndOfRun;
using ::testing::ElementsAre;

/// The configuration has "hidden" for everybody; the accounts on east still have "old".
struct Scene {
  FlowBench bench{{"east", "west", "south"}};

  Scene() {
    bench.bring_up();
    bench.inner.with("east", [](ClusterState& east) {
      for (const char* user : {"cdc_west", "cdc_south"}) east.accounts[user].password = "old";
    });
  }
  Plan plan() { return bench.plan("cluster.rotate_sink_password", {{"cluster", "east"}}); }
  std::vector<std::string> feeds(const std::string& origin) const {
    return bench.inner.look(origin, [](const ClusterState& cluster) {
      std::vector<std::string> all;
      for (const auto& [id, feed] : cluster.feeds) all.push_back(id + " " + feed.detail.state);
      return all;
    });
  }
  std::string password(const std::string& user) const {
    return bench.inner.look(
        "east", [&](const ClusterState& east) { return east.accounts.at(user).password; });
  }
  void expect_rotated(const EndOfRun& end) const {
    ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
    EXPECT_EQ(password("cdc_west"), "hidden");
    EXPECT_EQ(password("cdc_south"), "hidden");
    EXPECT_THAT(feeds("west"),
                ElementsAre("orders-west-to-east-2 normal", "orders-west-to-south-1 normal"));
    EXPECT_THAT(feeds("south"),
                ElementsAre("orders-south-to-east-2 normal", "orders-south-to-west-1 normal"));
    const auto book = bench.book.incarnations(GroupName("orders"));
    for (const LinkIncarnation& one : book) EXPECT_FALSE(gap_before(book, one.changefeed));
    EXPECT_EQ(end.journal.find("hidden"), std::string::npos);
    expect_no_hazard(bench, end.journal);
  }
};

struct RotatePassword : ::testing::Test, Scene {};

TEST_F(RotatePassword, StopsEveryFeedIntoTheClusterBeforeAPasswordChanges) {
  const EndOfRun end = bench.run(plan());
  expect_rotated(end);
  int paused = 0;
  for (const fakes::Act& act : bench.inner.diary()) {
    if (act.what == "pause") ++paused;
    if (act.what == "make_user") {
      EXPECT_EQ(paused, 2) << bench.inner.diary_text();
    }
  }
  EXPECT_EQ(paused, 2);
}

TEST_F(RotatePassword, FinishesWhereverTheDaemonDies) {
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(nth));
      Scene fresh;
      const Plan planned = fresh.plan();
      if (!fresh.bench.run_dying(planned, {when, nth})) break;
      fresh.expect_rotated(fresh.bench.run(planned));
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST_F(RotatePassword, ALostAnswerIsLookedAfter) {
  fakes::Fault fault;
  fault.cluster = "east";
  fault.method = "users.make_user";
  fault.effect = fakes::Effect::lose_answer;
  bench.world.arm(fault);
  expect_rotated(bench.run(plan()));
}

TEST_F(RotatePassword, WithoutThePrivilegeEverythingIsUndone) {
  const Json before = bench.standing();
  fakes::Fault fault;
  fault.cluster = "east";
  fault.method = "users.make_user";
  fault.effect = fakes::Effect::refuse;
  fault.from_then_on = true;
  bench.world.arm(fault);
  const EndOfRun end = bench.run(plan());
  bench.world.disarm();
  expect_reverted(bench, end, before);
  EXPECT_EQ(password("cdc_west"), "old");
}

TEST_F(RotatePassword, APasswordThatWasChangedByHandOnlyNeedsNewFeeds) {
  bench.inner.with("east", [](ClusterState& east) {
    for (const char* user : {"cdc_west", "cdc_south"}) east.accounts[user].password = "hidden";
  });
  expect_rotated(bench.run(plan()));
  for (const fakes::Act& act : bench.inner.diary()) EXPECT_NE(act.what, "make_user");
}

TEST_F(RotatePassword, AnAccountThatIsLockedOrMissingIsRefusedBeforeAnythingStops) {
  bench.inner.with("east", [](ClusterState& east) { east.accounts["cdc_south"].locked = true; });
  const Json before = bench.standing();
  const EndOfRun end = bench.run(plan());
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "SINK_USER_LOCKED") << end.journal;
  for (const fakes::Act& act : bench.inner.diary()) EXPECT_NE(act.what, "pause");
}

TEST_F(RotatePassword, AClusterThatNobodyWritesIntoHasNothingToRotate) {
  bench.desired.groups.front().members.pop_back();
  try {
    (void)bench.plan("cluster.rotate_sink_password", {{"cluster", "south"}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "NO_SINK");
  }
}

}  // namespace
}  // namespace bdrmesh::flows
