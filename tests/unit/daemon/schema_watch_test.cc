// Definitions that drift apart, and DDL that nobody ordered here.
#include "app/daemon/schema_watch.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_world.h"

namespace bdrmesh {
namespace {

using fakes::ClusterState;

const GroupName kGroup{"orders"};
const TableName kOrders{"app", "orders"};

struct Told final : EventSink {
  std::vector<MeshEvent> all;
  void tell(const MeshEvent& event) override { all.push_back(event); }
};

struct SchemaWatchTest : ::testing::Test {
  fakes::FakeClock clock;
  fakes::FakeWorld world{clock.elsewhere(), {"east", "west", "south"}};
  Desired desired = world.desired();
  Told told;
  bool busy = false;
  bool replicates = true;
  SchemaWatch watch{SchemaWatch::Parts{
      desired, world, clock, told, [](const GroupSpec& group) { return group; },
      [this](const GroupName&) { return busy; }, [this](const GroupName&) { return replicates; }}};

  void run_ddl(const std::string& cluster, const std::string& query, bool narrower) {
    world.with(cluster, [&](ClusterState& state) {
      DdlJob job;
      job.id = state.next_job_id++;
      job.schema = "app";
      job.table = "orders";
      job.type = "drop column";
      job.state = "synced";
      job.query = query;
      state.jobs.push_back(job);
      if (narrower) state.tables.at(kOrders).columns.pop_back();
    });
  }
  std::size_t turn() {
    watch.turn({});
    return watch.findings(kGroup).size();
  }
};

TEST_F(SchemaWatchTest, FindsNothingWhereAllIsAlike) {
  EXPECT_EQ(turn(), 0U);
  EXPECT_TRUE(told.all.empty());
}

TEST_F(SchemaWatchTest, FindsWhatDiffersAlreadyWhenItBegins) {
  world.with("west", [](ClusterState& west) { west.tables.at(kOrders).columns.pop_back(); });
  ASSERT_GE(turn(), 1U);
  const MeshFinding found = watch.findings(kGroup).front();
  EXPECT_EQ(found.code, "SCHEMA_DIFFERS");
  EXPECT_EQ(found.severity, "alarm");
  EXPECT_NE(found.text.find("app.orders"), std::string::npos) << found.text;
}

TEST_F(SchemaWatchTest, ComparesAgainWhenAClusterHasRunDdl) {
  EXPECT_EQ(turn(), 0U);
  run_ddl("west", "ALTER TABLE app.orders DROP COLUMN x", true);
  EXPECT_GE(turn(), 1U);
  for (const char* name : {"east", "south"}) run_ddl(name, "ALTER TABLE …", true);
  EXPECT_EQ(turn(), 0U);
}

TEST_F(SchemaWatchTest, TellsDdlThatNoChangefeedCarries) {
  turn();
  run_ddl("west", "ALTER TABLE app.orders DROP COLUMN x", false);
  turn();
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_EQ(told.all[0].severity, "warning");
  EXPECT_EQ(told.all[0].subject, "cluster west");
  EXPECT_NE(told.all[0].text.find("FOREIGN_DDL: somebody ran drop column on app.orders"),
            std::string::npos)
      << told.all[0].text;
  turn();
  EXPECT_EQ(told.all.size(), 1U);
}

TEST_F(SchemaWatchTest, OurOwnDdlIsNoNews) {
  turn();
  run_ddl("west", "/* bdrmesh:op1:1 */ ALTER TABLE app.orders DROP COLUMN x", false);
  turn();
  EXPECT_TRUE(told.all.empty());
}

TEST_F(SchemaWatchTest, WithAPrimaryOnlyItsOwnDdlIsToldAndForInformation) {
  desired.groups.front().ddl_primary = ClusterName("east");
  turn();
  for (const char* name : {"east", "west", "south"}) run_ddl(name, "ALTER TABLE …", false);
  turn();
  ASSERT_EQ(told.all.size(), 1U);
  EXPECT_EQ(told.all[0].subject, "cluster east");
  EXPECT_EQ(told.all[0].severity, "info");
}

TEST_F(SchemaWatchTest, LooksAwayWhileAnOperationIsAtWork) {
  turn();
  busy = true;
  run_ddl("west", "ALTER TABLE app.orders DROP COLUMN x", true);
  EXPECT_EQ(turn(), 0U);
  busy = false;
  EXPECT_GE(turn(), 1U);
}

TEST_F(SchemaWatchTest, AGroupThatDoesNotReplicateMayDiffer) {
  world.with("west", [](ClusterState& west) { west.tables.at(kOrders).columns.pop_back(); });
  EXPECT_GE(turn(), 1U);
  replicates = false;
  EXPECT_EQ(turn(), 0U);
}

TEST_F(SchemaWatchTest, WhatASilentMemberHidesIsNotOver) {
  world.with("west", [](ClusterState& west) { west.tables.at(kOrders).columns.pop_back(); });
  EXPECT_GE(turn(), 1U);
  world.with("west", [](ClusterState& west) {
    for (fakes::ServerState& server : west.servers) server.up = false;
  });
  EXPECT_GE(turn(), 1U);
}

}  // namespace
}  // namespace bdrmesh
