// DDL as jobs, roles, and what can be done to them.
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Ddl : public ClusterTest {
 protected:
  /// STATE of the newest job whose text holds `tag`; "" when there is none.
  static std::string state_of(TestClient& client, const std::string& tag) {
    return client.one("SELECT STATE FROM information_schema.ddl_jobs WHERE QUERY LIKE '%" + tag +
                      "%' ORDER BY JOB_ID DESC LIMIT 1");
  }
};

TEST_F(Ddl, S06_BecomesAJobThatKeepsItsCommentAndStamp) {
  root().run("ADMIN SET BDR ROLE PRIMARY");
  root().run("ALTER TABLE " + table() + " ADD COLUMN c INT /* tag:one */");
  const auto rows = root().rows("ADMIN SHOW DDL JOBS 1 WHERE DB_NAME='" + schema_ + "'");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(root().columns(),
              testing::ElementsAre("JOB_ID", "DB_NAME", "TABLE_NAME", "JOB_TYPE", "SCHEMA_STATE",
                                   "SCHEMA_ID", "TABLE_ID", "ROW_COUNT", "CREATE_TIME",
                                   "START_TIME", "END_TIME", "STATE", "COMMENTS"));
  EXPECT_EQ(rows[0][3], "add column");
  EXPECT_EQ(rows[0][4], "public");
  EXPECT_EQ(rows[0][11], "synced");
  EXPECT_THAT(root().one("ADMIN SHOW DDL JOB QUERIES " + rows[0][0]), HasSubstr("/* tag:one */"));
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOB QUERIES LIMIT 1")[0][0], rows[0][0]);
  const auto job = state().jobs.find(std::stoll(rows[0][0]));
  ASSERT_TRUE(job.has_value());
  EXPECT_EQ(job->bdr_role, "primary");
  EXPECT_GT(job->finished_ts, job->start_ts);
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.ddl_jobs WHERE JOB_ID=" +
                       rows[0][0] + " AND STATE='synced'"),
            "1");
}

TEST_F(Ddl, S06_IsRefusedByRoleWithTidbsWords) {
  root().run("ADMIN SET BDR ROLE SECONDARY");
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " ADD COLUMN c INT"),
            "8263 HY000 The operation is not allowed while the bdr role of this cluster is set to "
            "secondary.");
  EXPECT_THAT(root().error_of("ALTER TABLE " + schema_ + ".nix ADD COLUMN c INT"),
              StartsWith("1146 42S02"));
  auto sink = connect("mesh");
  sink.run("SET SESSION tidb_cdc_write_source = 1");
  EXPECT_EQ(sink.error_of("ALTER TABLE " + table() + " ADD COLUMN c INT"), "");
  root().run("ADMIN SET BDR ROLE PRIMARY");
  EXPECT_THAT(root().error_of("DROP TABLE " + table()), StartsWith("8263"));
  EXPECT_THAT(root().error_of("ALTER TABLE " + table() + " MODIFY COLUMN b BIGINT"),
              StartsWith("8263"));
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " MODIFY COLUMN b INT DEFAULT 5"), "");
  root().run("ADMIN UNSET BDR ROLE");
  EXPECT_EQ(root().error_of("DROP TABLE " + table()), "");
}

TEST_F(Ddl, S05_RoleIsWrittenInTheSessionsTransaction) {
  auto a = connect("root");
  a.run("BEGIN");
  a.run("ADMIN SET BDR ROLE PRIMARY");
  EXPECT_EQ(a.one("ADMIN SHOW BDR ROLE"), "");
  EXPECT_EQ(root().one("ADMIN SHOW BDR ROLE"), "");
  a.run("COMMIT");
  EXPECT_EQ(root().one("ADMIN SHOW BDR ROLE"), "primary");
  a.run("BEGIN");
  a.run("ADMIN UNSET BDR ROLE");
  a.run("ROLLBACK");
  EXPECT_EQ(root().one("ADMIN SHOW BDR ROLE"), "primary");
  a.run("BEGIN");
  a.run("ADMIN SET BDR ROLE SECONDARY");
  EXPECT_THAT(a.error_of("CREATE TABLE " + schema_ + ".x (a INT)"), StartsWith("8263"));
  EXPECT_EQ(root().one("ADMIN SHOW BDR ROLE"), "secondary");
  EXPECT_THAT(a.error_of("ADMIN SET BDR ROLE none"), StartsWith("1064"));
  EXPECT_EQ(connect("app").error_of("ADMIN SHOW BDR ROLE"),
            "8121 HY000 privilege check for 'Super' fail");
}

TEST_F(Ddl, S06_CommitsTheOpenTransactionFirst) {
  auto app = connect("app");
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  EXPECT_THAT(app.error_of("ALTER TABLE " + schema_ + ".nix ADD COLUMN c INT"), StartsWith("1146"));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(Ddl, S27_FailsOnCommandAndIsSlowOnCommand) {
  state().faults.fail_next_ddl("tag:four", 1, {1105, "injected"});
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " ADD COLUMN c INT /* tag:four */"),
            "1105 HY000 injected");
  EXPECT_EQ(state_of(root(), "tag:four"), "cancelled");
  state().faults.set_ddl_delay(Millis{300});
  std::thread writer(
      [&] { connect("root").run("ALTER TABLE " + table() + " ADD COLUMN c INT /* tag:five */"); });
  EXPECT_TRUE(eventually([&] { return state_of(root(), "tag:five") == "queueing"; }));
  writer.join();
  EXPECT_EQ(state_of(root(), "tag:five"), "synced");
}

TEST_F(Ddl, S06_ThatWasRefusedMakesNoJob) {
  root().error_of("ALTER TABLE " + table() + " ADD COLUMN b INT /* tag:six */");
  root().error_of("CREATE TABLE " + table() + " (a INT) /* tag:six */");
  EXPECT_EQ(state_of(root(), "tag:six"), "");
}

TEST_F(Ddl, AcceptsTidbsWordsAndShowsThem) {
  root().run("CREATE TABLE " + schema_ +
             ".c (id BIGINT PRIMARY KEY /*T![clustered_index] CLUSTERED */, n INT DEFAULT 5, d "
             "DATETIME) TTL=`d` + INTERVAL 1 "
             "DAY SHARD_ROW_ID_BITS=0");
  EXPECT_EQ(
      root().rows("SHOW CREATE TABLE " + schema_ + ".c")[0][1],
      "CREATE TABLE `c` (\n  `id` bigint NOT NULL,\n  `n` int DEFAULT '5',\n  `d` datetime DEFAULT "
      "NULL,\n  PRIMARY "
      "KEY (`id`) /*T![clustered_index] CLUSTERED */\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
      "COLLATE=utf8mb4_bin /*T![ttl] TTL=`d` + INTERVAL 1 DAY */ /*T![ttl] TTL_ENABLE='ON' */ "
      "/*T![ttl] TTL_JOB_INTERVAL='1h' */");
  EXPECT_EQ(root().one("SELECT TIDB_PK_TYPE FROM information_schema.tables WHERE TABLE_SCHEMA='" +
                       schema_ + "' AND TABLE_NAME='c'"),
            "CLUSTERED");
  EXPECT_THAT(root().error_of("ALTER TABLE " + table() + " DROP PRIMARY KEY"), StartsWith("8200"));
  EXPECT_THAT(root().error_of("ALTER TABLE " + table() + " ADD COLUMN u INT UNIQUE"),
              StartsWith("8200 HY000 unsupported add column 'u' constraint UNIQUE KEY"));
  EXPECT_THAT(root().error_of("CREATE OR REPLACE TABLE " + schema_ + ".c (a INT)"),
              StartsWith("1064"));
}

}  // namespace
}  // namespace bdrmesh::lab
