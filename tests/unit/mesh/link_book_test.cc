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

}  // namespace
}  // namespace bdrmesh
