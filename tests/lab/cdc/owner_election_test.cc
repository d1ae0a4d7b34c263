// Who owns a TiCDC, and what its nodes do meanwhile: measured windows, without processes.
#include "lab/ticdc/owner_election.h"

#include <gtest/gtest.h>

#include "lab/owner/feed_trouble.h"
#include "lab/owner/ticdc_gc.h"

namespace bdrmesh::lab {
namespace {

using Way = OwnerElection::Way;

class OwnerElectionTest : public ::testing::Test {
 protected:
  explicit OwnerElectionTest(TicdcFamily family = TicdcFamily::classic)
      : election_(2, ElectionTimes::measured(family)) {
    election_.begin();
  }
  void after(Millis time) {
    now_ += time;
    election_.advance(now_);
  }
  Way way(std::size_t node) const { return election_.route(node, now_).way; }

  MonoTime now_{std::chrono::hours{1}};
  OwnerElection election_;
};

class CoordinatorElectionTest : public OwnerElectionTest {
 protected:
  CoordinatorElectionTest() : OwnerElectionTest(TicdcFamily::new_arch) {}
};

TEST_F(OwnerElectionTest, T02_TheOthersForwardToTheOwner) {
  EXPECT_EQ(way(0), Way::serve);
  EXPECT_EQ(way(1), Way::forward);
  EXPECT_EQ(election_.owner(), 0U);
}

TEST_F(OwnerElectionTest, T02_AResignLeavesNobodyThenTheOtherWhoKnowsNoFeedAtFirst) {
  election_.resign(now_);
  EXPECT_EQ(way(0), Way::vacant);
  EXPECT_EQ(way(1), Way::vacant);
  after(Millis{290});
  EXPECT_EQ(way(1), Way::vacant);
  after(Millis{20});
  EXPECT_EQ(election_.owner(), 1U);
  EXPECT_EQ(way(1), Way::fresh);
  EXPECT_EQ(way(0), Way::forward);
  after(Millis{100});
  EXPECT_EQ(way(1), Way::serve);
}

TEST_F(OwnerElectionTest, T26_ADeadOwnerIsNamedUntilItsLeaseIsOver) {
  election_.died(0, now_);
  after(Millis{8400});
  EXPECT_EQ(way(1), Way::dead);
  EXPECT_FALSE(election_.owner());
  EXPECT_TRUE(election_.is_member(0, now_));
  after(Millis{200});
  EXPECT_EQ(election_.owner(), 1U);
  EXPECT_EQ(way(1), Way::fresh);
  EXPECT_FALSE(election_.is_member(0, now_));
}

TEST_F(OwnerElectionTest, T26_ARestartedOwnerHangsUntilSomebodyIsInOffice) {
  election_.died(0, now_);
  after(Millis{2000});
  election_.started(0, now_);
  EXPECT_EQ(way(0), Way::not_ready);
  after(Millis{400});
  EXPECT_EQ(way(0), Way::hang);
  after(Millis{6200});
  EXPECT_EQ(election_.owner(), 1U);
  EXPECT_EQ(way(0), Way::forward);
}

TEST_F(OwnerElectionTest, T26_WhenAllDieTheFirstToComeBackWaitsTwelveSeconds) {
  election_.died(0, now_);
  election_.died(1, now_);
  election_.started(0, now_);
  EXPECT_EQ(way(0), Way::not_ready);
  after(Millis{11'900});
  EXPECT_EQ(way(0), Way::hang);
  after(Millis{200});
  EXPECT_EQ(election_.owner(), 0U);
}

TEST_F(OwnerElectionTest, T26_ALongDeadClusterIsInOfficeSoonAfterItsStart) {
  election_.died(0, now_);
  election_.died(1, now_);
  after(Millis{60'000});
  election_.started(1, now_);
  after(Millis{700});
  EXPECT_EQ(election_.owner(), 1U);
}

TEST_F(OwnerElectionTest, T26_ADeadBystanderChangesNothing) {
  election_.died(1, now_);
  after(Millis{60'000});
  EXPECT_EQ(way(0), Way::serve);
  EXPECT_FALSE(election_.is_member(1, now_));
}

TEST_F(OwnerElectionTest, T26_AHangingOwnerKeepsTheOthersWaitingUntilItsLeaseIsOver) {
  election_.hung(0, now_);
  EXPECT_EQ(way(1), Way::hang);
  after(Millis{5000});
  election_.woke(0);
  EXPECT_EQ(way(1), Way::forward);
  election_.hung(0, now_);
  after(Millis{8600});
  EXPECT_EQ(election_.owner(), 1U);
  election_.woke(0);
  EXPECT_EQ(way(0), Way::forward);
}

TEST_F(OwnerElectionTest, T26_AnOwnerThatDiesWhileItResignsIsFollowedByTheOther) {
  election_.resign(now_);
  election_.died(0, now_);
  after(Millis{310});
  EXPECT_EQ(election_.owner(), 1U);
}

TEST_F(CoordinatorElectionTest, T02_AResignIsOverAtOnceAndNothingHasToBeInitialised) {
  election_.resign(now_);
  EXPECT_EQ(way(1), Way::vacant);
  after(Millis{31});
  EXPECT_EQ(way(1), Way::serve);
  EXPECT_EQ(way(0), Way::forward);
}

TEST_F(CoordinatorElectionTest, T26_AfterADeathItIsInitialisedFiveSecondsLong) {
  election_.died(0, now_);
  after(Millis{9700});
  EXPECT_EQ(way(1), Way::dead);
  after(Millis{200});
  EXPECT_EQ(way(1), Way::initialising);
  after(Millis{4900});
  EXPECT_EQ(way(1), Way::initialising);
  after(Millis{200});
  EXPECT_EQ(way(1), Way::serve);
}

TEST_F(CoordinatorElectionTest, T26_ARestartedOnlyNodeNamesItsDeadSelf) {
  election_.died(1, now_);
  election_.died(0, now_);
  election_.started(0, now_);
  EXPECT_EQ(way(0), Way::dead);
  after(Millis{5900});
  EXPECT_EQ(way(0), Way::initialising);
}

TEST(ElectionTimes, T26_RunAtAnyPace) {
  const ElectionTimes times = ElectionTimes::measured(TicdcFamily::classic).at_pace(0.1);
  EXPECT_EQ(times.takeover, Millis{850});
  EXPECT_EQ(times.not_ready, Millis{30});
}

FeedError error(const char* code, const char* message = "") { return {{}, code, message}; }

TEST(FeedTrouble, T15_SortsErrorsByCodeAndByTheCodeInTheText) {
  EXPECT_EQ(class_of(error("CDC:ErrMySQLTxnError")), ErrorClass::retryable);
  EXPECT_EQ(class_of(error("CDC:ErrSyncRenameTableFailed")), ErrorClass::unretryable);
  EXPECT_EQ(class_of(error("CDC:ErrGCTTLExceeded")), ErrorClass::history_lost);
  EXPECT_EQ(class_of(error("CDC:ErrChangefeedRetryable", "[CDC:ErrSnapshotLostByGC]gone")),
            ErrorClass::history_lost);
}

TEST(FeedTrouble, T15_PausesDoubleFromTenSecondsToTenMinutes) {
  FeedTrouble trouble;
  const FeedTimes times;
  std::vector<std::int64_t> seconds;
  for (int i = 0; i < 8; ++i) seconds.push_back(trouble.next_pause(times).count() / 1000);
  EXPECT_EQ(seconds, (std::vector<std::int64_t>{10, 20, 40, 80, 160, 320, 600, 600}));
}

TEST(FeedTrouble, T15_AnAdvancedCheckpointBeginsTheBudgetAnew) {
  FeedTrouble trouble;
  const MonoTime start{std::chrono::hours{1}};
  trouble.begin(100, start);
  trouble.begin(100, start + std::chrono::minutes{20});
  EXPECT_FALSE(trouble.has_used_up(std::chrono::minutes{30}, start + std::chrono::minutes{30}));
  EXPECT_TRUE(trouble.has_used_up(std::chrono::minutes{30}, start + std::chrono::minutes{31}));
  trouble.begin(101, start + std::chrono::minutes{31});
  EXPECT_FALSE(trouble.has_used_up(std::chrono::minutes{30}, start + std::chrono::minutes{31}));
}

TEST(FeedTrouble, T15_TheNewArchitectureWrapsCodesAndCutsTexts) {
  EXPECT_EQ(worded_for_new_arch(error("CDC:ErrReachMaxTry")).code, "CDC:ErrChangefeedRetryable");
  EXPECT_EQ(worded_for_new_arch(error("CDC:ErrSyncRenameTableFailed")).code,
            "CDC:ErrChangefeedUnretryable");
  EXPECT_EQ(worded_for_new_arch(error("CDC:ErrGCTTLExceeded")).code, "CDC:ErrGCTTLExceeded");
  EXPECT_EQ(cut_for_etcd(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(cut_for_etcd(std::string(101, 'x')), std::string(100, 'x') + "...");
}

TEST(TicdcGc, T16_TheServiceIsNumberedAsPdsEtcdIs) {
  // The number that every PD with the default peer address has.
  EXPECT_EQ(gc_service_of("127.0.0.1:2380"), "ticdc-default-15674009460217235928");
  EXPECT_NE(gc_service_of("127.0.0.1:2381"), gc_service_of("127.0.0.1:2380"));
}

TEST(TicdcGc, T16_RulesFollowTheVersion) {
  Profile profile = find_profile("classic-6.5");
  EXPECT_EQ(gc_rule_of(profile), GcRule::ttl);
  profile.ticdc = {6, 5, 3};
  EXPECT_EQ(gc_rule_of(profile), GcRule::without_limit);
  EXPECT_EQ(gc_rule_of(find_profile("new-8.5")), GcRule::at_checkpoints);
}

}  // namespace
}  // namespace bdrmesh::lab
