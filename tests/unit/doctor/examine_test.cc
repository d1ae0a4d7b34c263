#include "doctor/examine.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"

namespace bdrmesh::doctor {
namespace {

using fakes::ClusterState;
using fakes::Effect;
using ::testing::HasSubstr;

struct ExamineTest : ::testing::Test {
  SystemClock clock;
  fakes::FakeWorld world{clock, {"east", "west", "south"}};
  Desired desired = world.desired();

  std::vector<Finding> examine_all(World& asked) {
    return examine(desired, desired.groups.front(), asked, Call{clock.mono() + Millis{5000}, {}},
                   clock);
  }
  std::vector<Finding> examine_all() { return examine_all(world); }

  /// The only finding with that code; a failure when there is none.
  Finding found(const std::vector<Finding>& findings, const std::string& code) {
    const auto first = std::ranges::find(findings, code, &Finding::code);
    if (first != findings.end()) return *first;
    ADD_FAILURE() << code << " was not found among\n" << told(findings);
    return {};
  }
  Finding found(const std::string& code) { return found(examine_all(), code); }

  static std::string told(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
      if (finding.severity == Severity::ok) continue;
      text += std::string(to_string(finding.severity)) + " " + finding.code + " " +
              finding.cluster + ": " + finding.text + "\n";
    }
    return text;
  }
};

TEST_F(ExamineTest, FindsNothingWrongWithAHealthyGroup) {
  EXPECT_EQ(told(examine_all()), "");
  world.build_mesh();
  world.set_roles("east");
  EXPECT_EQ(told(examine_all()), "");
}

TEST_F(ExamineTest, NamesEachServerThatDoesNotAnswer) {
  world.with("west", [](ClusterState& cluster) { cluster.servers[1].up = false; });
  const Finding finding = found("TIDB_UNREACHABLE");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_EQ(finding.cluster, "west");
  EXPECT_THAT(finding.text, HasSubstr("west-tidb-2:4000"));
}

TEST_F(ExamineTest, OneSilentClusterHidesNothingAboutTheOthers) {
  world.with("west", [](ClusterState& cluster) {
    for (auto& server : cluster.servers) server.up = false;
    cluster.pd_up = cluster.ticdc_up = false;
  });
  world.with("east", [](ClusterState& cluster) { cluster.grants.erase("cdc_south"); });
  const std::vector<Finding> findings = examine_all();
  found(findings, "PD_UNREACHABLE");
  found(findings, "TICDC_UNREACHABLE");
  EXPECT_EQ(found(findings, "SINK_USER_MISSING").cluster, "east");
  EXPECT_EQ(std::ranges::count(findings, "west", &Finding::cluster), 3) << told(findings);
}

TEST_F(ExamineTest, SaysThatAServerIsNoTidb) {
  world.with("east",
             [](ClusterState& cluster) { cluster.servers[0].info.version = "10.11.6-MariaDB"; });
  EXPECT_THAT(found("NOT_TIDB").text, HasSubstr("east-tidb-1:4000"));
}

TEST_F(ExamineTest, AnOldReleaseHasNoRoles) {
  world.with("east",
             [](ClusterState& cluster) { cluster.servers[0].info.version = "5.7.25-TiDB-v7.5.1"; });
  EXPECT_EQ(found("ROLES_NOT_SUPPORTED").severity, Severity::warning);
  desired.groups.front().ddl_primary = ClusterName("east");
  EXPECT_EQ(found("ROLES_NOT_SUPPORTED").severity, Severity::error);
  world.with("east",
             [](ClusterState& cluster) { cluster.servers[0].info.version = "5.7.25-TiDB-v6.1.0"; });
  EXPECT_EQ(found("TIDB_TOO_OLD").severity, Severity::error);
}

TEST_F(ExamineTest, TheSameClusterTwiceIsNoticed) {
  world.with("west", [&](ClusterState& west) { west.pd_cluster_id = 7300000000000000001U; });
  const std::vector<Finding> findings = examine_all();
  EXPECT_THAT(found(findings, "SAME_CLUSTER_TWICE").text, HasSubstr("east"));
  EXPECT_EQ(found(findings, "TIDB_OF_ANOTHER_CLUSTER").cluster, "west");
}

TEST_F(ExamineTest, ATicdcThatReadsAnotherClusterIsNoticedByItsFeedsAndByItsTso) {
  world.build_mesh();
  world.with_feed("east", "orders-east-to-west-1",
                  [](fakes::FeedState& feed) { feed.detail.upstream_id = 12; });
  EXPECT_THAT(found("TICDC_OF_ANOTHER_CLUSTER").text, HasSubstr("orders-east-to-west-1"));
  world.with("west",
             [](ClusterState& cluster) { cluster.ticdc_tso_ahead = std::chrono::hours(1); });
  EXPECT_EQ(found("TICDC_TSO_FAR_OFF").cluster, "west");
}

TEST_F(ExamineTest, SwappedAddressesShowTheFeedsOfTheOtherMember) {
  world.build_mesh();
  world.with("east", [](ClusterState& cluster) {
    fakes::FeedState feed = cluster.feeds.begin()->second;
    feed.detail.id = ChangefeedId("orders-west-to-east-1");
    feed.detail.upstream_id = 12;
    cluster.feeds = {{"orders-west-to-east-1", feed}};
  });
  EXPECT_EQ(found("TICDC_OF_ANOTHER_CLUSTER").severity, Severity::error);
}

TEST_F(ExamineTest, AForeignFeedThatReadsAnotherClusterIsItsOwnersBusiness) {
  world.build_mesh();
  world.with("east", [](ClusterState& cluster) {
    fakes::FeedState feed = cluster.feeds.begin()->second;
    feed.detail.id = ChangefeedId("theirs");
    feed.detail.upstream_id = 12;
    cluster.feeds["theirs"] = feed;
  });
  EXPECT_EQ(found("FOREIGN_FEED_READS_ANOTHER").severity, Severity::warning);
}

TEST_F(ExamineTest, ATicdcThatWantsAUserIsAnError) {
  world.with("west", [](ClusterState& cluster) { cluster.ticdc_traits.user_required = true; });
  const Finding finding = found("TICDC_WANTS_USER");
  EXPECT_EQ(finding.severity, Severity::error);
  EXPECT_THAT(finding.remedy, HasSubstr("client-user-required = false"));
}

TEST_F(ExamineTest, TimestampsOfTheNewArchitectureMustNotShift) {
  for (const char* name : {"east", "west", "south"}) {
    world.with(name, [](ClusterState& cluster) {
      cluster.ticdc_traits = {Millis{86'400'000}, true, false, "System"};
      cluster.variables["time_zone"] = "SYSTEM";
      cluster.variables["system_time_zone"] = "UTC";
    });
  }
  EXPECT_EQ(told(examine_all()), "");
  world.with("east", [](ClusterState& c) { c.ticdc_traits.time_zone = "Asia/Tokyo"; });
  EXPECT_THAT(found("TICDC_TIME_ZONE").text, HasSubstr("as of Asia/Tokyo"));
  world.with("east", [](ClusterState& c) { c.ticdc_traits.new_architecture = false; });
  EXPECT_EQ(told(examine_all()).find("TICDC_TIME_ZONE"), std::string::npos)
      << "classic names its zone to the target";
  world.with("east", [](ClusterState& c) {
    c.ticdc_traits = {std::nullopt, true, false, "+00:00"};
  });
  EXPECT_EQ(told(examine_all()).find("TICDC_TIME_ZONE"), std::string::npos);
}

TEST_F(ExamineTest, AnOldTicdcReplicatesNoDdlOfAPrimary) {
  world.with("east", [](ClusterState& cluster) { cluster.ticdc_version = "v7.5.3"; });
  EXPECT_EQ(told(examine_all()), "");
  desired.groups.front().ddl_primary = ClusterName("east");
  EXPECT_EQ(found("TICDC_REPLICATES_NO_DDL").severity, Severity::error);
  world.with("east", [](ClusterState& cluster) { cluster.ticdc_version = "v6.5.1"; });
  EXPECT_EQ(found("TICDC_TOO_OLD").severity, Severity::error);
}

struct UnhealthyTicdc : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld world{clock, {"east", "west"}};
  fakes::FaultyWorld faulty{world, clock, world.clusters()};
  const Desired desired = world.desired();

  UnhealthyTicdc() {
    clock.run_by_itself([] { return 0; });
  }
  /// So many questions in a row it calls itself ill.
  std::vector<Finding> ill(int times) {
    fakes::Fault fault;
    fault.cluster = "east";
    fault.method = "ticdc.healthy";
    fault.times = times;
    fault.before = [this] { set(false); };
    fault.after = [this] { set(true); };
    faulty.arm(fault);
    std::vector<Finding> all = examine(desired, desired.groups.front(), faulty,
                                       Call{clock.mono() + Millis{120000}, {}}, clock);
    std::erase_if(all, [](const Finding& one) { return one.code != "TICDC_UNHEALTHY"; });
    return all;
  }
  void set(bool up) {
    world.with("east", [up](ClusterState& cluster) { cluster.ticdc_up = up; });
  }
};

TEST_F(UnhealthyTicdc, IsNoneWhileItsOwnerChanges) { EXPECT_TRUE(ill(3).empty()); }

TEST_F(UnhealthyTicdc, IsAWarningWhenItLasts) {
  const auto findings = ill(1000);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Severity::warning);
}

TEST_F(ExamineTest, AClockThatIsFarOffIsAWarning) {
  world.with("south", [](ClusterState& cluster) { cluster.tso_ahead = Millis{7500}; });
  const Finding finding = found("CLOCK_OFFSET");
  EXPECT_EQ(finding.severity, Severity::warning);
  EXPECT_EQ(finding.cluster, "south");
}

TEST_F(ExamineTest, TellsTheGrantToTypeForOurUser) {
  world.with("east", [](ClusterState& cluster) {
    cluster.own_grants = {"GRANT SUPER,PROCESS ON *.* TO 'bdrmesh'@'%'",
                          "GRANT ALL PRIVILEGES ON `app`.* TO 'bdrmesh'@'%'",
                          "GRANT ALL PRIVILEGES ON `bdrmesh%`.* TO 'bdrmesh'@'%'",
                          "GRANT SELECT ON `mysql`.* TO 'bdrmesh'@'%'"};
  });
  EXPECT_EQ(found("PRIVILEGE_MISSING").remedy,
            "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'bdrmesh'@'%';");
}

TEST_F(ExamineTest, MissingRightsOnASchemaAreNamedWithIt) {
  world.with("east", [](ClusterState& cluster) {
    std::erase_if(cluster.own_grants,
                  [](const std::string& line) { return line.find("`app`") != std::string::npos; });
    cluster.own_grants.emplace_back(
        "GRANT SELECT,INSERT,UPDATE,DELETE ON `app`.* TO 'bdrmesh'@'%'");
  });
  EXPECT_EQ(found("PRIVILEGE_MISSING").remedy,
            "GRANT CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW ON `app`.* TO "
            "'bdrmesh'@'%';");
}

TEST_F(ExamineTest, SaysThatNobodyCouldBeLockedOut) {
  world.with("east", [](ClusterState& cluster) {
    for (std::string& line : cluster.own_grants) {
      const std::size_t at = line.find("CREATE USER,");
      if (at != std::string::npos) line.erase(at, 12);
    }
  });
  const Finding finding = found("PRIVILEGE_FOR_LOCKING_MISSING");
  EXPECT_EQ(finding.severity, Severity::warning);
  EXPECT_EQ(finding.remedy, "GRANT CREATE USER ON *.* TO 'bdrmesh'@'%';");
}

TEST_F(ExamineTest, ASinkMustMakeSchemasAndKeepSyncpoints) {
  world.with("west", [](ClusterState& cluster) {
    cluster.grants["cdc_east"] = {
        "GRANT SUPER ON *.* TO 'cdc_east'@'%'",
        "GRANT SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,CREATE VIEW ON `app`.* TO "
        "'cdc_east'@'%'",
        "GRANT SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,CREATE VIEW ON `bdrmesh`.* TO "
        "'cdc_east'@'%'",
        "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'cdc_east'@'%'"};
  });
  const auto remedies = [&] {
    std::string all;
    for (const Finding& finding : examine_all()) {
      if (finding.code == "SINK_PRIVILEGE_MISSING") all += finding.remedy + "\n";
    }
    return all;
  };
  EXPECT_EQ(remedies(), "");
  desired.groups.front().ddl_primary = ClusterName("east");
  EXPECT_THAT(remedies(), HasSubstr("GRANT CREATE ON *.* TO 'cdc_east'@'%';"));
  desired.groups.front().syncpoint_interval = Millis{600'000};
  EXPECT_THAT(remedies(), HasSubstr("GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON "
                                    "`tidb_cdc`.* TO 'cdc_east'@'%';"));
}

TEST_F(ExamineTest, ASinkThatTheGateWouldStopIsAnError) {
  world.with("west", [](ClusterState& cluster) {
    cluster.grants["cdc_east"] = {
        "GRANT SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,CREATE VIEW ON *.* TO "
        "'cdc_east'@'%'"};
  });
  const std::vector<Finding> findings = examine_all();
  EXPECT_EQ(found(findings, "SINK_NOT_EXEMPT").remedy,
            "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'cdc_east'@'%';");
  EXPECT_EQ(found(findings, "SINK_WITHOUT_SUPER").severity, Severity::warning);
}

TEST_F(ExamineTest, SourceIdsMustBeOwnAndSmall) {
  desired.clusters[1].source_id = 1;
  desired.clusters[2].source_id = 9;
  const std::vector<Finding> findings = examine_all();
  EXPECT_EQ(found(findings, "SOURCE_ID_TWICE").cluster, "west");
  EXPECT_EQ(found(findings, "SOURCE_ID_OUT_OF_RANGE").cluster, "south");
  EXPECT_EQ(found(findings, "SOURCE_ID_DIFFERS").severity, Severity::warning);
}

TEST_F(ExamineTest, AMixtureOfRolesIsTold) {
  world.with("east", [](ClusterState& cluster) { cluster.role = "primary"; });
  EXPECT_THAT(found("ROLES_MIXED").text, HasSubstr("west, south"));
  world.with("west", [](ClusterState& cluster) { cluster.role = "primary"; });
  EXPECT_EQ(found("TWO_PRIMARIES").severity, Severity::error);
  world.with("south", [](ClusterState& cluster) { cluster.role = "local_only"; });
  EXPECT_EQ(found("ROLE_UNKNOWN").cluster, "south");
}

TEST_F(ExamineTest, AReadOnlySwitchThatNobodyOwnsUpToIsAnError) {
  world.with("east", [](ClusterState& cluster) {
    cluster.read_only = true;
    for (auto& server : cluster.servers) server.read_only = true;
  });
  EXPECT_EQ(found("READ_ONLY_LEFT_ON").severity, Severity::error);
  world.with("east", [](ClusterState& cluster) {
    cluster.token = TokenRow{};
    cluster.token->manager = "m";
    cluster.token->gates = Json::array({{{"operation", "op7"}, {"since", "2026-01-01T00:00:00Z"}}});
  });
  EXPECT_THAT(found("GATE_CLOSED").text, HasSubstr("op7"));
}

TEST_F(ExamineTest, AForeignHolderOfTheExemptionIsNamed) {
  world.with("south", [](ClusterState& cluster) { cluster.exempt_users.insert("batch"); });
  EXPECT_THAT(found("FOREIGN_READ_ONLY_EXEMPTION").remedy, HasSubstr("FROM 'batch'@'%'"));
}

TEST_F(ExamineTest, TablesWithoutAKeyAreNamed) {
  world.with("west", [](ClusterState& cluster) {
    cluster.tables[{"app", "log"}].columns = {{"line", "text"}};
    cluster.tables[{"other", "log"}].columns = {{"line", "text"}};
  });
  const Finding finding = found("TABLE_WITHOUT_KEY");
  EXPECT_EQ(finding.cluster, "west");
  EXPECT_THAT(finding.text, HasSubstr("app.log:"));
}

TEST_F(ExamineTest, ClustersOfTwoManagersAreAnError) {
  for (const char* name : {"east", "west"}) {
    world.with(name, [&](ClusterState& cluster) {
      cluster.token = TokenRow{};
      cluster.token->manager = std::string("manager-of-") + name;
    });
  }
  EXPECT_THAT(found("MANAGERS_DIFFER").text, HasSubstr("manager-of-west holds west"));
}

TEST_F(ExamineTest, SettingsThatMakeADdlUnsafeAreTold) {
  world.with("east", [](ClusterState& cluster) {
    cluster.variables["tidb_enable_metadata_lock"] = "OFF";
    cluster.variables.erase("tidb_gc_enable");  // as on a release that does not know it
  });
  EXPECT_EQ(found("METADATA_LOCK_OFF").severity, Severity::warning);
}

TEST_F(ExamineTest, BeingStoppedIsNoFinding) {
  fakes::FaultyWorld faulty(world, clock, world.clusters());
  fakes::Fault fault;
  fault.method = "tidb.own_grants";
  fault.effect = Effect::stall;
  faulty.arm(fault);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(examine(desired, desired.groups.front(), faulty,
                       Call{clock.mono() + Millis{60000}, stop.get_token()}, clock),
               Error);
}

TEST_F(ExamineTest, ChangesNothing) {
  examine_all();
  EXPECT_EQ(world.diary_text(), "");
}

}  // namespace
}  // namespace bdrmesh::doctor
