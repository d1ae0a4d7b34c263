// The changefeed that a link wants, and in what the one that TiCDC shows differs from it.
#include "mesh/feed_config.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

GroupSpec orders() {
  GroupSpec group;
  group.name = GroupName("orders");
  group.members = {ClusterName("east"), ClusterName("west")};
  group.tables = {"app.*"};
  return group;
}

const ChangefeedId kFeed("orders-east-to-west-3");

struct FeedDifferences : ::testing::Test {
  Json wanted = wanted_replica_config(orders(), kFeed);
  FeedDetail seen;

  FeedDifferences() {
    seen.config = wanted;
    seen.sink_uri = "mysql://cdc_east:xxxxx@west.sink:4000/?worker-count=16";
    seen.upstream_id = 77;
  }

  std::vector<FeedDifference> found() const {
    return feed_differences(wanted, "cdc_east", "west.sink:4000", 77, seen);
  }
  std::vector<std::string> properties() const {
    std::vector<std::string> names;
    for (const FeedDifference& one : found()) names.push_back(one.property);
    return names;
  }
};

using Names = std::vector<std::string>;

TEST(WantedReplicaConfig, HasBdrModeInAMeshAndNotInAPair) {
  GroupSpec group = orders();
  EXPECT_EQ(wanted_replica_config(group, kFeed).at("bdr_mode"), true);
  group.kind = GroupKind::primary_secondary;
  EXPECT_EQ(wanted_replica_config(group, kFeed).at("bdr_mode"), false);
}

TEST(WantedReplicaConfig, CarriesTheTablesAndTheMarkers) {
  EXPECT_EQ(wanted_replica_config(orders(), kFeed).at("filter").at("rules"),
            Json({"app.*", "bdrmesh.*"}));
}

TEST(WantedReplicaConfig, NeverForcesReplicationNorSkipsTables) {
  const Json config = wanted_replica_config(orders(), kFeed);
  EXPECT_EQ(config.at("force_replicate"), false);
  EXPECT_EQ(config.at("ignore_ineligible_table"), false);
}

TEST(WantedReplicaConfig, LeavesRedoOutWhereTheGroupHasNone) {
  EXPECT_FALSE(wanted_replica_config(orders(), kFeed).contains("consistent"));
}

TEST(WantedReplicaConfig, GivesEachIncarnationARedoPrefixOfItsOwn) {
  GroupSpec group = orders();
  group.redo = RedoSpec{"s3://redo/orders", 32, Millis{1500}};
  const Json redo = wanted_replica_config(group, kFeed).at("consistent");
  EXPECT_EQ(redo.at("level"), "eventual");
  EXPECT_EQ(redo.at("storage"), "s3://redo/orders/orders-east-to-west-3");
  EXPECT_EQ(redo.at("max_log_size"), 32);
  EXPECT_EQ(redo.at("flush_interval"), 1500);
  const ChangefeedId next("orders-east-to-west-4");
  EXPECT_NE(wanted_replica_config(group, next).at("consistent").at("storage"), redo.at("storage"));
}

struct FeedAdditions : FeedDifferences {
  const std::map<std::string, std::string> params{{"worker-count", "16"}};
  std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const FeedDifference& one : feed_additions(params, seen))
      all.push_back(one.property + ": " + one.wanted + " / " + one.seen +
                    (leaves_rows_out(one.property) ? " !" : ""));
    return all;
  }
};

TEST_F(FeedAdditions, AreNoneForWhatWasWanted) { EXPECT_EQ(told(), Names{}); }

TEST_F(FeedAdditions, AreNoneWhereTheServerShowsEmptyLists) {
  seen.config["filter"]["event_filters"] = Json::array();
  seen.config["filter"]["ignore_txn_start_ts"] = nullptr;
  seen.config["sink"] = {{"dispatchers", nullptr}};
  EXPECT_EQ(told(), Names{});
}

TEST_F(FeedAdditions, NameWhatPassesRowsBy) {
  seen.config["filter"]["event_filters"] = {{{"ignore_event", {"delete"}}}};
  seen.config["filter"]["ignore_txn_start_ts"] = {1};
  seen.config["sink"]["dispatchers"] = {{{"matcher", {"app.*"}}}};
  seen.target_ts = Tso(99);
  EXPECT_EQ(told(), (Names{R"(filter.event_filters: absent / [{"ignore_event":["delete"]}] !)",
                           "filter.ignore_txn_start_ts: absent / [1] !",
                           R"(sink.dispatchers: absent / [{"matcher":["app.*"]}])",
                           "target_ts: absent / 99 !"}));
}

TEST_F(FeedAdditions, NameParametersOfTheSink) {
  seen.sink_uri =
      "mysql://cdc_east:xxxxx@west.sink:4000/?dry-run=true&safe-mode=true&where-clause=a%3D1";
  EXPECT_EQ(told(), (Names{"sink parameter worker-count: 16 / absent",
                           "sink parameter dry-run: absent / true !",
                           "sink parameter safe-mode: absent / true",
                           "sink parameter where-clause: absent / a=1 !"}));
}

TEST_F(FeedAdditions, TakeParametersInAnyOrderAndAnyEncoding) {
  seen.sink_uri = "mysql://cdc_east:xxxxx@west.sink:4000/?worker%2dcount=%31%36";
  EXPECT_EQ(told(), Names{});
}

TEST_F(FeedDifferences, AreNoneForWhatWasWanted) { EXPECT_EQ(properties(), Names{}); }

TEST_F(FeedDifferences, IgnoreTheDefaultsThatTheServerAdds) {
  seen.config["memory_quota"] = 1073741824;
  seen.config["mounter"] = {{"worker_num", 16}};
  seen.config["filter"]["event_filters"] = Json::array();
  EXPECT_EQ(properties(), Names{});
}

TEST_F(FeedDifferences, CountAnAbsentSwitchAsOff) {
  seen.config.erase("force_replicate");
  seen.config["case_sensitive"] = nullptr;
  EXPECT_EQ(properties(), Names{});
}

TEST_F(FeedDifferences, DoNotCountAnAbsentSwitchAsOn) {
  seen.config.erase("bdr_mode");
  const auto differences = found();
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].property, "bdr_mode");
  EXPECT_EQ(differences[0].wanted, "true");
  EXPECT_EQ(differences[0].seen, "absent");
}

TEST_F(FeedDifferences, NameAWrongBdrMode) {
  seen.config["bdr_mode"] = false;
  const auto differences = found();
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].seen, "false");
}

TEST_F(FeedDifferences, NameASwitchThatIsOnAgainstOurWill) {
  seen.config["force_replicate"] = true;
  EXPECT_EQ(properties(), Names{"force_replicate"});
}

TEST_F(FeedDifferences, NameAnotherFilter) {
  seen.config["filter"]["rules"] = {"app.*"};
  EXPECT_EQ(properties(), Names{"filter.rules"});
  seen.config["filter"]["rules"] = {"bdrmesh.*", "app.*"};  // order decides what wins
  EXPECT_EQ(properties(), Names{"filter.rules"});
}

TEST_F(FeedDifferences, GoThroughObjectsThatAreMissing) {
  seen.config.erase("filter");
  EXPECT_EQ(properties(), Names{"filter.rules"});
  seen.config["filter"] = "app.*";
  EXPECT_EQ(properties(), Names{"filter.rules"});
}

TEST_F(FeedDifferences, NameEveryThingThatIsMissingFromAnEmptyConfiguration) {
  seen.config = Json();
  const Names names = properties();
  for (const char* on : {"bdr_mode", "check_gc_safe_point", "filter.rules"})
    EXPECT_NE(std::ranges::find(names, on), names.end()) << on;
  EXPECT_EQ(names.size(), 3U);
}

TEST_F(FeedDifferences, NameAnotherSinkUser) {
  seen.sink_uri = "mysql://cdc_south:xxxxx@west.sink:4000/";
  const auto differences = found();
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].property, "sink user");
  EXPECT_EQ(differences[0].wanted, "cdc_east");
  EXPECT_EQ(differences[0].seen, "cdc_south");
}

TEST_F(FeedDifferences, NameAnotherSinkAddress) {
  seen.sink_uri = "mysql://cdc_east:xxxxx@south.sink:4000/";
  EXPECT_EQ(properties(), Names{"sink address"});
  seen.sink_uri = "mysql://cdc_east:xxxxx@west.sink:4001";
  EXPECT_EQ(properties(), Names{"sink address"});
}

TEST_F(FeedDifferences, ReadTheTargetOutOfEveryFormOfAUri) {
  for (const char* uri :
       {"mysql://cdc_east:xxxxx@west.sink:4000", "tidb://cdc_east:xxxxx@west.sink:4000/",
        "mysql://cdc_east@west.sink:4000?a=b", "mysql://cdc_east:x@x@west.sink:4000/?u=a@b"}) {
    seen.sink_uri = uri;
    EXPECT_EQ(properties(), Names{}) << uri;
  }
}

TEST_F(FeedDifferences, NameBothForAUriThatHasNoTarget) {
  seen.sink_uri = "blackhole";
  EXPECT_EQ(properties(), (Names{"sink user", "sink address"}));
  seen.sink_uri = "kafka://west.sink:4000/topic";
  EXPECT_EQ(properties(), Names{"sink user"});
}

TEST_F(FeedDifferences, NameAFeedOfAnotherUpstream) {
  seen.upstream_id = 78;
  const auto differences = found();
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].property, "upstream cluster");
  EXPECT_EQ(differences[0].wanted, "77");
  EXPECT_EQ(differences[0].seen, "78");
}

TEST_F(FeedDifferences, TakeNoUpstreamForNotTold) {
  seen.upstream_id = 0;
  EXPECT_EQ(properties(), Names{});
}

TEST(SinkTarget, ReadsUserAndAddress) {
  const SinkTarget plain = sink_target("mysql://cdc_east:xxxxx@west.sink:4000/?worker-count=16");
  EXPECT_EQ(plain.user, "cdc_east");
  EXPECT_EQ(plain.address, "west.sink:4000");
  EXPECT_EQ(sink_target("mysql://u:x@[2001:db8::1]:4000/").address, "[2001:db8::1]:4000");
  EXPECT_EQ(sink_target("tidb://u@host:4000").user, "u");
  EXPECT_EQ(sink_target("kafka://10.0.0.1:9092/topic").address, "10.0.0.1:9092");
  EXPECT_EQ(sink_target("kafka://10.0.0.1:9092/topic").user, "");
  EXPECT_EQ(sink_target("nonsense").address, "");
}

}  // namespace
}  // namespace bdrmesh
