#include <gtest/gtest.h>

#include "base/error.h"
#include "clients/tidb/answers.h"
#include "clients/tidb/sql_backup_client.h"
#include "unit/clients/data_files.h"

namespace bdrmesh {
namespace {

using test::read_data;
using test::tables_in;

std::vector<DdlJob> jobs_in(const std::string& file) {
  return read_ddl_jobs(tables_in(read_data(file)).at(0));
}

SqlRows one_cell(const std::string& column, const std::string& value) {
  return {{column}, {{value}}};
}

SqlRows one_backup(const std::optional<std::string>& finished) {
  return {{"Id", "Destination", "State", "Progress", "Queue_time", "Execution_time", "Finish_time",
           "Connection", "Message"},
          {{"1", "local:///b", "Backup", "12.5", "2026-11-21 09:00:00", "2026-11-21 09:00:00",
            finished, "77", "boom"}}};
}

TEST(BackupTasks, RunUntilTheyHaveAFinishTime) {
  // 4.0 shows NULL, later versions a zero date.
  for (const std::optional<std::string>& none :
       {std::optional<std::string>(), std::optional<std::string>(""),
        std::optional<std::string>("0000-00-00 00:00:00")}) {
    const auto task = backup_task_in(one_backup(none), 77);
    ASSERT_TRUE(task.has_value());
    EXPECT_FALSE(task->ended) << none.value_or("NULL");
    EXPECT_EQ(task->failure, "");
    EXPECT_EQ(task->percent, 12.5);
  }
  const auto ended = backup_task_in(one_backup("2026-11-21 10:00:00"), 77);
  ASSERT_TRUE(ended.has_value());
  EXPECT_TRUE(ended->ended);
  EXPECT_EQ(ended->failure, "boom");
  EXPECT_EQ(backup_task_in(one_backup("2026-11-21 10:00:00"), 78), std::nullopt);
}

TEST(DdlJobs, OfElevenColumnsAreRead) {
  const auto jobs = jobs_in("tidb/admin-show-ddl-jobs-5.4.txt");
  ASSERT_GE(jobs.size(), 8U);
  EXPECT_EQ(jobs[0].id, 59);
  EXPECT_EQ(jobs[0].state, "running");
  EXPECT_EQ(jobs[0].schema_state, "write reorganization");
  EXPECT_EQ(jobs[1].state, "none");
  EXPECT_FALSE(jobs[1].ended());
  EXPECT_TRUE(jobs[2].final_success());
}

TEST(DdlJobs, OfTwelveColumnsAreRead) {
  const auto jobs = jobs_in("tidb/admin-show-ddl-jobs-6.6-ingest.txt");
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].type, "add index /* ingest */");
  EXPECT_EQ(jobs[0].state, "synced");
}

TEST(DdlJobs, OfThirteenColumnsAreReadWithoutTheirSubJobs) {
  const auto jobs = jobs_in("tidb/admin-show-ddl-jobs-8.5.txt");
  int of_564 = 0;
  for (const DdlJob& job : jobs) {
    EXPECT_EQ(job.type.find("subjob"), std::string::npos);
    if (job.id == 564) ++of_564;
  }
  EXPECT_EQ(of_564, 1);
  EXPECT_EQ(jobs.at(1).state, "queueing");
}

TEST(DdlJobs, KeepTheStatementWithItsTag) {
  int tagged = 0;
  for (const SqlRows& table : tables_in(read_data("tidb/real-9.0dev-ddl-jobs.txt"))) {
    if (!table.has_column("QUERY") || !table.has_column("DB_NAME")) continue;
    for (const DdlJob& job : read_ddl_jobs(table)) {
      EXPECT_GT(job.id, 0);
      if (job.query.find("bdrmesh:") != std::string::npos) ++tagged;
    }
  }
  EXPECT_GE(tagged, 5);
}

TEST(DdlJobs, WithoutANumberAreRefused) {
  SqlRows rows{{"JOB_ID", "DB_NAME", "TABLE_NAME", "JOB_TYPE", "SCHEMA_STATE", "STATE"},
               {{"x", "a", "b", "c", "d", "e"}}};
  EXPECT_THROW(read_ddl_jobs(rows), Error);
  rows.columns[0] = "ID";
  EXPECT_THROW(read_ddl_jobs(rows), Error);
}

TEST(Transactions, OfARunningWriteNameTheirTables) {
  const SqlRows rows{{"INSTANCE", "ID", "START_TIME", "CURRENT_SQL_DIGEST_TEXT", "STATE",
                      "MEM_BUFFER_KEYS", "SESSION_ID", "USER", "RELATED_TABLE_IDS"},
                     {{"10.0.1.4:10080", "470615219141083136", "2026-11-21 09:49:49", std::nullopt,
                       "Idle", "0", "18446744073709551615", "app", "6208,4611686018427387914"}}};
  const auto open = read_transactions(rows);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].start_ts, Tso(470615219141083136));
  EXPECT_EQ(open[0].session_id, 18446744073709551615U);
  EXPECT_EQ(open[0].statement, "");
  EXPECT_EQ(open[0].related_tables, (std::vector<std::int64_t>{6208, 4611686018427387914}));
}

TEST(Transactions, WithoutTablesHaveNone) {
  EXPECT_TRUE(read_table_ids("").empty());
  EXPECT_EQ(read_table_ids("1,,x,2"), (std::vector<std::int64_t>{1, 2}));
}

TEST(ReleaseVersion, StandsInEveryRecordedAnswer) {
  for (const auto& [file, version] :
       std::vector<std::pair<std::string, std::string>>{{"tidb-version-5.0.0.txt", "v5.0.0"},
                                                        {"tidb-version-7.5.1.txt", "v7.5.1"},
                                                        {"tidb-version-8.1.2.txt", "v8.1.2"},
                                                        {"tidb-version-8.5.8.txt", "v8.5.8"}}) {
    EXPECT_EQ(release_version_in(read_data("tidb/" + file)), version) << file;
  }
  EXPECT_TRUE(release_version_in(read_data("tidb/tidb-version-6.0-alpha.txt")).has_value());
  EXPECT_EQ(release_version_in("Edition: Community"), std::nullopt);
  EXPECT_EQ(release_version_in("Release Version:\nx"), std::nullopt);
}

TEST(LastTransaction, KeepsAllBitsOfTheRecordedValues) {
  int read = 0;
  for (const SqlRows& table : tables_in(read_data("tidb/real-9.0dev-last-txn-info.txt"))) {
    if (!table.has_column("@@tidb_last_txn_info") || table.text(0, std::size_t{0}).empty())
      continue;
    const LastTransaction last = read_last_transaction(table.text(0, std::size_t{0}));
    EXPECT_TRUE(last.start_ts.is_set());
    ++read;
  }
  EXPECT_GE(read, 3);
  const LastTransaction last =
      read_last_transaction(R"({"start_ts":470615239581237249,"commit_ts":18446744073709551615})");
  EXPECT_EQ(last.start_ts, Tso(470615239581237249));
  EXPECT_EQ(last.commit_ts, Tso(18446744073709551615U));
}

TEST(LastTransaction, IsRefusedWhenItIsNoPairOfIntegers) {
  for (const char* text :
       {"", "[]", "{}", R"({"start_ts":1})", R"({"start_ts":1,"commit_ts":-1})",
        R"({"start_ts":1.5,"commit_ts":2})", R"({"start_ts":"1","commit_ts":2})"}) {
    EXPECT_THROW(read_last_transaction(text), Error) << text;
  }
}

TEST(BdrRoleAnswer, IsReadFromRecordedTables) {
  EXPECT_EQ(read_bdr_role(tables_in(read_data("tidb/admin-show-bdr-role-primary-8.5.txt")).at(0)),
            BdrRole::primary);
  EXPECT_EQ(read_bdr_role(tables_in(read_data("tidb/admin-show-bdr-role-unset-7.6.txt")).at(0)),
            BdrRole::none);
}

TEST(BdrRoleAnswer, OfSeveralRowsCountsWhenTheyAreEqual) {
  EXPECT_EQ(read_bdr_role({{"BDR_ROLE"}, {{"secondary"}, {"secondary"}}}), BdrRole::secondary);
  EXPECT_EQ(read_bdr_role({{"BDR_ROLE"}, {{"secondary"}, {"primary"}}}), std::nullopt);
  EXPECT_EQ(read_bdr_role(one_cell("BDR_ROLE", "local_only")), std::nullopt);
  EXPECT_THROW(read_bdr_role({{"BDR_ROLE"}, {}}), Error);
}

TEST(Switch, IsOnOrOffOrRefused) {
  EXPECT_TRUE(read_switch("1"));
  EXPECT_TRUE(read_switch("ON"));
  EXPECT_FALSE(read_switch("0"));
  EXPECT_FALSE(read_switch("OFF"));
  EXPECT_THROW(read_switch(""), Error);
}

TEST(Token, WithBrokenTextIsRefusedByName) {
  const SqlRows rows{{"manager", "epoch", "gates", "remembered", "updated_at"},
                     {{"m", "7", "[", "{}", "now"}}};
  try {
    read_token(rows);
    FAIL() << "a broken token was read";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "TOKEN_UNREADABLE");
  }
}

}  // namespace
}  // namespace bdrmesh
