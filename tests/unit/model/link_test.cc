// Links and the names of their changefeeds.
#include "model/link.h"

#include <gtest/gtest.h>
#include <set>

namespace bdrmesh {
namespace {

const Link kEastWest{ClusterName("east"), ClusterName("west")};
const GroupName kOrders("orders");

TEST(FullMesh, HasEveryOrderedPairOnce) {
  std::vector<ClusterName> members;
  for (const char* name : {"a", "b", "c", "d"}) members.emplace_back(name);
  const std::vector<Link> links = full_mesh(members);
  EXPECT_EQ(links.size(), 12U);
  EXPECT_EQ(std::set<Link>(links.begin(), links.end()).size(), 12U);
  for (const Link& link : links) EXPECT_NE(link.from, link.to);
}

TEST(FullMesh, FollowsTheOrderOfMembers) {
  const std::vector<Link> links = full_mesh({ClusterName("west"), ClusterName("east")});
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(to_string(links[0]), "west-to-east");
  EXPECT_EQ(to_string(links[1]), "east-to-west");
}

TEST(FullMesh, OfOneOrNoneIsEmpty) {
  EXPECT_TRUE(full_mesh({}).empty());
  EXPECT_TRUE(full_mesh({ClusterName("alone")}).empty());
}

TEST(ChangefeedId, NamesGroupLinkAndIncarnation) {
  EXPECT_EQ(changefeed_id(kOrders, kEastWest, 12), ChangefeedId("orders-east-to-west-12"));
}

TEST(Incarnation, ReadsBackFromTheId) {
  for (const int number : {1, 2, 10, 99999})
    EXPECT_EQ(incarnation_of(changefeed_id(kOrders, kEastWest, number), kOrders, kEastWest),
              number);
}

TEST(Incarnation, IsNoneForFeedsOfOthers) {
  const Link back{kEastWest.to, kEastWest.from};
  const ChangefeedId id = changefeed_id(kOrders, kEastWest, 3);
  EXPECT_EQ(incarnation_of(id, kOrders, back), 0);
  EXPECT_EQ(incarnation_of(id, GroupName("order"), kEastWest), 0);
  EXPECT_EQ(incarnation_of(ChangefeedId("simple-replication-task"), kOrders, kEastWest), 0);
}

TEST(Incarnation, IsNoneForWhatOnlyLooksLikeOurs) {
  for (const char* text :
       {"orders-east-to-west", "orders-east-to-west-", "orders-east-to-west-x",
        "orders-east-to-west-1x", "orders-east-to-west-0", "orders-east-to-west--1",
        "orders-east-to-west-99999999999", "xorders-east-to-west-1", "orders-east-to-west2-1"})
    EXPECT_EQ(incarnation_of(ChangefeedId(text), kOrders, kEastWest), 0) << text;
}

}  // namespace
}  // namespace bdrmesh
