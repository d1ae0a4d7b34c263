// Samples become minutes.
#include "mesh/lag_book.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const GroupName kGroup{"orders"};
const Link kLink{ClusterName("east"), ClusterName("west")};
const WallTime kMinute = from_millis(1'790'000'040'000);

LinkVerdict verdict(const std::string& word, std::int64_t lag) {
  LinkVerdict one;
  one.word = word;
  one.lag = Millis{lag};
  return one;
}

TEST(LagRecorder, PutsTheSamplesOfAMinuteTogether) {
  ASSERT_EQ(to_millis(kMinute) % 60'000, 0);
  LagRecorder recorder;
  recorder.sample(kGroup, kLink, verdict("moving", 500), kMinute);
  recorder.sample(kGroup, kLink, verdict("slow", 40'000), kMinute + Millis{1000});
  recorder.sample(kGroup, kLink, verdict("stuck", 2000), kMinute + Millis{59'999});
  EXPECT_TRUE(recorder.take_ended(kMinute + Millis{59'999}).empty());
  const auto ended = recorder.take_ended(kMinute + Millis{60'000});
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].at, kMinute);
  EXPECT_EQ(ended[0].most, Millis{40'000});
  EXPECT_EQ(ended[0].sum, Millis{42'500});
  EXPECT_EQ(ended[0].samples, 3);
  EXPECT_EQ(ended[0].standing, 1);
  EXPECT_TRUE(recorder.take_ended(kMinute + Millis{120'000}).empty());
}

TEST(LagRecorder, ASampleOfTheNextMinuteEndsTheOneBefore) {
  LagRecorder recorder;
  recorder.sample(kGroup, kLink, verdict("moving", 1), kMinute);
  recorder.sample(kGroup, kLink, verdict("moving", 2), kMinute + Millis{60'000});
  const auto ended = recorder.take_ended(kMinute + Millis{60'000});
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].most, Millis{1});
}

TEST(LagRecorder, WhatIsUnknownOrMissingIsNoSample) {
  LagRecorder recorder;
  recorder.sample(kGroup, kLink, verdict("unknown", 5), kMinute);
  recorder.sample(kGroup, kLink, verdict("missing", 5), kMinute);
  EXPECT_TRUE(recorder.take_ended(kMinute + Millis{60'000}).empty());
}

TEST(LagRecorder, ALagBelowZeroIsNone) {
  LagRecorder recorder;
  recorder.sample(kGroup, kLink, verdict("moving", -30), kMinute);
  EXPECT_EQ(recorder.take_ended(kMinute + Millis{60'000}).at(0).sum, Millis{0});
}

TEST(LagRecorder, KeepsLinksAndGroupsApart) {
  LagRecorder recorder;
  recorder.sample(kGroup, kLink, verdict("moving", 1), kMinute);
  recorder.sample(GroupName("billing"), kLink, verdict("moving", 2), kMinute);
  recorder.sample(kGroup, {ClusterName("west"), ClusterName("east")}, verdict("moving", 3),
                  kMinute);
  EXPECT_EQ(recorder.take_ended(kMinute + Millis{60'000}).size(), 3U);
}

}  // namespace
}  // namespace bdrmesh
