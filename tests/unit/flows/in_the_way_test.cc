// Which transactions keep a gate from being drained, and when a look proves nothing.
#include <gtest/gtest.h>

#include "flows/ddl/job_tables.h"
#include "flows/gate/gate_steps.h"

namespace bdrmesh::flows {
namespace {

constexpr std::int64_t kOrders = 104;

TEST(JobTables, AreFoundInAnyCaseAndAmongSeveral) {
  DdlJob job;
  job.schema = "app";
  job.table = "orders";
  EXPECT_TRUE(is_about(job, {"App", "Orders"}));
  EXPECT_FALSE(is_about(job, {"app", "order"}));
  job.schema = "app,shop";
  job.table = "orders, items";
  EXPECT_TRUE(is_about(job, {"app", "orders"}));
  EXPECT_TRUE(is_about(job, {"SHOP", "items"}));
  EXPECT_TRUE(is_about_schema(job, "shop"));
  EXPECT_FALSE(is_about_schema(job, "sho"));
  job.table = "a,b";
  EXPECT_TRUE(is_about(job, {"app", "a,b"})) << "a comma may be part of a name";
  job.table = "";
  EXPECT_FALSE(is_about(job, {"app", "orders"}));
}

struct InTheWayTest : ::testing::Test {
  TransactionLook look;
  std::vector<TidbServerInfo> servers{{ServerAddress("a:4000"), "a:10080", "v8.5.1"},
                                      {ServerAddress("b:4000"), "b:10080", "v8.5.1"}};

  InTheWayTest() { look.instances_seen = {"a:10080", "b:10080"}; }
  OpenTransaction& add(const std::string& state, std::vector<std::int64_t> tables = {}) {
    OpenTransaction row;
    row.instance = "a:10080";
    row.session_id = 40 + look.rows.size();
    row.user = "shop";
    row.state = state;
    row.related_tables = std::move(tables);
    look.rows.push_back(row);
    return look.rows.back();
  }
  InTheWay judged(const std::vector<std::int64_t>& tables = {kOrders}) const {
    return in_the_way(look, servers, {"bdrmesh", "cdc_west"}, tables);
  }
};

TEST_F(InTheWayTest, IsNobodyInAnEmptyCompleteLook) {
  EXPECT_TRUE(judged().transactions.empty());
  EXPECT_EQ(judged().incomplete, "");
}

TEST_F(InTheWayTest, IsEveryOneThatIsNotIdle) {
  for (const char* state : {"Running", "LockWaiting", "Committing", "RollingBack"}) add(state);
  EXPECT_EQ(judged().transactions.size(), 4U);
}

TEST_F(InTheWayTest, IsAStateThatNobodyKnows) {
  add("");
  EXPECT_EQ(judged().transactions.size(), 1U);
}

TEST_F(InTheWayTest, IsNoIdleOneElsewhere) {
  add("Idle");
  add("Idle", {7, 8});
  EXPECT_TRUE(judged().transactions.empty());
}

TEST_F(InTheWayTest, IsAnIdleOneThatHoldsTheTable) {
  add("Idle", {7, kOrders});
  ASSERT_EQ(judged().transactions.size(), 1U);
  EXPECT_TRUE(judged({}).transactions.empty());
}

TEST_F(InTheWayTest, IsOneThatOnlyReadsTheTable) {
  add("Idle", {kOrders}).mem_buffer_keys = 0;
  EXPECT_EQ(judged().transactions.size(), 1U);
}

TEST_F(InTheWayTest, IsNeverOneOfOursOrOfASink) {
  add("Running", {kOrders}).user = "bdrmesh";
  add("Committing", {kOrders}).user = "cdc_west";
  add("Running").user = "cdc_south";
  ASSERT_EQ(judged().transactions.size(), 1U);
  EXPECT_EQ(judged().transactions.front().user, "cdc_south");
}

TEST_F(InTheWayTest, ProvesNothingWithAWarning) {
  look.warnings = {"b:10080 timed out"};
  EXPECT_NE(judged().incomplete.find("b:10080 timed out"), std::string::npos);
}

TEST_F(InTheWayTest, ProvesNothingWhileAnInstanceIsMissing) {
  look.instances_seen = {"a:10080"};
  EXPECT_NE(judged().incomplete.find("b:4000"), std::string::npos) << judged().incomplete;
  EXPECT_EQ(judged().incomplete.find("a:4000"), std::string::npos) << judged().incomplete;
}

TEST_F(InTheWayTest, ProvesNothingWithoutAServer) {
  servers.clear();
  EXPECT_NE(judged().incomplete, "");
}

TEST_F(InTheWayTest, TellsWhomItSawAlsoWhenIncomplete) {
  look.instances_seen.clear();
  add("Running");
  EXPECT_EQ(judged().transactions.size(), 1U);
  EXPECT_NE(judged().incomplete, "");
}

TEST(Describe, NamesSessionUserServerAndState) {
  OpenTransaction row;
  row.instance = "a:10080";
  row.session_id = 42;
  row.user = "shop";
  row.state = "Running";
  row.statement = "secret of the digest";
  const std::string text = describe(row);
  for (const char* part : {"42", "shop", "a:10080", "Running"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace
}  // namespace bdrmesh::flows
