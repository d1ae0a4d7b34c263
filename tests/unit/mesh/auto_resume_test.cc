// Which failed changefeeds go on by themselves, and when.
#include "mesh/judge/auto_resume.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const GroupName kGroup{"orders"};
const Link kLink{ClusterName("east"), ClusterName("west")};
const WallTime kStart = from_millis(1'790'000'000'000);

LinkVerdict verdict(const std::string& word) {
  LinkVerdict one;
  one.word = word;
  return one;
}

ErrorMeaning meaning(const std::string& code) { return meaning_of(FeedError{code, code, ""}); }

struct AutoResumeTest : ::testing::Test {
  AutoResume policy;
  WallTime now = kStart;

  std::optional<AutoResume::Try> ask(const std::string& word = "failed",
                                     const std::string& code = "connection refused") {
    return policy.due(kGroup, kLink, verdict(word), meaning(code), now);
  }
  /// Seconds until the next try, asking each second.
  std::int64_t next_try() {
    for (std::int64_t second = 0; second < 3600; ++second) {
      if (ask()) return second;
      now += Millis{1000};
    }
    return -1;
  }
};

TEST_F(AutoResumeTest, TriesTenSecondsAfterItFailed) { EXPECT_EQ(next_try(), 10); }

TEST_F(AutoResumeTest, WaitsTwiceAsLongEachTimeAndTenMinutesAtMost) {
  EXPECT_EQ(next_try(), 10);
  for (const std::int64_t wait : {30, 60, 120, 240, 480, 600, 600, 600})
    EXPECT_EQ(next_try(), wait);
}

TEST_F(AutoResumeTest, SaysWhichTryItIsAndWhenTheNextComes) {
  next_try();
  now += Millis{30'000};
  const auto second = ask();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2);
  EXPECT_EQ(second->next, Millis{60'000});
  EXPECT_EQ(second->why, "nothing listens at the sink's address");
}

TEST_F(AutoResumeTest, WhatRanForAMomentOnlyDoesNotBeginAnew) {
  next_try();
  ask("moving");
  now += Millis{20'000};
  ask("failed");
  EXPECT_EQ(next_try(), 10);  // failed for 10 s again, and 30 s are over
  EXPECT_EQ(next_try(), 60);
}

TEST_F(AutoResumeTest, WhoMovedForTenMinutesBeginsAnew) {
  next_try();
  next_try();
  ask("moving");
  now += Millis{600'000};
  ask("slow");
  ask("failed");
  now += Millis{10'000};
  const auto again = ask();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->number, 1);
}

TEST_F(AutoResumeTest, NeverResumesWhatSomebodyPausedNorWhatStandsOtherwise) {
  for (const char* word : {"stopped", "stuck", "missing", "unknown", "moving", "slow"}) {
    ask(word);
    now += Millis{3'600'000};
    EXPECT_FALSE(ask(word)) << word;
  }
}

TEST_F(AutoResumeTest, NeverResumesWhatAPersonMustMendFirst) {
  for (const char* code :
       {"ErrGCTTLExceeded", "ErrSnapshotLostByGC", "ErrStartTsBeforeGC", "Error 1045", "Error 3118",
        "Error 1142", "ErrMySQLDuplicateEntry", "ErrExecDDLFailed", "ErrSyncRenameTableFailed",
        "Error 1146", "Error 1054", "ErrSinkURIInvalid", "ErrCorruptedDataMutation",
        "nobody knows"})
    EXPECT_FALSE(AutoResume::is_harmless(meaning(code))) << code;
  ask("failed", "Error 1045");
  now += Millis{3'600'000};
  EXPECT_FALSE(ask("failed", "Error 1045"));
}

TEST_F(AutoResumeTest, ResumesWhatPasses) {
  for (const char* code : {"connection refused", "i/o timeout", "ErrPDEtcdAPIError", "Error 1836",
                           "Error 9007", "no space left", "ErrReachMaxTry"})
    EXPECT_TRUE(AutoResume::is_harmless(meaning(code))) << code;
}

TEST_F(AutoResumeTest, WithoutAnErrorNothingIsKnownToPass) {
  policy.due(kGroup, kLink, verdict("failed"), std::nullopt, now);
  now += Millis{3'600'000};
  EXPECT_FALSE(policy.due(kGroup, kLink, verdict("failed"), std::nullopt, now));
}

TEST_F(AutoResumeTest, ATryThatCouldNotBeMadeDoesNotCount) {
  next_try();
  policy.not_made(kGroup, kLink, now);
  EXPECT_EQ(next_try(), 10);
  now += Millis{30'000};
  const auto second = ask();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->number, 2);
}

TEST_F(AutoResumeTest, KeepsLinksApart) {
  next_try();
  const Link back{ClusterName("west"), ClusterName("east")};
  const auto first = policy.due(kGroup, back, verdict("failed"), meaning("i/o timeout"), now);
  EXPECT_FALSE(first);
  const auto later =
      policy.due(kGroup, back, verdict("failed"), meaning("i/o timeout"), now + Millis{10'000});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->number, 1);
}

}  // namespace
}  // namespace bdrmesh
