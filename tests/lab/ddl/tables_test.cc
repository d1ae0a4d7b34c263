// The rows in which jobs are shown: sub-jobs, stamps, times, texts.
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DdlTables : public ClusterTest {
 protected:
  std::string newest(const std::string& expression) {
    return root().one("SELECT " + expression + " FROM mysql.tidb_ddl_history WHERE db_name='" +
                      schema_ + "' ORDER BY job_id DESC LIMIT 1");
  }
  static std::string meta(const std::string& path) {
    return "JSON_UNQUOTE(JSON_EXTRACT(CONVERT(job_meta USING utf8mb4),'$." + path + "'))";
  }
};

/// real-9.0dev-ddl-jobs.txt "sub-jobs", ddl-jobs-multi-schema-change-subjobs.txt
TEST_F(DdlTables, S06_AMultiSchemaChangeHasRowsOfItsSubJobs) {
  root().run("ALTER TABLE " + table() + " ADD COLUMN s1 INT, ADD COLUMN s2 INT, ADD INDEX si(b)");
  const auto rows = root().rows("ADMIN SHOW DDL JOBS 1");
  ASSERT_EQ(rows.size(), 4U);
  for (const auto& row : rows) EXPECT_EQ(row[0], rows[0][0]);
  EXPECT_EQ(rows[0][3], "alter table multi-schema change");
  EXPECT_EQ(rows[0][4], "none");
  EXPECT_EQ(rows[0][11], "synced");
  EXPECT_EQ(rows[1][3], "add column /* subjob */");
  EXPECT_EQ(rows[3][3], "add index /* subjob */");
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(rows[i][4], "public");
    EXPECT_EQ(rows[i][11], "done");
  }
  EXPECT_EQ(
      root().one("SELECT COUNT(*) FROM information_schema.ddl_jobs WHERE JOB_ID=" + rows[0][0]),
      "4");
}

/// real-9.0dev-bdr-role-job-stamp.txt
TEST_F(DdlTables, S06_HistoryTellsWhatTicdcDecidesOn) {
  root().run("ADMIN SET BDR ROLE PRIMARY");
  const std::uint64_t before = std::stoull(root().rows("SHOW MASTER STATUS")[0][1]);
  root().run("ALTER TABLE " + table() + " ADD COLUMN c INT");
  const std::uint64_t after = std::stoull(root().rows("SHOW MASTER STATUS")[0][1]);
  EXPECT_EQ(newest(meta("bdr_role")), "primary");
  EXPECT_EQ(newest(meta("cdc_write_source")), "0");
  EXPECT_EQ(newest(meta("query")), "ALTER TABLE " + table() + " ADD COLUMN c INT");
  EXPECT_EQ(newest(meta("trace_info.connection_id")), std::to_string(root().id()));
  EXPECT_EQ(newest(meta("state")), "6");
  EXPECT_EQ(newest("table_name"), "t");
  const std::uint64_t finished = std::stoull(newest(meta("binlog.FinishedTS")));
  EXPECT_GT(finished, before);
  EXPECT_LT(finished, after);
  EXPECT_LT(std::stoull(newest(meta("start_ts"))), finished);
  EXPECT_THAT(root().one("SELECT @@tidb_last_ddl_info"),
              HasSubstr("\"seq_num\":" + newest(meta("seq_num"))));
  root().run("ADMIN UNSET BDR ROLE");
  root().run("ALTER TABLE " + table() + " DROP COLUMN c");
  EXPECT_EQ(newest(meta("bdr_role")), "");
}

TEST_F(DdlTables, S07_TimesAreInTheSessionsTimeZone) {
  const std::string sql =
      "SELECT UNIX_TIMESTAMP(END_TIME) FROM information_schema.ddl_jobs WHERE "
      "DB_NAME='" +
      schema_ + "' ORDER BY JOB_ID DESC LIMIT 1";
  const std::string utc = root().one(sql);
  const std::string text = root().rows("ADMIN SHOW DDL JOBS 1")[0][10];
  root().run("SET time_zone='+05:30'");
  EXPECT_EQ(root().one(sql), utc);
  EXPECT_NE(root().rows("ADMIN SHOW DDL JOBS 1")[0][10], text);
  EXPECT_THAT(text, testing::MatchesRegex("....-..-.. ..:..:..\\.......")) << "microseconds";
}

/// real-9.0dev-ddl-jobs.txt "where comments survive"
TEST_F(DdlTables, S07_TextsAreKeptAsTheyWereTyped) {
  const auto shown = [&](const std::string& sql) {
    root().run(sql);
    return root().rows("ADMIN SHOW DDL JOB QUERIES LIMIT 1")[0][1];
  };
  const std::string alter = "alter table " + table() + " add column ";
  for (const std::string& sql :
       {"/* front */ " + alter + "n1 int", alter + "n2 int /* end */", alter + "n3 int -- dashes",
        alter + "n4 int # hash", alter + "n5 int;", "  " + alter + "`n6` int  ;",
        "alter table " + table() + " comment 'grüße 中文 😀'"}) {
    EXPECT_EQ(shown(sql), sql);
  }
  EXPECT_EQ(shown(alter + "n7 int; "), alter + "n7 int;");
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOB QUERIES LIMIT 2 OFFSET 1").size(), 2U);
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOB QUERIES LIMIT 1, 1")[0][1],
            "alter table " + table() + " comment 'grüße 中文 😀'");
}

TEST_F(DdlTables, S07_RenameAndTruncateKeepTheOldIdInTheJob) {
  const std::string id = root().one(
      "SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE TABLE_SCHEMA='" + schema_ + "'");
  root().run("TRUNCATE TABLE " + table());
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOBS 1")[0][6], id);
  EXPECT_NE(root().one("SELECT TIDB_TABLE_ID FROM information_schema.tables WHERE TABLE_SCHEMA='" +
                       schema_ + "'"),
            id);
}

TEST_F(DdlTables, S06_NoOpStatementsMakeNoJob) {
  const auto count = [&] {
    return root().one("SELECT MAX(JOB_ID) FROM information_schema.ddl_jobs");
  };
  const std::string before = count();
  root().run("ADMIN SET BDR ROLE SECONDARY");
  EXPECT_EQ(root().error_of("CREATE TABLE IF NOT EXISTS " + table() + " (x INT)"), "");
  EXPECT_EQ(root().error_of("DROP TABLE IF EXISTS " + schema_ + ".nix"), "");
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " ENGINE=InnoDB"), "");
  EXPECT_THAT(root().error_of("ALTER TABLE " + table() + " ADD COLUMN b INT"),
              testing::StartsWith("1060 42S21"));
  EXPECT_EQ(count(), before);
}

TEST_F(DdlTables, S07_HideJobsOfSchemasWithoutAPrivilege) {
  root().run("CREATE USER IF NOT EXISTS nobody IDENTIFIED BY 'n'");
  const std::string asked =
      "SELECT COUNT(*)>0 FROM information_schema.ddl_jobs WHERE DB_NAME='" + schema_ + "'";
  EXPECT_EQ(root().one(asked), "1");
  EXPECT_EQ(connect("nobody").one(asked), "0") << "without a word";
  root().run("GRANT SELECT ON " + schema_ + ".* TO nobody");
  EXPECT_EQ(connect("nobody").one(asked), "1");
}

}  // namespace
}  // namespace bdrmesh::lab
