// The book of links in the state file: what is proven never moves back.
#include "app/daemon/store_link_book.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

const GroupName kOrders("orders");
const Link kLink{ClusterName("east"), ClusterName("west")};
const WallTime kThen = from_millis(1'790'000'000'000);

struct StoreLinkBookTest : ::testing::Test {
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  StoreLinkBook book{*store};

  static LinkIncarnation incarnation(int number) {
    return {kOrders,  kLink,    number,       changefeed_id(kOrders, kLink, number),
            Tso(100), Tso(100), std::nullopt, false};
  }
  LinkIncarnation only() const {
    const auto all = book.incarnations(kOrders);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? LinkIncarnation{} : all.front();
  }
  void prove(std::uint64_t tso, WallTime at) {
    book.proven(kOrders, kLink, changefeed_id(kOrders, kLink, 1), Tso(tso), at);
  }
};

TEST_F(StoreLinkBookTest, IsEmptyAtFirst) { EXPECT_TRUE(book.incarnations(kOrders).empty()); }

TEST_F(StoreLinkBookTest, GivesBackWhatWasPut) {
  book.put(incarnation(1));
  const LinkIncarnation seen = only();
  EXPECT_EQ(seen.group, kOrders);
  EXPECT_EQ(seen.link, kLink);
  EXPECT_EQ(seen.number, 1);
  EXPECT_EQ(seen.changefeed, ChangefeedId("orders-east-to-west-1"));
  EXPECT_EQ(seen.start, Tso(100));
  EXPECT_EQ(seen.proven, Tso(100));
  EXPECT_FALSE(seen.proven_at);
  EXPECT_FALSE(seen.removed);
}

TEST_F(StoreLinkBookTest, KeepsTsosThatDoNotFitASignedNumber) {
  LinkIncarnation one = incarnation(1);
  one.start = Tso(0xfffffffffffffff0U);
  book.put(one);
  EXPECT_EQ(only().start, one.start);
}

TEST_F(StoreLinkBookTest, PuttingAgainReplaces) {
  book.put(incarnation(1));
  LinkIncarnation later = incarnation(1);
  later.removed = true;
  book.put(later);
  EXPECT_TRUE(only().removed);
}

TEST_F(StoreLinkBookTest, KeepsIncarnationsAndGroupsApart) {
  book.put(incarnation(1));
  book.put(incarnation(2));
  LinkIncarnation other = incarnation(1);
  other.group = GroupName("billing");
  other.changefeed = changefeed_id(other.group, kLink, 1);
  book.put(other);
  EXPECT_EQ(book.incarnations(kOrders).size(), 2U);
  EXPECT_EQ(book.incarnations(GroupName("billing")).size(), 1U);
}

TEST_F(StoreLinkBookTest, RemembersHowFarAndWhenItWasProven) {
  book.put(incarnation(1));
  prove(200, kThen);
  EXPECT_EQ(only().proven, Tso(200));
  EXPECT_EQ(only().proven_at, kThen);
  EXPECT_EQ(only().start, Tso(100));
}

TEST_F(StoreLinkBookTest, MovesForward) {
  book.put(incarnation(1));
  prove(200, kThen);
  prove(300, kThen + Millis{5});
  EXPECT_EQ(only().proven, Tso(300));
  EXPECT_EQ(only().proven_at, kThen + Millis{5});
}

TEST_F(StoreLinkBookTest, NeverMovesBack) {
  book.put(incarnation(1));
  prove(300, kThen + Millis{5});
  prove(200, kThen);
  EXPECT_EQ(only().proven, Tso(300));
  EXPECT_EQ(only().proven_at, kThen + Millis{5});
}

TEST_F(StoreLinkBookTest, ProvesNothingForAFeedThatIsNotInTheBook) {
  book.put(incarnation(2));
  prove(200, kThen);
  EXPECT_EQ(only().proven, Tso(100));
  EXPECT_FALSE(only().proven_at);
  book.put(incarnation(1));
  for (const LinkIncarnation& one : book.incarnations(kOrders)) EXPECT_FALSE(one.proven_at);
}

TEST_F(StoreLinkBookTest, ProvesNothingForAnotherLink) {
  book.put(incarnation(1));
  book.proven(kOrders, {kLink.to, kLink.from}, changefeed_id(kOrders, kLink, 1), Tso(200), kThen);
  EXPECT_EQ(only().proven, Tso(100));
  EXPECT_FALSE(only().proven_at);
}

TEST_F(StoreLinkBookTest, IsReadByTheNextBookOnTheSameState) {
  book.put(incarnation(1));
  prove(200, kThen);
  const StoreLinkBook next(*store);
  EXPECT_EQ(next.incarnations(kOrders).front().proven, Tso(200));
  EXPECT_EQ(next.incarnations(kOrders).front().proven_at, kThen);
}

}  // namespace
}  // namespace bdrmesh
