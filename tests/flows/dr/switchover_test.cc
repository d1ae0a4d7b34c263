#include <gmock/gmock.h>

#include "flows/dr/pair_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::EndOfRun;
using fakes::Fault;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_turned(const PairBench& bench, const EndOfRun& end, const std::string& primary,
                   const std::string& secondary) {
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(bench.writable(primary)) << end.journal << bench.inner.diary_text();
  EXPECT_TRUE(bench.stands_closed(secondary)) << end.journal << bench.inner.diary_text();
  EXPECT_THAT(bench.feeds(secondary), IsEmpty()) << end.journal;
  EXPECT_THAT(bench.feeds(primary), ElementsAre(HasSubstr(" normal"))) << end.journal;
  EXPECT_TRUE(bench.store->locks().empty());
}

TEST(Switchover, GivesTheSecondaryTheRoleAndComesBack) {
  PairBench bench;
  ASSERT_TRUE(bench.write("north"));
  const EndOfRun there = bench.run(bench.plan("dr.switchover"));
  expect_turned(bench, there, "dr", "north");
  EXPECT_THAT(bench.feeds("dr"), ElementsAre("orders-dr-to-north-1 normal"));
  EXPECT_TRUE(bench.inner.read_point(ClusterName("dr")).ttl_jobs({}));
  EXPECT_FALSE(bench.inner.read_point(ClusterName("north")).ttl_jobs({}));

  // The configuration still names north: the clusters' own notes are followed.
  const EndOfRun back = bench.run(bench.plan("dr.switchover", {{"to", "north"}}));
  expect_turned(bench, back, "north", "dr");
  EXPECT_THAT(bench.feeds("north"), ElementsAre("orders-north-to-dr-2 normal"));
}

TEST(Switchover, FinishesOrIsUndoneWhereverTheDaemonDies) {
  const auto writes = [] {
    PairBench bench;
    return bench.run(bench.plan("dr.switchover")).writes;
  }();
  ASSERT_GT(writes, 20);
  for (const fakes::Death when : {fakes::Death::before_write, fakes::Death::after_write}) {
    for (std::int64_t n = 1; n <= writes; ++n) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + " " + std::to_string(n));
      PairBench bench;
      const Json before = bench.standing_pair();
      const Plan plan = bench.plan("dr.switchover");
      bench.run_dying(plan, {when, n});
      const EndOfRun end = bench.run(plan);
      ASSERT_THAT(end.state(), AnyOf(OperationState::succeeded, OperationState::reverted))
          << end.journal << bench.inner.diary_text();
      if (end.state() == OperationState::succeeded) {
        expect_turned(bench, end, "dr", "north");
      } else {
        EXPECT_EQ(bench.standing_pair(), before)
            << Json::diff(before, bench.standing_pair()) << end.journal;
      }
      EXPECT_NE(bench.writable("north"), bench.writable("dr")) << end.journal;
    }
  }
}

TEST(Switchover, IsUndoneWithTheOldFeedResumedWhenItFailsBeforeTheLine) {
  for (const char* method : {"tidb.look_at_transactions", "tidb.write_marker", "ticdc.pause"}) {
    SCOPED_TRACE(method);
    PairBench bench;
    const Json before = bench.standing_pair();
    const Plan plan = bench.plan("dr.switchover");
    Fault refuse;
    refuse.cluster = "north";
    refuse.method = method;
    refuse.effect = fakes::Effect::refuse;
    bench.world.arm(refuse);
    const EndOfRun end = bench.run(plan);
    EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
    EXPECT_EQ(bench.standing_pair(), before)
        << Json::diff(before, bench.standing_pair()) << end.journal;
    EXPECT_TRUE(bench.writable("north"));
    EXPECT_THAT(bench.feeds("north"), ElementsAre("orders-north-to-dr-1 normal"));
  }
}

TEST(Switchover, RefusesWhatWouldLoseRowsAndNamesFailover) {
  PairBench bench;
  bench.inner.with_feed("north", "orders-north-to-dr-1",
                        [](fakes::FeedState& feed) { feed.detail.state = "warning"; });
  try {
    bench.plan("dr.switchover");
    FAIL() << "it was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "SWITCHOVER_UNHEALTHY");
    EXPECT_THAT(e.remedy(), HasSubstr("bdrmesh dr failover orders"));
  }
}

TEST(Switchover, RefusesAnOpenSecondary) {
  PairBench bench;
  const Plan plan = bench.plan("dr.switchover");
  bench.inner.with("dr", [](fakes::ClusterState& dr) {
    dr.read_only = false;
    for (fakes::ServerState& server : dr.servers) server.read_only = false;
  });
  const EndOfRun end = bench.run(plan);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "GATE_OPENED_BY_OTHER") << end.journal;
  EXPECT_TRUE(bench.writable("north"));
}

TEST(Switchover, RefusesASecondaryWithOtherDefinitions) {
  PairBench bench;
  const Plan plan = bench.plan("dr.switchover");
  bench.inner.with("dr", [](fakes::ClusterState& dr) {
    dr.tables[{"app", "orders"}].columns.push_back({"extra", "int DEFAULT NULL"});
  });
  const EndOfRun end = bench.run(plan);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "SCHEMAS_DIFFER") << end.journal;
}

TEST(PairApply, RefusesAPairThatWasNeverFilled) {
  PairBench bench;
  bench.inner.with("north", [](fakes::ClusterState& north) { north.feeds.clear(); });
  bench.book.forget();
  try {
    bench.plan("group.apply");
    FAIL() << "it was planned";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "NOT_BOOTSTRAPPED");
    EXPECT_EQ(e.remedy(), "bdrmesh dr bootstrap orders");
  }
}

TEST(PairApply, ClosesASecondaryThatSomebodyOpened) {
  PairBench bench;
  bench.inner.with("dr", [](fakes::ClusterState& dr) {
    dr.read_only = false;
    for (fakes::ServerState& server : dr.servers) server.read_only = false;
  });
  const EndOfRun end = bench.run(bench.plan("group.apply"));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(bench.stands_closed("dr"));
  EXPECT_TRUE(bench.writable("north"));
}

}  // namespace
}  // namespace bdrmesh::flows
