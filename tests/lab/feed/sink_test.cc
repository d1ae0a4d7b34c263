// The writers of a feed: what arrives, in which order, and what the checkpoint may claim meanwhile
// (checklist lines T18, T21).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "lab/feed/feed_rig.h"

namespace bdrmesh::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SinkTest : public FeedRigTest {};

class NewSinkTest : public FeedRigTest {
  const Profile& profile() const override { return find_profile("new-8.5"); }
};

TEST_F(SinkTest, CarriesInsertsUpdatesAndDeletes) {
  RigFeed feed(*east_, *west_);
  feed.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'one'),(2,'two'),(3,'three')"});
  east_->commit({"UPDATE app.t SET v='zwei' WHERE id=2", "DELETE FROM app.t WHERE id=3"});
  east_->commit({"UPDATE app.t SET id=10 WHERE id=1"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "2:zwei,10:one");
}

/// Hot keys, moving keys and a second unique key: whatever interleaves, the end must be equal.
TEST_F(SinkTest, T18_OneKeyKeepsItsOrderWhileKeysAndTablesInterleave) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, k INT, v VARCHAR(20), UNIQUE KEY uk (k))");
  RigFeed feed(*east_, *west_, "{}", "worker-count=16");
  feed.start();
  std::mt19937 random(7);
  const auto number = [&](int most) {
    return std::to_string(random() % static_cast<unsigned>(most));
  };
  for (int round = 0; round < 400; ++round) {
    const std::string id = number(6);
    const std::string k = number(6);
    east_->commit(
        {"REPLACE INTO app.t VALUES (" + id + ",'" + std::to_string(round) + "')",
         "REPLACE INTO app.u VALUES (" + id + "," + k + ",'" + std::to_string(round) + "')",
         "DELETE FROM app.t WHERE id=" + number(6),
         "UPDATE IGNORE app.u SET k=" + number(6) + " WHERE id=" + number(6),
         "UPDATE IGNORE app.u SET id=" + number(6) + " WHERE id=" + number(6)});
  }
  const bool drained = feed.drained(Millis{30000});
  ASSERT_FALSE(feed.progress().ended_by) << feed.progress().ended_by->message;
  ASSERT_TRUE(drained);
  const std::string all = "SELECT GROUP_CONCAT(id,':',IFNULL(k,'-'),':',v ORDER BY id) FROM app.u";
  EXPECT_EQ(west_->value(all), east_->value(all));
  EXPECT_EQ(rows_in_west(), east_->value("SELECT IFNULL(GROUP_CONCAT(id,':',v ORDER BY id),'') "
                                         "FROM app.t"));
}

TEST_F(SinkTest, T18_TransactionsAreSplitBetweenTables) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, v VARCHAR(40))");
  RigFeed feed(*east_, *west_);
  feed.start();
  // Whoever holds a row of one table downstream does not hold the other table's half back.
  const auto holder = west_->connect();
  west_->silently("INSERT INTO app.t VALUES (1,'old')");
  holder->query("BEGIN", Millis{5000});
  holder->query("SELECT * FROM app.t WHERE id=1 FOR UPDATE", Millis{5000});
  east_->silently("INSERT INTO app.t VALUES (1,'old')");
  const std::uint64_t ts =
      east_->commit({"UPDATE app.t SET v='new' WHERE id=1",
                     "INSERT INTO app.u VALUES (1,'x'),"
                     "(2,'x'),(3,'x'),(4,'x'),(5,'x'),(6,'x'),(7,'x'),(8,'x'),(9,'x')"});
  EXPECT_TRUE(eventually([&] { return west_->value("SELECT COUNT(*) FROM app.u") != "0"; }));
  EXPECT_LT(feed.progress().checkpoint, ts);
  holder->query("ROLLBACK", Millis{5000});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "1:new");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.u"), "9");
}

TEST_F(SinkTest, T18_TheCheckpointComesOnlyWhenAllBelowItIsThere) {
  RigFeed feed(*east_, *west_);
  feed.start();
  std::atomic<int> written{0};
  std::jthread writer([&](const std::stop_token& stop) {
    for (int id = 1; !stop.stop_requested(); ++id) {
      east_->commit({"INSERT INTO app.t VALUES (" + std::to_string(id) + ",'x')"});
      written = id;
    }
  });
  for (int round = 0; round < 30; ++round) {
    const int before = written;
    const std::uint64_t fence = east_->state().oracle.next();
    ASSERT_TRUE(eventually([&] { return feed.progress().checkpoint > fence; })) << round;
    EXPECT_GE(std::stoi(west_->value("SELECT COUNT(*) FROM app.t")), before);
  }
}

TEST_F(SinkTest, T18_AfterACrashRowsComeAgainAsReplace) {
  RigFeed feed(*east_, *west_);
  feed.start();
  for (int id = 1; id <= 20; ++id) {
    east_->commit({"INSERT INTO app.t VALUES (" + std::to_string(id) + ",'x')"});
  }
  ASSERT_TRUE(feed.drained());
  east_->commit({"DELETE FROM app.t WHERE id=20"});
  ASSERT_TRUE(feed.drained());
  west_->silently("UPDATE app.t SET v='newer' WHERE id=5");
  feed.crash(Millis{60000});
  feed.start();
  ASSERT_TRUE(feed.drained());
  EXPECT_GE(feed.progress().rows, 20U) << "delivered again";
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.t"), "19");
  EXPECT_EQ(west_->value("SELECT v FROM app.t WHERE id=5"), "x") << "an older image came again";
}

TEST_F(SinkTest, T21_UpdatesAndDeletesOfMissingRowsPassInSilence) {
  RigFeed feed(*east_, *west_);
  feed.start();
  east_->silently("INSERT INTO app.t VALUES (1,'a'),(2,'b'),(3,'c')");
  east_->commit({"UPDATE app.t SET v='x' WHERE id<3", "DELETE FROM app.t WHERE id=3"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "");
  EXPECT_FALSE(feed.progress().ended_by);
}

TEST_F(SinkTest, T21_ClassicFailsOnADuplicateAndReplacesAfterItsRestart) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, v INT, UNIQUE KEY (v))");
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("INSERT INTO app.u VALUES (1,5)");
  east_->commit({"INSERT INTO app.u VALUES (2,5)"});
  ASSERT_TRUE(eventually([&] { return feed.progress().ended_by.has_value(); }));
  EXPECT_EQ(feed.progress().ended_kind, FeedFailure::Kind::duplicate_entry);
  EXPECT_EQ(feed.progress().ended_by->code, "CDC:ErrMySQLDuplicateEntry");
  EXPECT_THAT(feed.progress().ended_by->message,
              StartsWith("Failed query info: COMMIT; ; : [CDC:ErrMySQLDuplicateEntry]MySQL "
                         "duplicate entry error: Error 1062 (23000): Duplicate entry '5' for key"));
  feed.stop();
  feed.start();
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west("app.u"), "2:5") << "REPLACE takes the other row with it";
}

TEST_F(NewSinkTest, T21_NewReplacesInSilence) {
  in_both("CREATE TABLE app.u (id INT PRIMARY KEY, v INT, UNIQUE KEY (v))");
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("INSERT INTO app.u VALUES (1,5)");
  east_->commit({"INSERT INTO app.u VALUES (2,5)"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west("app.u"), "2:5");
  EXPECT_FALSE(feed.progress().ended_by);
}

TEST_F(SinkTest, ReplaceGivesColumnsThatTheRowLacksTheirDefault) {
  RigFeed feed(*east_, *west_);
  feed.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'a')"});
  ASSERT_TRUE(feed.drained());
  feed.stop();
  east_->commit({"UPDATE app.t SET v='b' WHERE id=1"});
  west_->silently("ALTER TABLE app.t ADD COLUMN d INT DEFAULT 9");
  west_->silently("UPDATE app.t SET d=100");
  feed.start();
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(west_->value("SELECT CONCAT(v,d) FROM app.t"), "b9");
}

TEST_F(SinkTest, CutsWhatDoesNotFitWithoutAWord) {
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("ALTER TABLE app.t MODIFY COLUMN v VARCHAR(2)");
  east_->commit({"INSERT INTO app.t VALUES (1,'12345')"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "1:12");
  EXPECT_FALSE(feed.progress().ended_by);
}

TEST_F(SinkTest, StaysNormalUntilItsPatienceIsOver) {
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("ALTER TABLE app.t DROP COLUMN v");
  const std::uint64_t ts = east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  SystemClock().wait_for(Millis{500}, {});
  EXPECT_FALSE(feed.progress().ended_by);
  EXPECT_LT(feed.progress().checkpoint, ts);
  ASSERT_TRUE(eventually([&] { return feed.progress().ended_by.has_value(); }));
  EXPECT_EQ(feed.progress().ended_by->code, "CDC:ErrReachMaxTry");
  EXPECT_THAT(feed.progress().ended_by->message,
              HasSubstr("[CDC:ErrMySQLTxnError]MySQL txn error: Error 1054 (42S22): Unknown column "
                        "'v' in "));
}

TEST_F(NewSinkTest, TellsTheValuesOfRowsThatFail) {
  RigFeed feed(*east_, *west_);
  feed.start();
  west_->silently("ALTER TABLE app.t DROP COLUMN v");
  east_->commit({"INSERT INTO app.t VALUES (1,'secret')"});
  ASSERT_TRUE(eventually([&] { return feed.progress().ended_by.has_value(); }));
  EXPECT_EQ(feed.progress().ended_by->code, "CDC:ErrChangefeedRetryable");
  EXPECT_THAT(feed.progress().ended_by->message,
              StartsWith("[CDC:ErrReachMaxTry]reach maximum try: 8, error: Failed query info: "
                         "sqls: INSERT INTO `app`.`t` (`id`,`v`) VALUES (?,?);, values: [[1 "
                         "secret]], rowCount: 1, approximateSize: "));
  EXPECT_THAT(feed.progress().ended_by->message, HasSubstr("args:(1, secret); : Error 1054"));
}

TEST_F(SinkTest, SharesUpdatesExactly) {
  in_both(
      "CREATE TABLE app.m (id INT PRIMARY KEY, a BIGINT UNSIGNED, b VARBINARY(20), c JSON, "
      "d DATETIME(3), e ENUM('x','y'), f DECIMAL(20,5), g VARCHAR(20))");
  RigFeed feed(*east_, *west_);
  feed.start();
  std::string rows;
  for (int id = 0; id < 100; ++id)
    rows += (id == 0 ? "(" : ",(") + std::to_string(id) + ",1,'a','{}',now(3),'x',1,'t')";
  east_->commit({"INSERT INTO app.m VALUES " + rows});
  east_->commit(
      {"UPDATE app.m SET a=18446744073709551615-id, b=CONCAT(x'00ff27', id), c='[1,\"ü\"]', "
       "d='2024-02-29 23:59:59.999', e='y', f=-id/7, g=IF(id%3=0,NULL,CONCAT('ü',id,'\\'\\\\'))"});
  east_->commit({"UPDATE app.m SET g='plain' WHERE id BETWEEN 10 AND 50"});
  ASSERT_TRUE(feed.drained());
  const std::string sum =
      "SELECT MD5(GROUP_CONCAT(CONCAT_WS('|',id,a,HEX(b),c,d,e,f,HEX(g)) ORDER BY id)) FROM app.m";
  for (RigCluster* cluster : {east_.get(), west_.get()})
    cluster->sql("SET group_concat_max_len=1000000");
  EXPECT_EQ(west_->value(sum), east_->value(sum));
}

TEST_F(SinkTest, A5_ATransactionInFlightIsWrittenAfterTheStop) {
  RigFeed feed(*east_, *west_);
  feed.start();
  in_both("INSERT INTO app.t VALUES (1,'old')");
  const auto holder = west_->connect();
  holder->query("BEGIN", Millis{5000});
  holder->query("SELECT * FROM app.t WHERE id=1 FOR UPDATE", Millis{5000});
  east_->commit({"UPDATE app.t SET v='late' WHERE id=1"});
  SystemClock().wait_for(Millis{300}, {});
  feed.worker().request_stop();
  holder->query("ROLLBACK", Millis{5000});
  EXPECT_TRUE(eventually([&] { return rows_in_west() == "1:late"; }));
}

TEST_F(SinkTest, A5_APessimisticOneOfClassicIsBrokenOff) {
  RigFeed feed(*east_, *west_, "{}", "tidb-txn-mode=pessimistic");
  feed.start();
  in_both("INSERT INTO app.t VALUES (1,'old')");
  const auto holder = west_->connect();
  holder->query("BEGIN", Millis{5000});
  holder->query("SELECT * FROM app.t WHERE id=1 FOR UPDATE", Millis{5000});
  east_->commit({"UPDATE app.t SET v='late' WHERE id=1"});
  SystemClock().wait_for(Millis{300}, {});
  feed.stop();
  holder->query("ROLLBACK", Millis{5000});
  SystemClock().wait_for(Millis{200}, {});
  EXPECT_EQ(rows_in_west(), "1:old");
}

TEST_F(SinkTest, WritesTheSameWithoutBatchesAndScripts) {
  RigFeed feed(*east_, *west_, "{}",
               "batch-dml-enable=false&multi-stmt-enable=false&worker-count=1&max-txn-row=3&"
               "transaction-atomicity=table");
  feed.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e')"});
  east_->commit({"UPDATE app.t SET v=CONCAT(v,'!')", "DELETE FROM app.t WHERE id=3"});
  ASSERT_TRUE(feed.drained());
  EXPECT_EQ(rows_in_west(), "1:a!,2:b!,4:d!,5:e!");
}

TEST_F(SinkTest, GoesOnWhenItsUpstreamWasAway) {
  RigFeed feed(*east_, *west_);
  feed.start();
  east_->commit({"INSERT INTO app.t VALUES (1,'a')"});
  ASSERT_TRUE(feed.drained());
  east_->engine().restart();
  const auto again = east_->connect();
  EXPECT_TRUE(feed.drained());
}

}  // namespace
}  // namespace bdrmesh::lab
