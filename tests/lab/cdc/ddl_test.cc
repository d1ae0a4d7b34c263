// DDL on its way through a feed: the gate of bdr-mode, the barrier, and where the checkpoint stands
// meanwhile.
#include <gtest/gtest.h>

#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"
#include "lab/feed/ddl_rules.h"

namespace bdrmesh::lab {
namespace {

constexpr const char* kPlain = R"({"filter":{"rules":["app.*"]}})";

TEST(DdlRules, FindNewNamesOfRenamedTables) {
  EXPECT_EQ(new_name_of("RENAME TABLE a TO app.b", "x"), (TableName{"app", "b"}));
  EXPECT_EQ(new_name_of("alter table `a` rename to `b c`", "x"), (TableName{"x", "b c"}));
  EXPECT_EQ(new_name_of("alter table a rename column b to c", "x"), std::nullopt);
  EXPECT_EQ(new_name_of("alter table a rename index b to c", "x"), std::nullopt);
}

class DdlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
  }

  std::string columns_in_west(const std::string& table) {
    return west_->value(
        "SELECT IFNULL(GROUP_CONCAT(column_name ORDER BY ordinal_position),'') FROM "
        "information_schema.columns WHERE table_schema='app' AND table_name='" +
        table + "'");
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(DdlTest, RunsDownstreamBetweenTheRowsAroundIt) {
  east_->feed_to(*west_, "e-w", kPlain);
  east_->commit({"INSERT INTO app.t VALUES (1,'old')"});
  east_->ddl("ALTER TABLE t ADD COLUMN w INT DEFAULT 5", "add column", "app", "t");
  east_->commit({"INSERT INTO app.t VALUES (2,'new',7)"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT GROUP_CONCAT(id,v,w ORDER BY id) FROM app.t"), "1old5,2new7");
}

TEST_F(DdlTest, CarriesSchemasAndTablesThatTheFilterNames) {
  east_->feed_to(*west_, "e-w", R"({"filter":{"rules":["new.*","app.*"]}})");
  east_->ddl("CREATE DATABASE new", "create schema", "new", "");
  east_->ddl("CREATE DATABASE other", "create schema", "other", "");
  east_->ddl("CREATE TABLE x (id INT PRIMARY KEY)", "create table", "new", "x");
  east_->commit({"INSERT INTO new.x VALUES (1)"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM new.x"), "1");
  EXPECT_EQ(
      west_->value("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name='other'"),
      "0");
}

TEST_F(DdlTest, TreatsWhatIsThereAlreadyAsDone) {
  east_->feed_to(*west_, "e-w", kPlain);
  west_->silently("ALTER TABLE app.t ADD COLUMN w INT");
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(east_->state_of("e-w"), "normal");
}

TEST_F(DdlTest, LeavesKeylessTablesOutWithoutAWord) {
  east_->feed_to(*west_, "e-w", kPlain);
  east_->ddl("CREATE TABLE k (id INT)", "create table", "app", "k");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(columns_in_west("k"), "");
  EXPECT_EQ(east_->state_of("e-w"), "normal");
}

TEST_F(DdlTest, FailsForGoodOnARenameIntoTheFilter) {
  for (TestCluster* cluster : {east_.get(), west_.get()}) {
    cluster->silently("CREATE DATABASE other");
    cluster->silently("CREATE TABLE other.o (id INT PRIMARY KEY)");
  }
  east_->feed_to(*west_, "e-w", kPlain);
  east_->ddl("RENAME TABLE other.o TO app.o", "rename table", "other", "o");
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "failed"; }));
  const Json detail = east_->call("GET", "changefeeds/e-w").json();
  EXPECT_EQ(detail["error"]["code"], "CDC:ErrSyncRenameTableFailed");
}

TEST_F(DdlTest, StandsExactlyAtTheJobsTimestampWhileItIsStuck) {
  east_->feed_to(*west_, "e-w", kPlain);
  // A transaction that holds the table's metadata lock downstream.
  SqlSession holder(engine_login(west_->state()), Millis{5000});
  holder.query("BEGIN", Millis{5000});
  holder.query("SELECT * FROM app.t", Millis{5000});
  const DdlJob job = east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  // A moment before the job's own timestamp, and fixed there.
  ASSERT_TRUE(eventually([&] { return east_->checkpoint("e-w") >= event_commit_ts(job); }));
  const std::uint64_t stands = east_->checkpoint("e-w");
  east_->commit({"INSERT INTO app.t VALUES (1,'x',1)"});
  SystemClock().wait_for(Millis{500}, {});
  EXPECT_EQ(east_->checkpoint("e-w"), stands);
  EXPECT_LT(stands, job.finished_ts);
  EXPECT_EQ(east_->state_of("e-w"), "normal");
  holder.query("ROLLBACK", Millis{5000});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT w FROM app.t WHERE id=1"), "1");
}

TEST_F(DdlTest, WarnsOfAFailingStatementAndPassesWhenItIsRepaired) {
  east_->feed_to(*west_, "e-w", kPlain);
  west_->silently("RENAME TABLE app.t TO app.away");
  const DdlJob job = east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "warning"; }));
  const Json status = east_->call("GET", "changefeeds/e-w/status").json();
  EXPECT_GE(status["checkpoint_ts"], event_commit_ts(job));
  EXPECT_LT(status["checkpoint_ts"], job.finished_ts);
  EXPECT_EQ(status["last_warning"]["code"], "CDC:ErrOwnerUnknown");
  EXPECT_EQ(status["last_warning"]["message"], "Error 1146 (42S02): Table 'app.t' doesn't exist");
  west_->silently("RENAME TABLE app.away TO app.t");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_TRUE(eventually([&] { return east_->state_of("e-w") == "normal"; }));
  EXPECT_EQ(columns_in_west("t"), "id,v,w");
}

TEST_F(DdlTest, RunsAgainAfterARestartOnlyWhatMayNotHaveRun) {
  east_->feed_to(*west_, "e-w", kPlain);
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(east_->drained("e-w"));
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  west_->silently("ALTER TABLE app.t DROP COLUMN w");
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(columns_in_west("t"), "id,v");
}

}  // namespace
}  // namespace bdrmesh::lab
