// Timestamps of transactions and what is shown of them.
#include "lab/core/binlog_convention.h"
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/running.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Transactions : public ClusterTest {};

TEST_F(Transactions, S11_HaveACommitTimestampBetweenTwoOfTheOracle) {
  auto app = connect("app");
  EXPECT_EQ(app.one("SELECT @@tidb_last_txn_info"), "");
  app.run("BEGIN");
  const std::uint64_t start = std::stoull(app.one("SELECT @@tidb_current_ts"));
  EXPECT_EQ(std::stoull(app.one("SELECT TIDB_CURRENT_TSO()")), start);
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint64_t before = state().oracle.next();
  app.run("COMMIT");
  EXPECT_EQ(txn_info(app, "start_ts"), start);
  EXPECT_GT(txn_info(app, "commit_ts"), before);
  EXPECT_LT(txn_info(app, "commit_ts"), state().oracle.next());
  EXPECT_EQ(app.one("SELECT @@tidb_current_ts"), "0");
  EXPECT_THAT(app.one("SELECT @@tidb_last_txn_info"), HasSubstr("\"txn_scope\":\"global\""));
}

TEST_F(Transactions, S12_ThatOnlyReadLeaveTheLastInfoAlone) {
  auto app = connect("app");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::string info = app.one("SELECT @@tidb_last_txn_info");
  app.run("BEGIN");
  app.rows("SELECT * FROM " + table());
  app.run("COMMIT");
  EXPECT_EQ(app.one("SELECT @@tidb_last_txn_info"), info);
}

TEST_F(Transactions, S12_OfAnIdenticalReplaceCommitNothing) {
  auto app = connect("app");
  EXPECT_EQ(app.run("REPLACE INTO " + table() + " VALUES (1,1)"), 1);
  EXPECT_GT(txn_info(app, "commit_ts"), 0U);
  EXPECT_EQ(app.run("REPLACE INTO " + table() + " VALUES (1,1)"), 1);
  EXPECT_EQ(txn_info(app, "commit_ts"), 0U);
  EXPECT_EQ(app.run("REPLACE INTO " + table() + " VALUES (1,2)"), 2);
  EXPECT_GT(txn_info(app, "commit_ts"), 0U);
  app.run("INSERT INTO " + table() + " VALUES (1,2) ON DUPLICATE KEY UPDATE b=2");
  EXPECT_EQ(txn_info(app, "commit_ts"), 0U);
}

TEST_F(Transactions, S27_FailAtCommitWithASourceIdAboveEight) {
  auto app = connect("app");
  app.run("SET SESSION tidb_cdc_write_source = 9");
  EXPECT_EQ(app.error_of("INSERT INTO " + table() + " VALUES (1,1)"),
            "1105 HY000 value 9 is out of TiCDC write source range, should be in [1, 15]");
  app.run("SET SESSION tidb_cdc_write_source = 8");
  EXPECT_EQ(app.run("INSERT INTO " + table() + " VALUES (1,1)"), 1);
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(Transactions, S13_ShowThemselvesInClusterTidbTrx) {
  auto app = connect("app", 1);
  app.run("BEGIN");
  app.run("UPDATE " + table() + " SET b=1");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const auto rows = root().rows(
      "SELECT INSTANCE, STATE, MEM_BUFFER_KEYS, SESSION_ID, RELATED_TABLE_IDS, ID FROM "
      "information_schema.CLUSTER_TIDB_TRX WHERE USER = 'app'");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(
      rows[0][0],
      root().one("SELECT STATUS_ADDRESS FROM information_schema.cluster_info WHERE TYPE='tidb' AND "
                 "INSTANCE='" +
                 cluster().sql_address(1) + "'"));
  EXPECT_EQ(rows[0][1], "Idle");
  EXPECT_EQ(rows[0][3], std::to_string(app.id()));
  EXPECT_EQ(rows[0][4],
            root().one("SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE TABLE_SCHEMA='" +
                       schema_ + "' AND TABLE_NAME='t'"));
  EXPECT_EQ(rows[0][5], app.one("SELECT @@tidb_current_ts"));
  // The asking session is there as well; who lacks PROCESS sees only itself, without a word.
  EXPECT_EQ(
      root().one("SELECT COUNT(*) FROM information_schema.cluster_tidb_trx WHERE USER='root'"),
      "1");
  EXPECT_EQ(connect("app").one(
                "SELECT COUNT(*) FROM information_schema.cluster_tidb_trx WHERE USER='root'"),
            "0");
  app.run("ROLLBACK");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.cluster_tidb_trx WHERE USER='app'"),
            "0");
}

TEST_F(Transactions, S11_TakePositionsFromShowMasterStatus) {
  auto app = connect("app");
  const std::uint64_t first = std::stoull(app.rows("SHOW MASTER STATUS")[0][1]);
  EXPECT_GT(std::stoull(app.rows("SHOW MASTER STATUS")[0][1]), first);
  app.run("BEGIN");
  const std::string inside = app.rows("SHOW MASTER STATUS")[0][1];
  EXPECT_EQ(app.rows("SHOW MASTER STATUS")[0][1], inside);
  EXPECT_EQ(app.one("SELECT @@tidb_current_ts"), inside);
}

TEST_F(Transactions, S10_WithoutAutocommitBeginWithTheFirstTable) {
  auto app = connect("app");
  app.run("SET autocommit=0");
  EXPECT_EQ(app.one("SELECT TIDB_CURRENT_TSO()"), "0");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  EXPECT_NE(app.one("SELECT TIDB_CURRENT_TSO()"), "0");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
  app.run("SET autocommit=1");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(Transactions, S14_LeaveTheLedgerEmptyWhenTheClientVanishes) {
  for (int i = 0; i < 20; ++i) {
    auto app = connect("app");
    app.run("BEGIN");
    app.run("INSERT INTO " + table() + " VALUES (" + std::to_string(i) + ",1)");
    const std::uint64_t id = app.id();
    std::thread killer([&] { root().run("KILL " + std::to_string(id)); });
    app.error_of("COMMIT");
    killer.join();
  }
  const std::uint64_t now = state().oracle.next();
  EXPECT_TRUE(eventually([&] { return state().ledger.resolved() > now; }));
}

TEST_F(Transactions, CannotSeeOrTouchTheLabsOwnSchema) {
  auto app = connect("app");
  EXPECT_THAT(app.error_of("SELECT * FROM lab_meta.txn"), StartsWith("1049"));
  EXPECT_THAT(root().error_of("USE lab_meta"), StartsWith("1049"));
  for (const auto& row : root().rows("SHOW DATABASES")) EXPECT_NE(row[0], "lab_meta");
  EXPECT_EQ(
      root().one("SELECT COUNT(*) FROM information_schema.schemata WHERE SCHEMA_NAME LIKE 'lab%'"),
      "0");
  for (const auto& row : root().rows("SELECT User FROM mysql.user")) {
    EXPECT_THAT(row[0], testing::AnyOf("root", "app", "mesh"));
  }
}

/// As a real server: 9007 at COMMIT, which ends the transaction
/// (super-read-only-failed-commit.txt, last scene; but the other writer comes first).
TEST_F(Transactions, S10_OptimisticOnesFindTheirConflictAtCommit) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2)");
  auto app = connect("app");
  app.run("BEGIN OPTIMISTIC");
  root().run("UPDATE " + table() + " SET b=60 WHERE a=1");
  EXPECT_EQ(app.run("UPDATE " + table() + " SET b=50 WHERE a=1"), 1);
  const std::string error = app.error_of("COMMIT");
  EXPECT_THAT(error, StartsWith("9007 HY000 Write conflict, txnStartTS="));
  EXPECT_THAT(error, HasSubstr("reason=Optimistic [try again later]"));
  EXPECT_THAT(app.one("SELECT @@tidb_last_txn_info"), HasSubstr("\"commit_ts\":0"));
  app.run("INSERT INTO " + table() + " VALUES (9,9)");
  EXPECT_EQ(root().one("SELECT GROUP_CONCAT(b ORDER BY a) FROM " + table()), "60,2,9");
  app.run("SET tidb_txn_mode='optimistic'");
  app.run("BEGIN");
  root().run("UPDATE " + table() + " SET b=61 WHERE a=2");
  EXPECT_EQ(app.run("UPDATE " + table() + " SET b=50 WHERE a=1"), 1) << "another row";
  EXPECT_EQ(app.error_of("COMMIT"), "");
}

TEST_F(Transactions, S10_PessimisticOnesWaitForLocks) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  auto holder = connect("app");
  holder.run("BEGIN");
  holder.run("UPDATE " + table() + " SET b=9 WHERE a=1");
  auto app = connect("app");
  app.run("SET innodb_lock_wait_timeout=1");
  app.run("BEGIN");
  EXPECT_EQ(app.error_of("UPDATE " + table() + " SET b=8 WHERE a=1"),
            "1205 HY000 Lock wait timeout exceeded; try restarting transaction");
  EXPECT_NE(app.one("SELECT @@tidb_current_ts"), "0") << "the transaction goes on";
  Running waiting(connect("app", 1), "UPDATE " + table() + " SET b=7 WHERE a=1");
  EXPECT_TRUE(eventually([&] {
    return root().one("SELECT STATE FROM information_schema.cluster_tidb_trx WHERE SESSION_ID=" +
                      std::to_string(waiting.id())) == "LockWaiting";
  }));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.data_lock_waits"), "1");
  holder.run("ROLLBACK");
  EXPECT_EQ(waiting.wait(), "");
}

TEST_F(Transactions, S12_OfTheNewRuleOverwriteTheInfoWhenTheyOnlyRead) {
  // The rule belongs to the profile; what both have in common is tested here on this one: a failed
  // statement and a refused COMMIT leave it alone.
  auto app = connect("app");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::string info = app.one("SELECT @@tidb_last_txn_info");
  app.rows("SELECT * FROM " + table());
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (2,2)");
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_THAT(app.error_of("COMMIT"), StartsWith("1836"));
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  EXPECT_EQ(app.one("SELECT @@tidb_last_txn_info"), info);
}

class Commits : public ClusterTest {
 protected:
  std::string state_of(std::uint64_t id) {
    return root().one("SELECT STATE FROM information_schema.cluster_tidb_trx WHERE SESSION_ID=" +
                      std::to_string(id));
  }
  /// A COMMIT of one written row that stands still.
  std::unique_ptr<Running> held(std::size_t server = 0) {
    state().faults.hold_commits(Faults::CommitHold{Millis{60'000}});
    auto app = connect("app", server);
    app.run("BEGIN");
    app.run("INSERT INTO " + table() + " VALUES (1,1)");
    auto commit = std::make_unique<Running>(std::move(app), "COMMIT");
    EXPECT_TRUE(eventually([&] { return state_of(commit->id()) == "Committing"; }));
    return commit;
  }
  std::string count() { return root().one("SELECT COUNT(*) FROM " + table()); }
};

TEST_F(Commits, S27_HeldOnesAreCommittingAndHoldTheResolvedPositionBack) {
  const auto commit = held();
  root().run("SET GLOBAL tidb_super_read_only = ON");
  const std::uint64_t fence = state().oracle.next();
  EXPECT_LT(state().ledger.resolved(), fence) << "its commit timestamp lies below the fence";
  EXPECT_EQ(count(), "0");
  state().faults.hold_commits(std::nullopt);
  EXPECT_EQ(commit->wait(), "") << "past the gate's check";
  EXPECT_LT(txn_info(commit->client(), "commit_ts"), fence);
  EXPECT_EQ(count(), "1");
  EXPECT_GT(state().ledger.resolved(), fence);
}

TEST_F(Commits, S27_HeldOnesCanTakeTheirTimestampAfterTheFence) {
  state().faults.hold_commits(Faults::CommitHold{Millis{60'000}, false});
  auto app = connect("app");
  Running write(std::move(app), "INSERT INTO " + table() + " VALUES (1,1)");
  ASSERT_TRUE(eventually([&] { return state_of(write.id()) == "Committing"; }));
  const std::uint64_t fence = state().oracle.next();
  EXPECT_GT(state().ledger.resolved(), fence);
  state().faults.hold_commits(std::nullopt);
  EXPECT_EQ(write.wait(), "");
  EXPECT_GT(txn_info(write.client(), "commit_ts"), fence);
}

/// real-9.0dev-kill-in-commit.txt: 1317 or the lost connection, and not committed.
TEST_F(Commits, S14_KilledOnesAreRolledBack) {
  auto commit = held();
  root().run("KILL QUERY " + std::to_string(commit->id()));
  EXPECT_EQ(commit->wait(), "1317 70100 Query execution was interrupted");
  EXPECT_EQ(count(), "0");
  EXPECT_EQ(commit->client().one("SELECT @@tidb_current_ts"), "0");
  commit = held(1);
  root().run("KILL " + std::to_string(commit->id()));
  EXPECT_THAT(commit->wait(), StartsWith("2013"));
  EXPECT_TRUE(eventually([&] { return state_of(commit->id()).empty(); }));
  state().faults.hold_commits(std::nullopt);
  EXPECT_EQ(count(), "0");
}

TEST_F(Commits, S14_KilledOnesCommitNeverthelessWhenToldSo) {
  state().faults.set_killed_commits_succeed(true);
  const auto commit = held();
  root().run("KILL " + std::to_string(commit->id()));
  EXPECT_THAT(commit->wait(), StartsWith("2013"));
  EXPECT_TRUE(eventually([&] { return count() == "1"; }));
}

TEST_F(Commits, S27_TheirOutcomeCanBeUnknown) {
  const auto lost = [&](const std::string& key, bool committed) {
    state().faults.lose_next_commits(1, committed);
    auto app = connect("app");
    app.run("BEGIN");
    app.run("INSERT INTO " + table() + " VALUES (" + key + ",1)");
    EXPECT_THAT(app.error_of("COMMIT"), StartsWith("2013"));
    return root().one("SELECT COUNT(*) FROM " + table() + " WHERE a=" + key);
  };
  EXPECT_EQ(lost("1", true), "1");
  EXPECT_EQ(lost("2", false), "0");
  const std::uint64_t now = state().oracle.next();
  EXPECT_GT(state().ledger.resolved(), now);
}

class SessionLimits : public ClusterTest {};

/// real-9.0dev-kill.txt, "statement limit" and "idle and lock limits".
TEST_F(SessionLimits, S24_EndIdleTransactionsAndLongReads) {
  auto app = connect("app");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  app.run("SET max_execution_time=300");
  EXPECT_EQ(
      app.error_of("SELECT COUNT(*) FROM " + table() + " t1 WHERE SLEEP(3)=0"),
      "3024 HY000 Query execution was interrupted, maximum statement execution time exceeded");
  EXPECT_EQ(app.error_of("UPDATE " + table() + " SET b=b+SLEEP(0.5)"), "") << "not a read";
  app.run("SET tidb_idle_transaction_timeout=1");
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (90,1)");
  const std::uint64_t id = std::stoull(app.one("SELECT CONNECTION_ID()"));
  EXPECT_TRUE(eventually([&] {
    return root().one("SELECT COUNT(*) FROM information_schema.processlist WHERE ID=" +
                      std::to_string(id)) == "0";
  }));
  EXPECT_THAT(app.error_of("SELECT 1"), testing::AnyOf(StartsWith("2013"), StartsWith("2006")));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table() + " WHERE a=90"), "0");
}

TEST_F(SessionLimits, S14_OwnConnectionIsKilledByItsFunctionToo) {
  auto app = connect("app");
  EXPECT_THAT(app.error_of("KILL QUERY CONNECTION_ID()"), StartsWith("1064 42000"));
  EXPECT_EQ(app.one("SELECT 1"), "1");
  EXPECT_THAT(app.error_of("KILL CONNECTION_ID()"), StartsWith("2013"));
}

class ClusterQueries : public ClusterTest {};

TEST_F(ClusterQueries, S13_MissTheRowsOfAServerThatDoesNotAnswer) {
  auto app = connect("app", 1);
  app.run("BEGIN");
  const std::string asked =
      "SELECT COUNT(*) FROM information_schema.cluster_tidb_trx WHERE USER='app'";
  EXPECT_EQ(root().one(asked), "1");
  state().faults.silence(1, Faults::Silence::missing);
  EXPECT_EQ(root().one(asked), "0");
  EXPECT_EQ(root().rows("SHOW WARNINGS").at(0).at(1), "9002");
  EXPECT_EQ(app.one(asked), "1") << "it knows its own";
  state().faults.silence(1, Faults::Silence::hangs);
  EXPECT_THROW(connect("root", 0, 1).rows(asked), sql::SQLException);
  state().faults.silence(1, Faults::Silence::none);
  EXPECT_EQ(root().one(asked), "1");
}

/// error-1105-tidb-trx-8.5.txt
TEST_F(ClusterQueries, S13_FailNowAndThen) {
  state().faults.fail_next_trx_queries(1);
  EXPECT_EQ(root().error_of("SELECT * FROM information_schema.tidb_trx"),
            "1105 HY000 transaction future is not set");
  EXPECT_EQ(root().error_of("SELECT * FROM information_schema.tidb_trx"), "");
}

TEST_F(ClusterQueries, S27_TimestampsJumpAndStillGrow) {
  const std::uint64_t before = std::stoull(root().rows("SHOW MASTER STATUS")[0][1]);
  state().oracle.set_offset(Millis{3'600'000});
  const std::uint64_t ahead = std::stoull(root().rows("SHOW MASTER STATUS")[0][1]);
  EXPECT_GE((ahead >> 18U) - (before >> 18U), 3'600'000U);
  state().oracle.set_offset(Millis{0});
  EXPECT_GT(std::stoull(root().rows("SHOW MASTER STATUS")[0][1]), ahead);
}

}  // namespace
}  // namespace bdrmesh::lab
