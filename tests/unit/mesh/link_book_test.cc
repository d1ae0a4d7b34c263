#include "mesh/link_book.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const Link kOut{ClusterName("east"), ClusterName("west")};
const Link kBack{ClusterName("west"), ClusterName("east")};

LinkIncarnation incarnation(const Link& link, int number, bool removed = false) {
  LinkIncarnation one;
  one.link = link;
  one.number = number;
  one.removed = removed;
  return one;
}

TEST(LastIncarnation, IsZeroForALinkThatNeverHadAFeed) {
  EXPECT_EQ(last_incarnation({}, kOut), 0);
  EXPECT_EQ(last_incarnation({incarnation(kBack, 4)}, kOut), 0);
}

TEST(LastIncarnation, IsTheHighestInWhateverOrder) {
  EXPECT_EQ(last_incarnation({incarnation(kOut, 2), incarnation(kOut, 10), incarnation(kOut, 9),
                              incarnation(kBack, 11)},
                             kOut),
            10);
}

TEST(LastIncarnation, CountsRemovedOnesToo) {
  // Their redo files may still lie there: a number is never used twice.
  EXPECT_EQ(last_incarnation({incarnation(kOut, 1), incarnation(kOut, 2, true)}, kOut), 2);
}

LinkIncarnation incarnation(int number, Tso start, Tso proven) {
  LinkIncarnation one;
  one.group = GroupName("orders");
  one.link = {ClusterName("east"), ClusterName("west")};
  one.number = number;
  one.changefeed = changefeed_id(one.group, one.link, number);
  one.start = start;
  one.proven = proven;
  return one;
}

TEST(GapBefore, IsNoneForTheFirstAndForOneThatCarriesOn) {
  const auto first = incarnation(1, Tso(10), Tso(50));
  EXPECT_FALSE(gap_before({first}, first.changefeed));
  EXPECT_FALSE(
      gap_before({first, incarnation(2, Tso(50), Tso(60))}, ChangefeedId("orders-east-to-west-2")));
  EXPECT_FALSE(gap_before({first}, ChangefeedId("orders-east-to-west-9")));
}

TEST(GapBefore, LiesBetweenTheLastProofAndTheStart) {
  const std::vector<LinkIncarnation> all{incarnation(1, Tso(10), Tso(50)),
                                         incarnation(3, Tso(90), Tso(95)),
                                         incarnation(2, Tso(50), Tso(60))};
  const auto gap = gap_before(all, ChangefeedId("orders-east-to-west-3"));
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->from, Tso(60));
  EXPECT_EQ(gap->to, Tso(90));
}

}  // namespace
}  // namespace bdrmesh
