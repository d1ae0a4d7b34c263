// What `group plan` says and what an apply or a repair then does, each from a mesh as wanted with
// one thing changed.
#include "flows/link/link_changes.h"

#include <functional>
#include <gtest/gtest.h>

#include "flows/group/group_apply.h"
#include "flows/link/link_kinds.h"
#include "unit/flows/snapshots.h"

namespace bdrmesh::flows {
namespace {

const Link kEastWest{ClusterName("east"), ClusterName("west")};

struct Group {
  Desired desired;
  GroupSnapshot snapshot;

  GroupSpec& wanted() { return desired.groups.front(); }
  ClusterSnapshot& cluster(const std::string& name) {
    return *std::ranges::find(snapshot.clusters, ClusterName(name), &ClusterSnapshot::name);
  }
  LinkSnapshot& link(const Link& link = kEastWest) {
    return *std::ranges::find(snapshot.links, link, &LinkSnapshot::link);
  }
  FeedSight& sight(const Link& link = kEastWest) {
    auto& at = *std::ranges::find(snapshot.sights, link.from, &ClusterSight::name);
    return *std::ranges::find_if(at.feeds, [&](const FeedSight& one) {
      return one.summary.id == this->link(link).changefeed;
    });
  }
  Json& config() { return sight().detail->config; }
  void state(const std::string& state, const std::string& code = "") {
    link().feed->state = state;
    if (!code.empty()) link().feed->error = FeedError{code, "text", ""};
    sight().summary = *link().feed;
  }
  void lose_feed(const Link& one = kEastWest) {
    auto& at = *std::ranges::find(snapshot.sights, one.from, &ClusterSight::name);
    std::erase_if(at.feeds,
                  [&](const FeedSight& feed) { return feed.summary.id == link(one).changefeed; });
    link(one).feed.reset();
    link(one).in_book = false;
  }
  /// As `group.tables` and the snapshot's copy of it must agree.
  void want(const std::function<void(GroupSpec&)>& change) {
    change(wanted());
    change(snapshot.group);
  }
};

Group as_wanted() {
  Group group;
  group.desired = three_clusters();
  int port = 4000;
  for (ClusterSpec& cluster : group.desired.clusters) {
    cluster.sink.address = "10.0.0.1:" + std::to_string(++port);
    cluster.sink.user = "cdc_{from}";
  }
  group.snapshot = applied(group.desired);
  for (const ClusterSpec& cluster : group.desired.clusters) {
    ClusterSight sight;
    sight.name = cluster.name;
    sight.feeds_known = true;
    sight.pd_cluster_id = 70 + static_cast<std::uint64_t>(cluster.source_id);
    group.snapshot.sights.push_back(sight);
  }
  for (LinkSnapshot& link : group.snapshot.links) {
    link.start = Tso(100);
    link.proven = Tso(200);
    group.snapshot.book.push_back({group.snapshot.group.name, link.link, 1, link.changefeed,
                                   Tso(100), Tso(200), std::nullopt, false});
    FeedSight feed;
    feed.summary = *link.feed;
    feed.detail.emplace();
    feed.detail->id = link.changefeed;
    feed.detail->config = wanted_replica_config(group.snapshot.group, link.changefeed);
    const ClusterSpec& target = group.desired.cluster(link.link.to);
    feed.detail->sink_uri =
        "mysql://" + target.sink.user_for(link.link.from) + ":xxxxx@" + target.sink.address + "/";
    auto& origin = *std::ranges::find(group.snapshot.sights, link.link.from, &ClusterSight::name);
    feed.detail->upstream_id = *origin.pd_cluster_id;
    origin.feeds.push_back(feed);
  }
  return group;
}

struct Case {
  const char* name;
  std::function<void(Group&)> change;
  std::vector<std::string> rows;  ///< all that differ: "object, property: change"
  std::string apply;              ///< code of the refusal, or a step that the plan has, or ""
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

struct GroupPlan : ::testing::TestWithParam<Case> {};

std::vector<std::string> differing(const Group& group) {
  std::vector<std::string> rows;
  for (const Change& one : changes(group.desired, group.snapshot)) {
    if (one.change == "none") continue;
    rows.push_back(one.object + ", " + one.property + ": " + one.change);
  }
  return rows;
}

TEST_P(GroupPlan, TellsTheseChangesAndApplyDoesThem) {
  Group group = as_wanted();
  GetParam().change(group);
  EXPECT_EQ(differing(group), GetParam().rows);
  std::string refusal;
  Plan plan;
  try {
    plan = plan_group_apply(group.desired, group.snapshot, {});
  } catch (const Error& e) {
    refusal = e.code();
  }
  if (GetParam().apply.empty()) {
    EXPECT_EQ(refusal, "");
    for (const char* type : {"create_link", "pause_link", "resume_link", "close_gate"})
      EXPECT_FALSE(has(plan, type)) << type;
  } else if (!refusal.empty()) {
    EXPECT_EQ(refusal, GetParam().apply);
  } else {
    EXPECT_TRUE(has(plan, GetParam().apply)) << GetParam().apply;
  }
}

constexpr const char* kLink = "link east-to-west, ";
std::string row(const std::string& property, const std::string& change) {
  return kLink + property + ": " + change;
}

INSTANTIATE_TEST_SUITE_P(
    OneThingEach, GroupPlan,
    ::testing::Values(
        Case{"as wanted", [](Group&) {}, {}, ""},
        Case{"a feed in warning runs", [](Group& g) { g.state("warning"); }, {}, ""},
        Case{"a feed that waits for its next try runs", [](Group& g) { g.state("pending"); }, {}, ""},
        Case{"a state that classic leaves out is running", [](Group& g) { g.state(""); }, {}, ""},
        Case{"paused", [](Group& g) { g.state("stopped"); }, {row("state", "resume")},
             "resume_link"},
        Case{"finished", [](Group& g) { g.state("finished"); }, {row("state", "resume")},
             "resume_link"},
        Case{"failed, cause unknown", [](Group& g) { g.state("failed"); },
             {row("state", "resume")}, "resume_link"},
        Case{"failed on a DDL that was mended",
             [](Group& g) { g.state("failed", "CDC:ErrExecDDLFailed"); }, {row("state", "resume")},
             "resume_link"},
        Case{"failed, history gone", [](Group& g) { g.state("failed", "CDC:ErrSnapshotLostByGC"); },
             {row("state", "refused")}, "DRIFT"},
        Case{"failed, resume cannot help",
             [](Group& g) { g.state("failed", "CDC:ErrSyncRenameTableFailed"); },
             {row("state", "refused")}, "DRIFT"},
        Case{"bdr mode off", [](Group& g) { g.config()["bdr_mode"] = false; },
             {row("bdr mode", "repair")}, "pause_link"},
        Case{"bdr mode absent", [](Group& g) { g.config().erase("bdr_mode"); },
             {row("bdr mode", "repair")}, "pause_link"},
        Case{"one feed's filter",
             [](Group& g) { g.config()["filter"]["rules"] = {"app.orders", "bdrmesh.*"}; },
             {row("tables", "repair")}, "pause_link"},
        Case{"one feed's filter without markers",
             [](Group& g) { g.config()["filter"]["rules"] = {"app.*"}; }, {row("tables", "repair")},
             "pause_link"},
        Case{"filter reset to everything",
             [](Group& g) { g.config()["filter"]["rules"] = {"*.*"}; }, {row("tables", "repair")},
             "pause_link"},
        Case{"tables of the group changed",
             [](Group& g) { g.want([](GroupSpec& s) { s.tables = {"app.*", "more.*"}; }); },
             {"link east-to-west, tables: refused", "link east-to-south, tables: refused",
              "link west-to-east, tables: refused", "link west-to-south, tables: refused",
              "link south-to-east, tables: refused", "link south-to-west, tables: refused"},
             "DRIFT"},
        Case{"sink user",
             [](Group& g) { g.sight().detail->sink_uri = "mysql://root:x@10.0.0.1:4002/"; },
             {row("sink", "repair")}, "pause_link"},
        Case{"sink address",
             [](Group& g) { g.sight().detail->sink_uri = "mysql://cdc_east:x@10.9.9.9:4000/"; },
             {row("sink", "repair")}, "pause_link"},
        Case{"sink of another kind",
             [](Group& g) { g.sight().detail->sink_uri = "kafka://10.9.9.9:9092/t"; },
             {row("sink", "repair")}, "pause_link"},
        Case{"upstream", [](Group& g) { g.sight().detail->upstream_id = 5; },
             {row("upstream cluster", "refused")}, "DRIFT"},
        Case{"upstream not told", [](Group& g) { g.sight().detail->upstream_id = 0; }, {}, ""},
        Case{"redo that nobody wants",
             [](Group& g) {
               g.config()["consistent"] = {{"level", "eventual"}, {"storage", "s3://x"}};
             },
             {row("redo", "repair")}, "pause_link"},
        Case{"redo switched off is none",
             [](Group& g) { g.config()["consistent"] = {{"level", "none"}, {"storage", ""}}; }, {},
             ""},
        Case{"redo misspelled is off",
             [](Group& g) { g.config()["consistent"] = {{"level", "Eventual"}}; }, {}, ""},
        Case{"force_replicate", [](Group& g) { g.config()["force_replicate"] = true; },
             {row("force_replicate", "repair")}, "pause_link"},
        Case{"ignore_ineligible_table", [](Group& g) { g.config()["ignore_ineligible_table"] = true; },
             {row("ignore_ineligible_table", "repair")}, "pause_link"},
        Case{"case_sensitive", [](Group& g) { g.config()["case_sensitive"] = true; },
             {row("case_sensitive", "repair")}, "pause_link"},
        Case{"syncpoint", [](Group& g) { g.config()["enable_sync_point"] = true; },
             {row("enable_sync_point", "repair")}, "pause_link"},
        Case{"absent switches are off",
             [](Group& g) {
               g.config().erase("force_replicate");
               g.config().erase("enable_sync_point");
             },
             {}, ""},
        Case{"a server's defaults are no drift",
             [](Group& g) { g.config()["memory_quota"] = 1073741824; }, {}, ""},
        Case{"not read: newborn", [](Group& g) { g.sight().detail.reset(); }, {}, ""},
        Case{"paused and drifted",
             [](Group& g) {
               g.state("stopped");
               g.config()["bdr_mode"] = false;
             },
             {row("state", "resume"), row("bdr mode", "repair")}, "pause_link"},
        Case{"not in the book", [](Group& g) { g.link().in_book = g.link().ever_in_book = false; },
             {row("changefeed", "refused")}, "DRIFT"},
        Case{"feed lost", [](Group& g) { g.lose_feed(); }, {row("changefeed", "refused")}, "DRIFT"},
        Case{"half built: never made, sisters known",
             [](Group& g) {
               g.lose_feed();
               g.link().ever_in_book = false;
             },
             {row("changefeed", "create")}, "create_link"},
        Case{"half built: no sister from there",
             [](Group& g) {
               for (const char* to : {"west", "south"}) {
                 const Link link{ClusterName("east"), ClusterName(to)};
                 g.lose_feed(link);
                 g.link(link).ever_in_book = false;
               }
             },
             {"link east-to-west, changefeed: create", "link east-to-south, changefeed: create"},
             "HALF_MESH"},
        Case{"source id", [](Group& g) { g.cluster("west").source_id = 7; },
             {"cluster west, source id: set"}, "set_source_id"},
        Case{"another manager's token", [](Group& g) { g.cluster("west").token_ours = false; },
             {"cluster west, managed by this manager: set"}, "claim_token"},
        Case{"marker schema gone", [](Group& g) { g.cluster("west").marker_schema = false; },
             {"cluster west, marker schema: set"}, "make_marker_schema"},
        Case{"a role where none is wanted", [](Group& g) { g.cluster("west").role = BdrRole::primary; },
             {"cluster west, BDR role: set"}, "set_role"},
        Case{"a role that nobody knows", [](Group& g) { g.cluster("west").role.reset(); },
             {"cluster west, BDR role: refused"}, "DRIFT"},
        Case{"removed while it stood",
             [](Group& g) { g.state("failed", "CDC:ErrStartTsBeforeGC"); },
             {row("state", "refused")}, "DRIFT"},
        Case{"failed on its password", [](Group& g) { g.state("failed", "Error 1045"); },
             {row("state", "resume")}, "resume_link"},
        Case{"failed on the network", [](Group& g) { g.state("failed", "connection refused"); },
             {row("state", "resume")}, "resume_link"},
        Case{"failed on a row that does not fit its checksum",
             [](Group& g) { g.state("failed", "CDC:ErrCorruptedDataMutation"); },
             {row("state", "refused")}, "DRIFT"},
        Case{"paused with an error that nobody asks about",
             [](Group& g) { g.state("stopped", "CDC:ErrSnapshotLostByGC"); },
             {row("state", "resume")}, "resume_link"},
        Case{"both directions of a pair of members paused",
             [](Group& g) {
               g.state("stopped");
               const Link back{ClusterName("west"), ClusterName("east")};
               g.link(back).feed->state = "stopped";
               g.sight(back).summary = *g.link(back).feed;
             },
             {row("state", "resume"), "link west-to-east, state: resume"}, "resume_link"},
        Case{"a table leaves the configuration",
             [](Group& g) { g.want([](GroupSpec& s) { s.tables = {"app.orders"}; }); },
             {"link east-to-west, tables: refused", "link east-to-south, tables: refused",
              "link west-to-east, tables: refused", "link west-to-south, tables: refused",
              "link south-to-east, tables: refused", "link south-to-west, tables: refused"},
             "DRIFT"},
        Case{"every feed's filter lost the markers",
             [](Group& g) {
               for (ClusterSight& at : g.snapshot.sights)
                 for (FeedSight& one : at.feeds)
                   one.detail->config["filter"]["rules"] = {"app.*"};
             },
             {"link east-to-west, tables: repair", "link east-to-south, tables: repair",
              "link west-to-east, tables: repair", "link west-to-south, tables: repair",
              "link south-to-east, tables: repair", "link south-to-west, tables: repair"},
             "pause_link"},
        Case{"one feed's filter in another order",
             [](Group& g) { g.config()["filter"]["rules"] = {"bdrmesh.*", "app.*"}; },
             {row("tables", "repair")}, "pause_link"},
        Case{"one feed without a filter", [](Group& g) { g.config().erase("filter"); },
             {row("tables", "repair")}, "pause_link"},
        Case{"redo wanted and absent",
             [](Group& g) {
               g.want([](GroupSpec& s) { s.redo = RedoSpec{"s3://redo/orders", 64, Millis{2000}}; });
             },
             {"link east-to-west, redo: repair", "link east-to-west, consistent.flush_interval: repair",
              "link east-to-west, consistent.max_log_size: repair",
              "link east-to-south, redo: repair", "link east-to-south, consistent.flush_interval: repair",
              "link east-to-south, consistent.max_log_size: repair",
              "link west-to-east, redo: repair", "link west-to-east, consistent.flush_interval: repair",
              "link west-to-east, consistent.max_log_size: repair",
              "link west-to-south, redo: repair", "link west-to-south, consistent.flush_interval: repair",
              "link west-to-south, consistent.max_log_size: repair",
              "link south-to-east, redo: repair", "link south-to-east, consistent.flush_interval: repair",
              "link south-to-east, consistent.max_log_size: repair",
              "link south-to-west, redo: repair", "link south-to-west, consistent.flush_interval: repair",
              "link south-to-west, consistent.max_log_size: repair"},
             "pause_link"},
        Case{"redo into the folder of another incarnation",
             [](Group& g) {
               g.want([](GroupSpec& s) { s.redo = RedoSpec{"s3://redo/orders", 64, Millis{2000}}; });
               for (const LinkSnapshot& one : g.snapshot.links)
                 g.sight(one.link).detail->config =
                     wanted_replica_config(g.snapshot.group, one.changefeed);
               g.config()["consistent"]["storage"] = "s3://redo/orders/orders-east-to-west-9";
             },
             {row("redo", "repair")}, "pause_link"},
        Case{"GC is not checked", [](Group& g) { g.config()["check_gc_safe_point"] = false; },
             {row("check_gc_safe_point", "repair")}, "pause_link"},
        Case{"two wrong properties of one feed are one new incarnation",
             [](Group& g) {
               g.config()["bdr_mode"] = false;
               g.config()["case_sensitive"] = true;
             },
             {row("bdr mode", "repair"), row("case_sensitive", "repair")}, "pause_link"},
        Case{"a sink with another port",
             [](Group& g) {
               g.sight().detail->sink_uri = "mysql://cdc_east:xxxxx@10.0.0.1:9999/";
             },
             {row("sink", "repair")}, "pause_link"},
        Case{"the configuration's sink address changed",
             [](Group& g) { g.desired.clusters.at(1).sink.address = "lb.west:4000"; },
             {"link east-to-west, sink: repair", "link south-to-west, sink: repair"},
             "pause_link"},
        Case{"a parameter of the sink that nobody wants",
             [](Group& g) {
               g.sight().detail->sink_uri += "?worker-count=16";
             },
             {"link east-to-west, sink parameter worker-count: repair"}, "pause_link"},
        Case{"a parameter of the sink as wanted",
             [](Group& g) {
               g.desired.clusters[1].sink.params = {{"worker-count", "16"}};
               for (const char* from : {"east", "south"}) {
                 g.sight({ClusterName(from), ClusterName("west")}).detail->sink_uri +=
                     "?worker-count=16";
               }
             },
             {}, ""},
        Case{"a wanted primary", [](Group& g) {
               g.want([](GroupSpec& s) { s.ddl_primary = ClusterName("east"); });
             },
             {"cluster east, BDR role: set", "cluster west, BDR role: set",
              "cluster south, BDR role: set"},
             "set_role"},
        Case{"the wrong primary",
             [](Group& g) {
               g.want([](GroupSpec& s) { s.ddl_primary = ClusterName("east"); });
               g.cluster("east").role = BdrRole::secondary;
               g.cluster("west").role = BdrRole::primary;
               g.cluster("south").role = BdrRole::secondary;
             },
             {"cluster east, BDR role: set", "cluster west, BDR role: set"}, "set_role"},
        Case{"roles wanted of a release without them",
             [](Group& g) {
               g.want([](GroupSpec& s) { s.ddl_primary = ClusterName("east"); });
               for (ClusterSnapshot& one : g.snapshot.clusters)
                 one.role = wanted_role(g.snapshot.group, one.name);
               g.cluster("south").role = BdrRole::none;
               g.cluster("south").role_supported = false;
             },
             {"cluster south, BDR role: refused"}, "DRIFT"},
        Case{"two source ids", [](Group& g) {
               g.cluster("east").source_id = 7;
               g.cluster("south").source_id = 8;
             },
             {"cluster east, source id: set", "cluster south, source id: set"}, "set_source_id"},
        Case{"half built: two links of two origins never made",
             [](Group& g) {
               for (const Link& one : {Link{ClusterName("east"), ClusterName("west")},
                                       Link{ClusterName("south"), ClusterName("west")}}) {
                 g.lose_feed(one);
                 g.link(one).ever_in_book = false;
               }
             },
             {"link east-to-west, changefeed: create", "link south-to-west, changefeed: create"},
             "create_link"},
        Case{"lost and never made at once",
             [](Group& g) {
               g.lose_feed();
               const Link other{ClusterName("south"), ClusterName("west")};
               g.lose_feed(other);
               g.link(other).ever_in_book = false;
             },
             {row("changefeed", "refused"), "link south-to-west, changefeed: create"}, "DRIFT"}));

TEST(GroupPlanRows, NameTheCommandForChangedTables) {
  Group group = as_wanted();
  group.want([](GroupSpec& s) { s.tables = {"more.*"}; });
  const auto all = changes(group.desired, group.snapshot);
  const auto row = std::ranges::find(all, std::string("tables"), &Change::property);
  ASSERT_NE(row, all.end());
  EXPECT_NE(row->why.find("bdrmesh group tables add orders 'more.*' --remove 'app.*'"),
            std::string::npos)
      << row->why;
}

TEST(GroupPlanRows, NameEveryPropertyOfALink) {
  const Group group = as_wanted();
  std::vector<std::string> properties;
  for (const Change& one : changes(group.desired, group.snapshot)) {
    if (one.object == "link east-to-west") properties.push_back(one.property);
  }
  EXPECT_EQ(properties, (std::vector<std::string>{"changefeed", "state", "bdr mode", "tables",
                                                  "redo", "sink", "upstream cluster"}));
}

TEST(GroupApply, CompletesAHalfBuiltMeshFromItsSistersStartWithoutAPause) {
  Group group = as_wanted();
  group.lose_feed();
  group.link().ever_in_book = false;
  group.link({ClusterName("east"), ClusterName("south")}).start = Tso(4711);
  const Plan plan = plan_group_apply(group.desired, group.snapshot, {});
  const auto created = steps_of(plan, "create_link");
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].args.at("start_tso"), "4711");
  EXPECT_EQ(created[0].args.at("changefeed"), "orders-east-to-west-1");
  EXPECT_FALSE(has(plan, "close_gate"));
}

TEST(GroupApply, ReplacesADriftedFeedAndRemovesTheOldOneLast) {
  Group group = as_wanted();
  group.config()["bdr_mode"] = false;
  const Plan plan = plan_group_apply(group.desired, group.snapshot, {});
  ASSERT_EQ(steps_of(plan, "create_link").size(), 1U);
  EXPECT_EQ(steps_of(plan, "create_link")[0].args.at("changefeed"), "orders-east-to-west-2");
  EXPECT_LT(stage_of(plan, "pause_link"), stage_of(plan, "create_link"));
  EXPECT_EQ(stage_of(plan, "remove_link"), plan.stages.size() - 1);
  ASSERT_TRUE(plan.line);
  EXPECT_EQ(plan.line->before_stage, plan.stages.size() - 1);
  EXPECT_EQ(steps_of(plan, "await_marker").size(), 6U);
}

struct LinkRepair : ::testing::Test {
  Group group = as_wanted();
  Plan repair(const RepairOptions& options = {}) {
    return plan_link_repair(group.desired, group.snapshot, group.link(), options);
  }
  Error refusal(const RepairOptions& options = {}) {
    return error_of([&] { (void)repair(options); });
  }
};

TEST_F(LinkRepair, ResumesAndProvesWhatNeedsNoMore) {
  group.state("stopped");
  const Plan plan = repair();
  EXPECT_EQ(stage_names(plan), (std::vector<std::string>{"resume", "mark", "prove"}));
  EXPECT_FALSE(plan.line);
}

TEST_F(LinkRepair, PutsANewIncarnationBesideAWrongOne) {
  group.config()["bdr_mode"] = false;
  const Plan plan = repair();
  EXPECT_EQ(stage_names(plan), (std::vector<std::string>{"pause and confirm", "new incarnations",
                                                         "mark", "prove", "remove the old ones"}));
  EXPECT_EQ(steps_of(plan, "create_link")[0].args.at("start_scope"), "east-to-west");
  EXPECT_FALSE(steps_of(plan, "create_link")[0].args.contains("carries_on"))
      << "rows that came to the origin from others went out, or its own did not";
  EXPECT_EQ(steps_of(plan, "remove_link")[0].args.at("changefeed"), "orders-east-to-west-1");
}

TEST_F(LinkRepair, LeavesNoGapBehindAFeedThatOnlyKeepsItsRedoLogElsewhere) {
  group.config()["consistent"] = {{"level", "eventual"}, {"storage", "file:///old"}};
  EXPECT_EQ(steps_of(repair(), "create_link")[0].args.at("carries_on"), "orders-east-to-west-1");
}

TEST_F(LinkRepair, AsksWhereToBeginALinkThatWasNeverProven) {
  group.lose_feed();
  group.link().proven = Tso();
  EXPECT_EQ(refusal().code(), "START_UNKNOWN");
  EXPECT_NE(refusal().remedy().find("--lose-rows-of east-to-west"), std::string::npos);
}

TEST_F(LinkRepair, LeavesAGapBehindAFeedThatLeftRowsOut) {
  group.config()["filter"]["rules"] = {"app.orders", "bdrmesh.*"};
  EXPECT_FALSE(steps_of(repair(), "create_link")[0].args.contains("carries_on"));
}

TEST_F(LinkRepair, NumbersAfterIncarnationsThatWereRemoved) {
  group.snapshot.book.push_back({group.snapshot.group.name, kEastWest, 5,
                                 ChangefeedId("orders-east-to-west-5"), Tso(1), Tso(1),
                                 std::nullopt, true});
  RepairOptions options;
  options.replace = true;
  EXPECT_EQ(steps_of(repair(options), "create_link")[0].args.at("changefeed"),
            "orders-east-to-west-6");
}

TEST_F(LinkRepair, ReplacesAFeedWhosePasswordIsRefused) {
  group.state("stopped", "CDC:ErrMySQLConnectionError");
  group.link().feed->error->message = "Error 1045 (28000): Access denied";
  EXPECT_TRUE(has(repair(), "create_link"));
}

TEST_F(LinkRepair, MakesALostFeedAnewFromItsLastProof) {
  group.lose_feed();
  const Plan plan = repair();
  EXPECT_EQ(steps_of(plan, "create_link")[0].args.at("start_tso"), "200");
  EXPECT_EQ(steps_of(plan, "create_link")[0].args.at("changefeed"), "orders-east-to-west-2");
  EXPECT_FALSE(has(plan, "remove_link"));
}

TEST_F(LinkRepair, HasNothingToGoByForALinkThatNeverWas) {
  group.lose_feed();
  group.link().ever_in_book = false;
  EXPECT_EQ(refusal().code(), "LINK_MISSING");
}

TEST_F(LinkRepair, LosesRowsOnlyWhenTheLinksNameIsTyped) {
  group.state("failed", "CDC:ErrGCTTLExceeded");
  EXPECT_EQ(refusal().code(), "REPAIR_LOSES_ROWS");
  EXPECT_NE(refusal().remedy().find("--lose-rows-of east-to-west"), std::string::npos);
  RepairOptions options;
  options.lose_rows_of = "yes";
  EXPECT_EQ(refusal(options).code(), "NOT_CONFIRMED");
  options.lose_rows_of = "east-to-west";
  const Plan plan = repair(options);
  EXPECT_EQ(steps_of(plan, "create_link")[0].args.at("unproven"), true);
  EXPECT_LT(stage_of(plan, "pause_link"), stage_of(plan, "take_fence"));
  EXPECT_LT(stage_of(plan, "take_fence"), stage_of(plan, "create_link"));
}

TEST_F(LinkRepair, DoesNotTouchATicdcOfAnotherCluster) {
  group.sight().detail->upstream_id = 5;
  EXPECT_EQ(refusal().code(), "DRIFT");
}

TEST(LinkPause, NeedsAFeed) {
  Group group = as_wanted();
  EXPECT_EQ(stage_names(plan_link_pause(group.snapshot, group.link())),
            (std::vector<std::string>{"pause and confirm"}));
  group.lose_feed();
  EXPECT_EQ(error_of([&] { (void)plan_link_pause(group.snapshot, group.link()); }).code(),
            "LINK_MISSING");
}

TEST(LinkAdopt, IsForFeedsThatTheBookDoesNotKnow) {
  Group group = as_wanted();
  EXPECT_EQ(error_of([&] { (void)plan_link_adopt(group.snapshot, group.link()); }).code(),
            "LINK_IN_BOOK");
  group.link().in_book = false;
  EXPECT_TRUE(has(plan_link_adopt(group.snapshot, group.link()), "adopt_link"));
}

TEST(LinkOf, NamesALinkThatIsNone) {
  Group group = as_wanted();
  EXPECT_EQ(error_of([&] {
              (void)link_of(group.snapshot, {ClusterName("east"), ClusterName("east")});
            }).code(),
            "UNKNOWN_LINK");
}

}  // namespace
}  // namespace bdrmesh::flows
