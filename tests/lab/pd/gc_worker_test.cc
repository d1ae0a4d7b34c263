// How far the GC worker of a lab cluster goes, and what holds it back.
#include <gtest/gtest.h>

#include "lab/core/cluster_state.h"
#include "lab/core/turnable_clock.h"
#include "model/tso.h"

namespace bdrmesh::lab {
namespace {

constexpr std::chrono::hours kDay{24};
constexpr Millis kTenMinutes{600'000};

class GcWorkerTest : public ::testing::Test {
 protected:
  std::uint64_t ago(Millis age) const { return Tso::at(clock_.now() - age).value(); }

  SystemClock base_;
  TurnableClock clock_{base_};
  ClusterState cluster_{clock_, "east"};
  ClusterState old_{clock_, "old", find_profile("classic-7.5")};
};

TEST_F(GcWorkerTest, S16_StandsTheLifeTimeBehind) {
  EXPECT_EQ(cluster_.gc.safe_point(), 0U);
  ASSERT_TRUE(cluster_.gc.run_now());
  EXPECT_LE(cluster_.gc.safe_point(), ago(kTenMinutes));
  EXPECT_GT(cluster_.gc.safe_point(), ago(kTenMinutes + Millis{5000}));
  EXPECT_EQ(cluster_.safepoints.minimum(), cluster_.gc.safe_point());
  ASSERT_TRUE(cluster_.gc.last_run());
}

TEST_F(GcWorkerTest, S16_DoesNothingWhileGcIsOff) {
  cluster_.variables.set_everywhere("tidb_gc_enable", "OFF");
  EXPECT_FALSE(cluster_.gc.run_now());
  EXPECT_EQ(cluster_.gc.safe_point(), 0U);
  EXPECT_FALSE(cluster_.gc.last_run());
}

TEST_F(GcWorkerTest, S16_NeverGoesBackWhenTheLifeTimeGrows) {
  cluster_.gc.run_now();
  const std::uint64_t before = cluster_.gc.safe_point();
  cluster_.variables.set_everywhere("tidb_gc_life_time", "24h0m0s");
  cluster_.gc.run_now();
  EXPECT_EQ(cluster_.gc.safe_point(), before);
  EXPECT_EQ(cluster_.safepoints.gc_worker(), before);
}

TEST_F(GcWorkerTest, T16_IsHeldByAServiceUntilItsTtlIsOver) {
  const std::uint64_t held = cluster_.oracle.next();
  cluster_.safepoints.set("ticdc-default-1", held, kDay);
  clock_.turn(std::chrono::hours(5));
  cluster_.gc.run_now();
  EXPECT_EQ(cluster_.gc.safe_point(), held);
  clock_.turn(std::chrono::hours(20));
  cluster_.gc.run_now();
  EXPECT_GT(cluster_.gc.safe_point(), held);
  EXPECT_FALSE(cluster_.gc.has_history(held));
}

TEST_F(GcWorkerTest, T16_RenewsWhoeverIsAliveBeforeTheClockLetsItsEntryDie) {
  const std::uint64_t held = cluster_.oracle.next();
  auto alive =
      cluster_.gc.before_each_run([&] { cluster_.safepoints.hold("ticdc-default-1", held, kDay); });
  cluster_.gc.run_now();
  clock_.turn(std::chrono::hours(100));
  cluster_.gc.run_now();
  EXPECT_EQ(cluster_.gc.safe_point(), held);
  alive.reset();
  clock_.turn(std::chrono::hours(100));
  cluster_.gc.run_now();
  EXPECT_GT(cluster_.gc.safe_point(), held);
}

TEST_F(GcWorkerTest, T16_PdTakesNothingBelowTheMinimum) {
  cluster_.gc.run_now();
  const std::uint64_t least = cluster_.safepoints.minimum();
  const auto refused = cluster_.safepoints.hold("br-1", least - 1, kDay);
  EXPECT_FALSE(refused.accepted);
  EXPECT_EQ(refused.minimum, least);
  EXPECT_TRUE(cluster_.safepoints.hold("br-1", least, kDay).accepted);
  EXPECT_EQ(cluster_.safepoints.list().size(), 1U);
}

TEST_F(GcWorkerTest, S26_OlderPdShowsTheWishOfTheGcWorkerAboveTheServices) {
  for (ClusterState* cluster : {&cluster_, &old_}) {
    const std::uint64_t held = cluster->oracle.next();
    cluster->safepoints.set("ticdc-default-1", held, kDay);
  }
  clock_.turn(std::chrono::hours(1));
  for (ClusterState* cluster : {&cluster_, &old_}) {
    cluster->gc.run_now();
    EXPECT_EQ(cluster->gc.safe_point(), cluster->safepoints.minimum());
  }
  EXPECT_EQ(cluster_.safepoints.gc_worker(), cluster_.gc.safe_point());
  EXPECT_GT(old_.safepoints.gc_worker(), old_.gc.safe_point());
}

TEST_F(GcWorkerTest, S16_WaitsForOpenTransactions) {
  SessionInfo session;
  session.id = 1;
  session.in_transaction = true;
  session.start_ts = cluster_.oracle.next();
  cluster_.sessions.add(session, [](bool) {});
  clock_.turn(std::chrono::hours(2));
  cluster_.gc.run_now();
  EXPECT_EQ(cluster_.gc.safe_point(), session.start_ts - 1);
  clock_.turn(std::chrono::hours(30));  // longer than tidb_gc_max_wait_time
  cluster_.gc.run_now();
  EXPECT_GT(cluster_.gc.safe_point(), session.start_ts);
}

TEST_F(GcWorkerTest, T26_CanBeMadeToPassAPositionThatIsHeld) {
  const std::uint64_t held = cluster_.oracle.next();
  cluster_.safepoints.set("ticdc-default-1", held, kDay);
  cluster_.gc.collect_up_to(held + 5);
  EXPECT_EQ(cluster_.gc.safe_point(), held + 5);
  EXPECT_TRUE(cluster_.safepoints.list().empty());
  EXPECT_FALSE(cluster_.safepoints.hold("ticdc-default-1", held, kDay).accepted);
}

TEST_F(GcWorkerTest, S16_RunsByItselfWhenItsIntervalIsOver) {
  cluster_.gc.start();
  const std::uint64_t first = cluster_.gc.safe_point();
  clock_.turn(std::chrono::minutes(11));
  const MonoTime until = base_.mono() + Millis{5000};
  while (cluster_.gc.safe_point() == first && base_.mono() < until) {
    base_.wait_for(Millis{5}, {});
  }
  EXPECT_GT(cluster_.gc.safe_point(), first);
  cluster_.gc.stop();
}

TEST(GcRules, S16_ReadsTheVariables) {
  const GcSettings settings = gc_settings({{"tidb_gc_enable", "0"},
                                           {"tidb_gc_life_time", "1h30m0s"},
                                           {"tidb_gc_run_interval", "24h"},
                                           {"tidb_gc_max_wait_time", "600"}});
  EXPECT_FALSE(settings.enabled);
  EXPECT_EQ(settings.life_time, std::chrono::minutes(90));
  EXPECT_EQ(settings.run_interval, kDay);
  EXPECT_EQ(settings.max_wait_time, kTenMinutes);
  EXPECT_FALSE(parse_gc_duration("600"));
  EXPECT_FALSE(parse_gc_duration("3d"));
  EXPECT_FALSE(parse_gc_duration(""));
  EXPECT_EQ(parse_gc_duration("1.5h"), std::chrono::minutes(90));
}

}  // namespace
}  // namespace bdrmesh::lab
