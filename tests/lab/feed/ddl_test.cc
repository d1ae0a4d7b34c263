// DDL on its way through a feed: what waits for it, where the checkpoint stands meanwhile, and what
// each family does when it fails (checklist lines T19, T20).
#include <gtest/gtest.h>

#include "lab/feed/ddl_rules.h"
#include "lab/feed/feed_rig.h"

namespace bdrmesh::lab {
namespace {

class FeedDdl : public FeedRigTest {
 protected:
  std::string columns_in_west(const std::string& table) {
    return west_->value(
        "SELECT IFNULL(GROUP_CONCAT(column_name ORDER BY ordinal_position),'') FROM "
        "information_schema.columns WHERE table_schema='app' AND table_name='" +
        table + "'");
  }
  /// Holds the metadata lock of app.t in the west until it is given back.
  std::unique_ptr<SqlSession> lock_table_in_west() {
    auto holder = west_->connect();
    holder->query("BEGIN", Millis{5000});
    holder->query("SELECT * FROM app.t", Millis{5000});
    return holder;
  }
};

class NewFeedDdl : public FeedDdl {
  const Profile& profile() const override { return find_profile("new-8.5"); }
};

class OldFeedDdl : public FeedDdl {
  const Profile& profile() const override { return find_profile("classic-7.5"); }
};

TEST(DdlRules, SwitchesTtlOffDownstream) {
  DdlJob job;
  job.type = "create table";
  job.query = "CREATE TABLE t (a INT, c DATETIME) TTL = `c` + INTERVAL 1 DAY";
  EXPECT_EQ(downstream_text(job), job.query + " TTL_ENABLE = 'OFF'");
  job.type = "alter ttl";
  job.query = "ALTER TABLE t TTL_ENABLE='ON'";
  EXPECT_EQ(downstream_text(job), "ALTER TABLE t TTL_ENABLE = 'OFF'");
}

TEST_F(FeedDdl, RunsBetweenTheRowsAroundIt) {
  RigFeed feed(*east_, *west_);
  feed.start();
  for (int round = 0; round < 5; ++round) {
    const std::string n = std::to_string(round);
    east_->commit({"INSERT INTO app.t (id,v) VALUES (" + n + ",'old')"});
    east_->ddl("ALTER TABLE t ADD COLUMN w" + n + " INT DEFAULT " + n, "add column", "app", "t");
  }
  east_->commit({"UPDATE app.t SET w0=7 WHERE id=4"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(columns_in_west("t"), "id,v,w0,w1,w2,w3,w4");
  EXPECT_EQ(west_->value("SELECT GROUP_CONCAT(id,w0 ORDER BY id) FROM app.t"), "00,10,20,30,47");
}

TEST_F(FeedDdl, T19_OnlyJobsStampedPrimaryLeaveABdrFeed) {
  RigFeed feed(*east_, *west_, R"({"bdr_mode":true})");
  feed.plan().bdr_mode = true;
  feed.start();
  east_->ddl("ALTER TABLE t ADD COLUMN p INT", "add column", "app", "t", "primary");
  east_->ddl("ALTER TABLE t ADD COLUMN s INT", "add column", "app", "t", "secondary");
  east_->ddl("ALTER TABLE t ADD COLUMN n INT", "add column", "app", "t", "");
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(columns_in_west("t"), "id,v,p");
}

TEST_F(OldFeedDdl, T19_BeforeSevenSixNothingLeavesABdrFeed) {
  RigFeed feed(*east_, *west_);
  feed.plan().bdr_mode = true;
  feed.start();
  east_->ddl("ALTER TABLE t ADD COLUMN p INT", "add column", "app", "t", "primary");
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(columns_in_west("t"), "id,v");
}

TEST_F(FeedDdl, T19_TaggedRowsStayOutOfABdrFeedOnly) {
  RigFeed plain(*east_, *west_);
  plain.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'tagged')"}, 5);
  ASSERT_TRUE(plain.drained());
  EXPECT_EQ(rows_in_west(), "1:tagged");
  plain.stop();
  RigFeed bdr(*east_, *west_);
  bdr.plan().bdr_mode = true;
  bdr.start();
  east_->commit({"INSERT INTO app.t VALUES (2,'tagged')"}, 5);
  east_->commit({"INSERT INTO app.t VALUES (3,'own')"});
  ASSERT_TRUE(bdr.drained());
  EXPECT_EQ(rows_in_west(), "1:tagged,3:own");
}

TEST_F(FeedDdl, T20_AStuckDdlOfClassicHoldsTheCheckpointAtItsTimestampAndTheWholeFeed) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, v INT)");
  RigFeed feed(*east_, *west_);
  feed.start();
  const auto holder = lock_table_in_west();
  SystemClock().wait_for(Millis{200}, {});
  const DdlJob job = east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(eventually([&] { return feed.progress().checkpoint >= event_commit_ts(job); }));
  const std::uint64_t stands = feed.progress().checkpoint;
  EXPECT_LT(stands, job.finished_ts);
  east_->commit({"INSERT INTO app.t VALUES (1,'x',1)"});
  east_->commit({"INSERT INTO app.u VALUES (1,1)"});
  SystemClock().wait_for(Millis{400}, {});
  EXPECT_EQ(feed.progress().checkpoint, stands);
  EXPECT_EQ(rows_in_west("app.u"), "");
  EXPECT_FALSE(feed.progress().warning);
  holder->query("ROLLBACK", Millis{5000});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(west_->value("SELECT w FROM app.t WHERE id=1"), "1");
  EXPECT_EQ(rows_in_west("app.u"), "1:1");
}

TEST_F(NewFeedDdl, T20_AStuckDdlOfNewHoldsOneBelowAndOnlyItsTable) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, v INT)");
  RigFeed feed(*east_, *west_);
  feed.start();
  const auto holder = lock_table_in_west();
  SystemClock().wait_for(Millis{200}, {});
  const DdlJob job = east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(eventually([&] { return feed.progress().checkpoint >= event_commit_ts(job) - 1; }));
  const std::uint64_t stands = feed.progress().checkpoint;
  east_->commit({"INSERT INTO app.t VALUES (1,'x',1)"});
  east_->commit({"INSERT INTO app.u VALUES (1,1)"});
  EXPECT_TRUE(eventually([&] { return rows_in_west("app.u") == "1:1"; }));
  SystemClock().wait_for(Millis{300}, {});
  EXPECT_EQ(feed.progress().checkpoint, stands);
  holder->query("ROLLBACK", Millis{5000});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(west_->value("SELECT w FROM app.t WHERE id=1"), "1");
}

TEST_F(FeedDdl, T20_ClassicWarnsWithTheBareTextAndGoesOnTrying) {
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("RENAME TABLE app.t TO app.away");
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(eventually([&] { return feed.progress().warning.has_value(); }));
  EXPECT_EQ(feed.progress().warning->code, "CDC:ErrOwnerUnknown");
  EXPECT_EQ(feed.progress().warning->message, "Error 1146 (42S02): Table 'app.t' doesn't exist");
  EXPECT_FALSE(feed.progress().ended_by);
  west_->silently("RENAME TABLE app.away TO app.t");
  ASSERT_TRUE(feed.drained());
  EXPECT_FALSE(feed.progress().warning);
  EXPECT_EQ(columns_in_west("t"), "id,v,w");
}

TEST_F(NewFeedDdl, T20_NewEndsItsRunWithTheWrappedText) {
  RigFeed feed(*east_, *west_);
  feed.times().ddl_patience = Millis{300};
  feed.start();
  west_->silently("RENAME TABLE app.t TO app.away");
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(eventually([&] { return feed.progress().ended_by.has_value(); }));
  EXPECT_EQ(feed.progress().ended_by->code, "CDC:ErrChangefeedRetryable");
  EXPECT_EQ(feed.progress().ended_by->message,
            "[CDC:ErrExecDDLFailed]exec DDL failed %s: Execute DDL failed, Query info: ALTER TABLE "
            "t ADD COLUMN w INT; : Error 1146 (42S02): Table 'app.t' doesn't exist");
  EXPECT_EQ(feed.progress().ended_kind, FeedFailure::Kind::retryable);
}

TEST_F(FeedDdl, TreatsWhatIsThereAlreadyAsDone) {
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("ALTER TABLE app.t ADD COLUMN w BIGINT");
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(feed.drained());
  EXPECT_FALSE(feed.progress().warning);
}

TEST_F(FeedDdl, ClassicLeavesAnIndexToItselfAfterAWhile) {
  RigFeed feed(*east_, *west_);
  feed.times().async_index_after = Millis{300};
  feed.start();
  auto holder = lock_table_in_west();
  const DdlJob job = east_->ddl("ALTER TABLE t ADD INDEX i (v)", "add index", "app", "t");
  ASSERT_TRUE(eventually([&] { return feed.progress().checkpoint > job.finished_ts; }));
  const std::string indexes =
      "SELECT COUNT(*) FROM information_schema.statistics WHERE "
      "table_schema='app' AND table_name='t' AND index_name='i'";
  EXPECT_EQ(west_->value(indexes), "0") << "the checkpoint passed what is not there yet";
  holder->query("ROLLBACK", Millis{5000});
  EXPECT_TRUE(eventually([&] { return west_->value(indexes) == "1"; }));
}

TEST_F(NewFeedDdl, NewWaitsForAnIndex) {
  RigFeed feed(*east_, *west_);
  feed.times().async_index_after = Millis{300};
  feed.start();
  auto holder = lock_table_in_west();
  const DdlJob job = east_->ddl("ALTER TABLE t ADD INDEX i (v)", "add index", "app", "t");
  SystemClock().wait_for(Millis{1500}, {});
  EXPECT_LT(feed.progress().checkpoint, job.finished_ts);
  holder->query("ROLLBACK", Millis{5000});
  EXPECT_TRUE(feed.drained());
}

TEST_F(FeedDdl, FailsForGoodOnARenameIntoTheFilter) {
  in_both("CREATE DATABASE other");
  in_both("CREATE TABLE other.o (id INT PRIMARY KEY)");
  RigFeed feed(*east_, *west_);
  feed.start();
  east_->ddl("RENAME TABLE other.o TO app.o", "rename table", "other", "o");
  ASSERT_TRUE(eventually([&] { return feed.progress().ended_by.has_value(); }));
  EXPECT_EQ(feed.progress().ended_by->code, "CDC:ErrSyncRenameTableFailed");
  EXPECT_EQ(feed.progress().ended_kind, FeedFailure::Kind::unretryable);
}

TEST_F(FeedDdl, T22_SystemSchemasAndTheFeedsOwnNeverLeave) {
  in_both("CREATE DATABASE tidb_cdc");
  in_both("CREATE TABLE tidb_cdc.x (id INT PRIMARY KEY)");
  RigFeed feed(*east_, *west_);
  feed.plan().filter = std::make_shared<TableFilter>(std::vector<std::string>{"*.*"}, false);
  feed.start();
  east_->commit({"INSERT INTO tidb_cdc.x VALUES (1)", "INSERT INTO app.t VALUES (1,'a')"});
  east_->ddl("CREATE TABLE y (id INT PRIMARY KEY)", "create table", "tidb_cdc", "y");
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "1:a");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM tidb_cdc.x"), "0");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM information_schema.tables WHERE "
                         "table_schema='tidb_cdc'"),
            "1");
}

TEST_F(FeedDdl, EventFiltersLeaveOutRowsAndDdl) {
  RigFeed feed(
      *east_, *west_,
      R"({"filter":{"event_filters":[{"matcher":["app.t"],"ignore_event":["delete","add column"],
               "ignore_insert_value_expr":"id >= 10"}]}})");
  feed.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'a'),(2,'b'),(11,'c')"});
  east_->commit({"DELETE FROM app.t WHERE id=1"});
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "1:a,2:b");
  EXPECT_EQ(columns_in_west("t"), "id,v");
}

}  // namespace
}  // namespace bdrmesh::lab
