// Every finding over a group, each from a healthy mesh with one thing changed.
#include "mesh/judge/findings.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

struct Mesh {
  Desired desired;
  std::vector<ClusterSight> seen;
  std::vector<LinkIncarnation> book;

  GroupSpec& group() { return desired.groups.front(); }
  ClusterSight& sight(const std::string& name) {
    return *std::ranges::find(seen, ClusterName(name), &ClusterSight::name);
  }
  FeedSight& feed(const std::string& from, const std::string& to) {
    const ChangefeedId id("orders-" + from + "-to-" + to + "-1");
    return *std::ranges::find_if(sight(from).feeds,
                                 [&](const FeedSight& one) { return one.summary.id == id; });
  }
  void add_feed(const std::string& at, const std::string& id, const std::string& address,
                const std::vector<std::string>& rules, bool bdr) {
    FeedSight one;
    one.summary = {ChangefeedId(id), "normal", Tso(1000), 7, std::nullopt};
    one.detail.emplace();
    one.detail->id = ChangefeedId(id);
    one.detail->sink_uri = "mysql://somebody:xxxxx@" + address + "/";
    one.detail->config = {{"bdr_mode", bdr}, {"filter", {{"rules", rules}}}};
    sight(at).feeds.push_back(one);
  }
};

ClusterSpec cluster_of(const std::string& name, int id) {
  ClusterSpec cluster;
  cluster.name = ClusterName(name);
  cluster.source_id = id;
  cluster.tidb = {ServerAddress(name + ":4000")};
  cluster.sink.address = name + ".sink:4000";
  cluster.sink.user = "cdc_{from}";
  return cluster;
}

Mesh healthy() {
  Mesh mesh;
  GroupSpec group;
  group.name = GroupName("orders");
  group.tables = {"app.*"};
  int id = 0;
  for (const char* name : {"east", "west", "south", "outside"}) {
    mesh.desired.clusters.push_back(cluster_of(name, ++id));
    ClusterSight sight;
    sight.name = ClusterName(name);
    sight.role = "none";
    sight.source_id = id;
    sight.pd_cluster_id = 70 + id;
    sight.feeds_known = true;
    mesh.seen.push_back(sight);
    if (id < 4) group.members.emplace_back(name);
  }
  mesh.desired.groups = {group};
  for (const Link& link : group.links()) {
    FeedSight feed;
    feed.summary = {changefeed_id(group.name, link, 1), "normal", Tso(1000), 7, std::nullopt};
    feed.detail.emplace();
    feed.detail->id = feed.summary.id;
    feed.detail->config = wanted_replica_config(group, feed.summary.id);
    feed.detail->sink_uri =
        "mysql://cdc_" + link.from.value() + ":xxxxx@" + link.to.value() + ".sink:4000/";
    feed.detail->upstream_id = *mesh.sight(link.from.value()).pd_cluster_id;
    mesh.sight(link.from.value()).feeds.push_back(feed);
    mesh.book.push_back(
        {group.name, link, 1, feed.summary.id, Tso(1), Tso(1), std::nullopt, false});
  }
  return mesh;
}

struct Case {
  const char* name;
  std::function<void(Mesh&)> change;
  std::vector<std::string> codes;  ///< all that must be found
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

struct Findings : ::testing::TestWithParam<Case> {};

TEST_P(Findings, AreTheseAndNoOthers) {
  Mesh mesh = healthy();
  GetParam().change(mesh);
  std::vector<std::string> codes;
  std::string text;
  for (const MeshFinding& one : mesh_findings(mesh.desired, mesh.group(), mesh.seen, mesh.book)) {
    codes.push_back(one.code);
    text += one.code + " " + one.object + ": " + one.text + "\n";
    EXPECT_FALSE(one.remedy.empty()) << one.code;
  }
  std::ranges::sort(codes);
  std::vector<std::string> wanted = GetParam().codes;
  std::ranges::sort(wanted);
  EXPECT_EQ(codes, wanted) << text;
}

const std::vector<std::string> kApp{"app.*"};

INSTANTIATE_TEST_SUITE_P(
    OfOneThingEach, Findings,
    ::testing::Values(
        Case{"healthy", [](Mesh&) {}, {}},
        Case{"not brought up",
             [](Mesh& m) {
               for (auto& sight : m.seen) sight.feeds.clear();
             },
             {}},
        Case{"one direction missing",
             [](Mesh& m) {
               std::erase_if(m.sight("east").feeds, [](const FeedSight& one) {
                 return one.summary.id.value() == "orders-east-to-west-1";
               });
             },
             {"LINK_MISSING"}},
        Case{"a silent TiCDC hides its links, and they are not missing",
             [](Mesh& m) {
               m.sight("east").feeds_known = false;
               m.sight("east").feeds.clear();
             },
             {}},
        Case{
            "not in the book", [](Mesh& m) { m.book.erase(m.book.begin()); }, {"FEED_NOT_IN_BOOK"}},
        Case{"removed in the book",
             [](Mesh& m) { m.book.front().removed = true; },
             {"FEED_NOT_IN_BOOK"}},
        Case{"bdr mode off",
             [](Mesh& m) { m.feed("east", "west").detail->config["bdr_mode"] = false; },
             {"BDR_MODE_WRONG"}},
        Case{"bdr mode absent after a partial update",
             [](Mesh& m) { m.feed("east", "west").detail->config.erase("bdr_mode"); },
             {"BDR_MODE_WRONG"}},
        Case{"another filter",
             [](Mesh& m) {
               m.feed("east", "west").detail->config["filter"]["rules"] = {"app.orders"};
             },
             {"FEED_DIFFERS"}},
        Case{"another sink",
             [](Mesh& m) {
               m.feed("east", "west").detail->sink_uri = "mysql://cdc_east:x@south.sink:4000/";
             },
             {"FEED_DIFFERS"}},
        Case{"another sink user",
             [](Mesh& m) {
               m.feed("east", "west").detail->sink_uri = "mysql://root:x@west.sink:4000/";
             },
             {"FEED_DIFFERS"}},
        Case{"force_replicate",
             [](Mesh& m) { m.feed("east", "west").detail->config["force_replicate"] = true; },
             {"FEED_DIFFERS"}},
        Case{"a TiCDC of another cluster",
             [](Mesh& m) { m.feed("east", "west").detail->upstream_id = 99; },
             {"FEED_OF_ANOTHER_CLUSTER"}},
        Case{"an event filter",
             [](Mesh& m) {
               m.feed("east", "west").detail->config["filter"]["event_filters"] = {
                   {{"ignore_event", {"delete"}}}};
             },
             {"FEED_LEAVES_ROWS_OUT"}},
        Case{"a sink that only pretends",
             [](Mesh& m) { m.feed("east", "west").detail->sink_uri += "?dry-run=true"; },
             {"FEED_LEAVES_ROWS_OUT"}},
        Case{"another way to write",
             [](Mesh& m) { m.feed("east", "west").detail->sink_uri += "?safe-mode=true"; },
             {"FEED_DIFFERS"}},
        Case{"moved forward by somebody",
             [](Mesh& m) {
               m.book.front().start = Tso(100);
               m.feed("east", "west").detail->start_ts = Tso(200);
             },
             {"FEED_MOVED", "LINK_UNPROVEN"}},
        Case{"an upstream that is not told",
             [](Mesh& m) { m.feed("east", "west").detail->upstream_id = 0; },
             {}},
        Case{"not read yet", [](Mesh& m) { m.feed("east", "west").detail.reset(); }, {}},
        Case{"a foreign feed between members",
             [](Mesh& m) { m.add_feed("east", "theirs", "west.sink:4000", kApp, true); },
             {"FOREIGN_FEED"}},
        Case{"a foreign feed to a tidb-server of a member",
             [](Mesh& m) { m.add_feed("east", "theirs", "west:4000", kApp, true); },
             {"FOREIGN_FEED"}},
        Case{"a foreign plain feed over the same tables",
             [](Mesh& m) { m.add_feed("east", "theirs", "west:4000", kApp, false); },
             {"FOREIGN_FEED", "MIXED_FEEDS"}},
        Case{"a foreign feed over everything",
             [](Mesh& m) { m.add_feed("east", "theirs", "west:4000", {"*.*"}, true); },
             {"FOREIGN_FEED"}},
        Case{"a foreign feed over other tables",
             [](Mesh& m) { m.add_feed("east", "theirs", "west:4000", {"billing.*"}, false); },
             {}},
        Case{"a foreign feed over our schema without our tables",
             [](Mesh& m) {
               m.add_feed("east", "theirs", "west:4000", {"other.*", "!app.*"}, true);
             },
             {}},
        Case{"a cascade out of a member",
             [](Mesh& m) { m.add_feed("east", "onward", "outside.sink:4000", kApp, true); },
             {"CASCADE_FROM_MEMBER"}},
        Case{"a cascade into a member",
             [](Mesh& m) { m.add_feed("outside", "inward", "east.sink:4000", kApp, true); },
             {"CASCADE_INTO_MEMBER"}},
        Case{"a feed to the unknown",
             [](Mesh& m) { m.add_feed("east", "kafka", "10.9.9.9:9092", kApp, true); },
             {"FEED_TO_OUTSIDE"}},
        Case{"a plain feed to the unknown",
             [](Mesh& m) { m.add_feed("east", "kafka", "10.9.9.9:9092", kApp, false); },
             {"FEED_TO_OUTSIDE", "MIXED_FEEDS"}},
        Case{"feeds among others",
             [](Mesh& m) { m.add_feed("outside", "far", "10.9.9.9:4000", kApp, false); },
             {}},
        Case{"an old incarnation at rest",
             [](Mesh& m) {
               FeedSight newer = m.feed("east", "west");
               m.feed("east", "west").summary.state = "stopped";
               newer.summary.id = newer.detail->id = ChangefeedId("orders-east-to-west-2");
               m.sight("east").feeds.push_back(newer);
               m.book.push_back(m.book.front());
               m.book.back().changefeed = newer.summary.id;
             },
             {"OLD_INCARNATION"}},
        Case{"two incarnations run",
             [](Mesh& m) {
               FeedSight newer = m.feed("east", "west");
               newer.summary.id = newer.detail->id = ChangefeedId("orders-east-to-west-2");
               m.sight("east").feeds.push_back(newer);
               m.book.push_back(m.book.front());
               m.book.back().changefeed = newer.summary.id;
             },
             {"TWO_FEEDS"}},
        Case{"two primaries",
             [](Mesh& m) {
               m.sight("east").role = m.sight("west").role = "primary";
               m.sight("south").role = "secondary";
             },
             {"TWO_PRIMARIES"}},
        Case{"one primary",
             [](Mesh& m) {
               m.sight("east").role = "primary";
               m.sight("west").role = m.sight("south").role = "secondary";
             },
             {}},
        Case{"a mixture of roles",
             [](Mesh& m) {
               m.sight("east").role = "primary";
               m.sight("west").role = "secondary";
             },
             {"ROLES_MIXED"}},
        Case{"a role that is not known is no mixture",
             [](Mesh& m) {
               m.sight("east").role = "primary";
               m.sight("west").role = "secondary";
               m.sight("south").role.reset();
             },
             {}},
        Case{"one source id twice",
             [](Mesh& m) { m.sight("west").source_id = 1; },
             {"SOURCE_ID_TWICE"}},
        Case{"a source id that classic cannot write",
             [](Mesh& m) { m.sight("west").source_id = 9; },
             {"SOURCE_ID_TOO_HIGH"}},
        Case{"two names for one cluster",
             [](Mesh& m) {
               const auto west = m.sight("east").pd_cluster_id;
               m.sight("west").pd_cluster_id = west;
               for (FeedSight& one : m.sight("west").feeds) one.detail->upstream_id = *west;
             },
             {"SAME_CLUSTER_TWICE"}}));

TEST(MayOverlap, ComparesRulesByExamples) {
  EXPECT_TRUE(may_overlap({"app.*"}, {"app.orders"}));
  EXPECT_TRUE(may_overlap({"app.orders"}, {"*.*"}));
  EXPECT_TRUE(may_overlap({"app.ord*"}, {"app.*"}));
  EXPECT_FALSE(may_overlap({"app.*"}, {"billing.*"}));
  EXPECT_FALSE(may_overlap({"app.*"}, {"*.*", "!app.*"}));
  EXPECT_FALSE(may_overlap({"app.*", "bdrmesh.*"}, {"billing.*", "bdrmesh.*"}));
}

TEST(TargetOf, KnowsSinksAndServers) {
  const Mesh mesh = healthy();
  FeedDetail feed;
  feed.sink_uri = "mysql://u:x@west.sink:4000/?a=b";
  EXPECT_EQ(target_of(mesh.desired, feed), ClusterName("west"));
  feed.sink_uri = "tidb://u:x@south:4000/";
  EXPECT_EQ(target_of(mesh.desired, feed), ClusterName("south"));
  feed.sink_uri = "kafka://10.0.0.1:9092/topic";
  EXPECT_EQ(target_of(mesh.desired, feed), std::nullopt);
}

}  // namespace
}  // namespace bdrmesh
