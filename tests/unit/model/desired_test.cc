// The configuration as values: places for the origin's name, links of a group, names that nobody
// knows.
#include "model/desired.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace bdrmesh {
namespace {

Desired two_clusters() {
  Desired desired;
  for (const char* name : {"east", "west"}) {
    ClusterSpec cluster;
    cluster.name = ClusterName(name);
    desired.clusters.push_back(cluster);
  }
  GroupSpec group;
  group.name = GroupName("orders");
  group.members = {ClusterName("east"), ClusterName("west")};
  group.tables = {"app.*", "!app.log"};
  desired.groups = {group};
  return desired;
}

TEST(SinkSpec, PutsTheOriginInEveryPlace) {
  SinkSpec sink;
  sink.user = "cdc_{from}_{from}";
  sink.password = {"file:/etc/{from}.password"};
  EXPECT_EQ(sink.user_for(ClusterName("east")), "cdc_east_east");
  EXPECT_EQ(sink.password_for(ClusterName("east")).text, "file:/etc/east.password");
}

TEST(SinkSpec, LeavesATextWithoutAPlaceAlone) {
  SinkSpec sink;
  sink.user = "cdc{form}";
  EXPECT_EQ(sink.user_for(ClusterName("east")), "cdc{form}");
}

TEST(SinkSpec, DoesNotReplaceInWhatItPutIn) {
  SinkSpec sink;
  sink.user = "{from}x";
  EXPECT_EQ(sink.user_for(ClusterName("{from}")), "{from}x");
}

TEST(GroupSpec, OfAMeshHasAllLinks) {
  GroupSpec group = two_clusters().groups.front();
  group.members.emplace_back("south");
  EXPECT_EQ(group.links().size(), 6U);
}

TEST(GroupSpec, OfAPairHasTheOneFromThePrimary) {
  GroupSpec group = two_clusters().groups.front();
  group.kind = GroupKind::primary_secondary;
  const std::vector<Link> links = group.links();
  ASSERT_EQ(links.size(), 1U);
  EXPECT_EQ(to_string(links.front()), "east-to-west");
}

TEST(Desired, FindsClustersAndGroupsByName) {
  const Desired desired = two_clusters();
  EXPECT_EQ(&desired.cluster(ClusterName("west")), &desired.clusters[1]);
  EXPECT_EQ(&desired.group(GroupName("orders")), &desired.groups[0]);
}

template <class Ask>
Error refusal(Ask ask) {
  try {
    ask();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorKind::bug, "NOTHING_THROWN", ""};
}

TEST(Desired, ListsTheClustersItKnows) {
  const Desired desired = two_clusters();
  const Error error = refusal([&] { (void)desired.cluster(ClusterName("wset")); });
  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.code(), "UNKNOWN_CLUSTER");
  EXPECT_NE(error.message().find("'wset'"), std::string::npos);
  EXPECT_NE(error.remedy().find("east, west"), std::string::npos) << error.remedy();
}

TEST(Desired, ListsTheGroupsItKnows) {
  const Desired desired = two_clusters();
  const Error error = refusal([&] { (void)desired.group(GroupName("Orders")); });
  EXPECT_EQ(error.code(), "UNKNOWN_GROUP");
  EXPECT_NE(error.remedy().find("orders"), std::string::npos) << error.remedy();
}

TEST(Desired, SaysWhenItKnowsNone) {
  const Desired desired;
  EXPECT_NE(refusal([&] { (void)desired.group(GroupName("x")); }).remedy().find("none"),
            std::string::npos);
}

TEST(FeedRules, AreTheTablesAndThenTheMarkers) {
  // Last, since the later rule wins: no exclusion of the user may take the markers out.
  EXPECT_EQ(feed_rules(two_clusters().groups.front()),
            (std::vector<std::string>{"app.*", "!app.log", "bdrmesh.*"}));
}

}  // namespace
}  // namespace bdrmesh
