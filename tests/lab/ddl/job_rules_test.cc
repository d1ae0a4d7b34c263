// What a job goes through and what administrators can do to it, without a server.
#include <gmock/gmock.h>

#include "lab/ddl/job_control.h"
#include "lab/ddl/job_meta.h"
#include "lab/ddl/job_plan.h"
#include "lab/ddl/job_tables.h"
#include "lab/ddl/metadata_locks.h"
#include "lab/parse/statement_digest.h"

namespace bdrmesh::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DdlStatement parsed(const std::string& sql) {
  static std::vector<std::string> kept;
  kept.push_back(sql);
  return parse_ddl(classify(std::move(split_statements(kept.back()).front())));
}

DdlJob job_in(JobState state, const std::string& type = "add column",
              const std::string& schema_state = "write only") {
  DdlJob job;
  job.id = 7;
  job.type = type;
  job.state = state;
  job.schema_state = schema_state;
  return job;
}

std::string answer(JobOrder order, const DdlJob& job, bool terse = false) {
  return obey_order(order, job.id, &job, terse).result;
}

TEST(JobPlans, GoThroughTheStatesOfTheirKind) {
  const JobPlan add = plan_job(parsed("ALTER TABLE t ADD COLUMN c INT"), "", {});
  EXPECT_THAT(add.states, ElementsAre("delete only", "write only", "write reorganization"));
  EXPECT_FALSE(add.reorganizes);
  EXPECT_EQ(add.last_state, "public");
  const JobPlan drop = plan_job(parsed("ALTER TABLE t DROP COLUMN c"), "", {});
  EXPECT_EQ(drop.states.front(), "write only");
  EXPECT_EQ(drop.last_state, "none");
  EXPECT_THAT(plan_job(parsed("TRUNCATE TABLE t"), "", {}).states, IsEmpty());
  const JobPlan index = plan_job(parsed("CREATE INDEX k ON t(a)"), "", {});
  EXPECT_TRUE(index.reorganizes);
  EXPECT_EQ(index.comments, "ingest, DXF");
  EXPECT_EQ(plan_job(parsed("CREATE INDEX k ON t(a)"), "", {false, false}).comments, "txn");
}

TEST(JobPlans, HaveASubJobForEachPartOfAMultiSchemaChange) {
  const JobPlan plan = plan_job(
      parsed("ALTER TABLE t ADD COLUMN (a INT, b INT), ADD INDEX k(c), ENGINE=InnoDB"), "", {});
  ASSERT_EQ(plan.sub_jobs.size(), 3U);
  EXPECT_EQ(plan.sub_jobs[1].type, "add column");
  EXPECT_EQ(plan.sub_jobs[2].type, "add index");
  EXPECT_TRUE(plan.reorganizes);
}

TEST(JobPlans, KnowWhichChangesLoseSomething) {
  EXPECT_FALSE(is_lossy_change("int", "int"));
  EXPECT_FALSE(is_lossy_change("int", "bigint"));
  EXPECT_FALSE(is_lossy_change("varchar(10)", "varchar(20)"));
  EXPECT_TRUE(is_lossy_change("bigint", "int"));
  EXPECT_TRUE(is_lossy_change("int", "intunsigned"));
  EXPECT_TRUE(is_lossy_change("varchar(20)", "varchar(10)"));
  EXPECT_TRUE(is_lossy_change("int", "varchar(10)"));
}

TEST(JobPlans, ExcludeOthersOnTheSameTableAndSchema) {
  DdlJob table;
  table.table = "t";
  table.schema_id = 1;
  table.table_ids = {10};
  DdlJob same = table;
  DdlJob other = table;
  other.table_ids = {11};
  DdlJob schema;
  schema.schema_id = 1;
  EXPECT_TRUE(exclude_each_other(table, same));
  EXPECT_FALSE(exclude_each_other(table, other));
  EXPECT_TRUE(exclude_each_other(schema, table));
}

TEST(JobOrders, AnswerInRecordedWords) {
  EXPECT_EQ(obey_order(JobOrder::cancel, 90, nullptr, false).result,
            "error: [ddl:8224]DDL Job:90 not found");
  EXPECT_EQ(answer(JobOrder::pause, job_in(JobState::synced)),
            "error: [ddl:8224]DDL Job:7 not found");
  EXPECT_EQ(answer(JobOrder::cancel, job_in(JobState::cancelling)), "successful");
  EXPECT_EQ(answer(JobOrder::pause, job_in(JobState::paused)),
            "error: [ddl:8262]Job [7] has already been paused");
  EXPECT_EQ(answer(JobOrder::resume, job_in(JobState::pausing, "add column", "delete only")),
            "error: [ddl:8261]Job [7] can't be resumed: job has not been paused, job "
            "state:pausing, schema state:delete only");
  EXPECT_EQ(obey_order(JobOrder::pause, 7, nullptr, false).state, std::nullopt);
  const DdlJob running = job_in(JobState::running);
  EXPECT_EQ(obey_order(JobOrder::pause, 7, &running, false).state, JobState::pausing);
  const DdlJob paused = job_in(JobState::paused);
  EXPECT_EQ(obey_order(JobOrder::resume, 7, &paused, false).state, JobState::queueing);
}

/// ddl-admin-result-texts-7.x.txt
TEST(JobOrders, AnswerTerselyOnOlderServers) {
  EXPECT_THAT(answer(JobOrder::pause, job_in(JobState::done), true),
              HasSubstr("Job 7 can't be paused now"));
  EXPECT_THAT(answer(JobOrder::resume, job_in(JobState::running), true),
              HasSubstr("Job 7 can't be resumed"));
}

TEST(JobOrders, ComeTooLateForWhatCannotBeTakenBack) {
  EXPECT_THAT(answer(JobOrder::cancel, job_in(JobState::done)), HasSubstr("[ddl:8225]"));
  EXPECT_THAT(answer(JobOrder::cancel, job_in(JobState::running, "drop table", "delete only")),
              HasSubstr("[ddl:8226]"));
  EXPECT_THAT(answer(JobOrder::cancel, job_in(JobState::running, "drop table", "public")),
              "successful");
}

TEST(MetadataLocks, AreHeldByEverybodyWhoTouchedTheTable) {
  DdlJob job;
  job.connection_id = 1;
  job.table_ids = {10};
  SessionInfo own;
  own.id = 1;
  own.in_transaction = true;
  own.table_ids = {10};
  SessionInfo reader = own;
  reader.id = 2;
  SessionInfo elsewhere = own;
  elsewhere.id = 3;
  elsewhere.table_ids = {11};
  SessionInfo ended = own;
  ended.id = 4;
  ended.in_transaction = false;
  const auto found = blockers_of(job, {own, reader, elsewhere, ended});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, 2U);
}

TEST(JobMeta, HoldsWhatTicdcDecidesOn) {
  DdlJob job = job_in(JobState::synced);
  job.bdr_role = "primary";
  job.cdc_write_source = 3;
  job.finished_ts = 470615258905706498;
  job.query = "ALTER TABLE t ADD COLUMN \"c\" INT";
  job.connection_id = 42;
  const std::string meta = job_meta(job, find_profile("classic-8.5"));
  EXPECT_THAT(meta, HasSubstr("\"bdr_role\":\"primary\""));
  EXPECT_THAT(meta, HasSubstr("\"cdc_write_source\":3"));
  EXPECT_THAT(meta, HasSubstr("\"FinishedTS\":470615258905706498"));
  EXPECT_THAT(meta, HasSubstr("\"state\":6"));
  EXPECT_THAT(meta, HasSubstr("\"type\":5"));
  EXPECT_THAT(meta, HasSubstr("\"connection_id\":42"));
  EXPECT_THAT(job_meta(job, find_profile("classic-7.5")), testing::Not(HasSubstr("bdr_role")));
}

/// The columns of the recorded answers admin-show-ddl-jobs-*.txt by version, tidb-sql §4.1.
TEST(JobTables, S07_ColumnsFollowTheVersion) {
  DdlJob job = job_in(JobState::synced, "add index", "public");
  job.comments = "ingest, DXF";
  const std::string recent = show_ddl_jobs_rows({job}, find_profile("classic-8.5"));
  EXPECT_THAT(recent, HasSubstr("COMMENTS"));
  EXPECT_THAT(recent, HasSubstr("'add index' AS `JOB_TYPE`"));
  EXPECT_THAT(recent, HasSubstr("DATETIME(6)"));
  const std::string old = show_ddl_jobs_rows({job}, find_profile("classic-7.5"));
  EXPECT_THAT(old, testing::Not(HasSubstr("COMMENTS")));
  EXPECT_THAT(old, HasSubstr("'add index /* ingest */' AS `JOB_TYPE`"));
  EXPECT_THAT(old, testing::Not(HasSubstr("DATETIME(6)")));
}

TEST(JobTables, S07_ShowWhatWorksFirstAndThenTheNewestOfHistory) {
  std::vector<DdlJob> newest_first;
  for (int id = 9; id >= 1; --id) {
    DdlJob job = job_in(id == 3 || id == 5 ? JobState::running : JobState::synced);
    job.id = id;
    newest_first.push_back(job);
  }
  std::vector<std::int64_t> ids;
  for (const DdlJob& job : in_shown_order(newest_first, 3)) ids.push_back(job.id);
  EXPECT_THAT(ids, ElementsAre(3, 5, 9, 8, 7));
}

/// mdl-view-row-7.x.txt, mdl-view-row-8.5.txt; mdl-view-row-6.3.txt, which calls a column
/// `SESSION ID`, is older than every profile.
TEST(JobTables, S13_MdlViewNamesItsColumnsByVersion) {
  EXPECT_THAT(mdl_view_rows({}, {}, find_profile("classic-8.5")), HasSubstr("`start_time`"));
  EXPECT_THAT(mdl_view_rows({}, {}, find_profile("classic-7.5")), HasSubstr("`TxnStart`"));
}

/// Texts of real-9.0dev-tidb-trx-running.txt and real-9.0dev-ddl-blocked-killed.txt.
TEST(Digests, AreNormalisedAsRecorded) {
  const auto text = [](const std::string& sql) {
    static std::vector<std::string> kept;
    kept.push_back(sql);
    return digest_text(classify(std::move(split_statements(kept.back()).front())));
  };
  EXPECT_EQ(text("begin"), "begin");
  EXPECT_EQ(text("insert into t(b) values(3)"), "insert into `t` ( `b` ) values ( ? )");
  EXPECT_EQ(text("select count(*) from t"), "select count ( ? ) from `t`");
  EXPECT_EQ(text("UPDATE t SET b=20 WHERE a=1"), "update `t` set `b` = ? where `a` = ?");
  EXPECT_EQ(text("update t set b=b+sleep(1)"), "update `t` set `b` = `b` + `sleep` ( ? )");
  EXPECT_EQ(text("insert into t(a,b) values(10,sleep(2))"),
            "insert into `t` ( `a` , `b` ) values ( ? , `sleep` ( ? ) )");
  EXPECT_EQ(text("insert into t select 1+sleep(2),2"),
            "insert into `t` select ? + `sleep` ( ? ) , ?");
  EXPECT_EQ(text("select * from t where a in (1,2,3)"), "select * from `t` where `a` in ( ... )");
}

}  // namespace
}  // namespace bdrmesh::lab
