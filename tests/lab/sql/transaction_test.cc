// Timestamps of transactions and what is shown of them.
#include "lab/core/binlog_convention.h"
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Transactions : public ClusterTest {};

TEST_F(Transactions, HaveACommitTimestampBetweenTwoOfTheOracle) {
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

TEST_F(Transactions, ThatOnlyReadLeaveTheLastInfoAlone) {
  auto app = connect("app");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::string info = app.one("SELECT @@tidb_last_txn_info");
  app.run("BEGIN");
  app.rows("SELECT * FROM " + table());
  app.run("COMMIT");
  EXPECT_EQ(app.one("SELECT @@tidb_last_txn_info"), info);
}

TEST_F(Transactions, OfAnIdenticalReplaceCommitNothing) {
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

TEST_F(Transactions, FailAtCommitWithASourceIdAboveEight) {
  auto app = connect("app");
  app.run("SET SESSION tidb_cdc_write_source = 9");
  EXPECT_EQ(app.error_of("INSERT INTO " + table() + " VALUES (1,1)"),
            "1105 HY000 value 9 is out of TiCDC write source range, should be in [1, 15]");
  app.run("SET SESSION tidb_cdc_write_source = 8");
  EXPECT_EQ(app.run("INSERT INTO " + table() + " VALUES (1,1)"), 1);
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(Transactions, ShowThemselvesInClusterTidbTrx) {
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

TEST_F(Transactions, TakePositionsFromShowMasterStatus) {
  auto app = connect("app");
  const std::uint64_t first = std::stoull(app.rows("SHOW MASTER STATUS")[0][1]);
  EXPECT_GT(std::stoull(app.rows("SHOW MASTER STATUS")[0][1]), first);
  app.run("BEGIN");
  const std::string inside = app.rows("SHOW MASTER STATUS")[0][1];
  EXPECT_EQ(app.rows("SHOW MASTER STATUS")[0][1], inside);
  EXPECT_EQ(app.one("SELECT @@tidb_current_ts"), inside);
}

TEST_F(Transactions, WithoutAutocommitBeginWithTheFirstTable) {
  auto app = connect("app");
  app.run("SET autocommit=0");
  EXPECT_EQ(app.one("SELECT TIDB_CURRENT_TSO()"), "0");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  EXPECT_NE(app.one("SELECT TIDB_CURRENT_TSO()"), "0");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
  app.run("SET autocommit=1");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(Transactions, LeaveTheLedgerEmptyWhenTheClientVanishes) {
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

}  // namespace
}  // namespace bdrmesh::lab
