// ADMIN CANCEL, PAUSE and RESUME of jobs that wait, work, or are over.
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/running.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DdlControl : public ClusterTest {
 protected:
  std::string state_of(const std::string& tag) {
    const auto rows = root().rows(
        "SELECT CONCAT(STATE, '/', SCHEMA_STATE) FROM information_schema.ddl_jobs WHERE QUERY "
        "LIKE '%" +
        tag + "%' ORDER BY JOB_ID DESC LIMIT 1");
    return rows.empty() ? "" : rows[0][0];
  }
  bool comes_to(const std::string& tag, const std::string& state) {
    const bool came = eventually([&] { return state_of(tag) == state; });
    EXPECT_TRUE(came) << tag << " is " << state_of(tag) << " and not " << state;
    return came;
  }
  std::string order(const std::string& what, const std::string& tag) {
    const std::string id = root().one(
        "SELECT MAX(JOB_ID) FROM information_schema.ddl_jobs WHERE QUERY LIKE '%" + tag + "%'");
    const auto rows = root().rows("ADMIN " + what + " DDL JOBS " + id);
    EXPECT_EQ(rows[0][0], id);
    return rows[0][1];
  }
  std::string add_index(const std::string& tag) {
    return "ALTER TABLE " + table() + " ADD INDEX " + tag + "(b) /* " + tag + " */";
  }
};

/// real-9.0dev-ddl-blocked-killed.txt, scene 7.
TEST_F(DdlControl, S08_OrdersWaitWithAJobThatWaitsForALock) {
  auto app = connect("app");
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (34,1)");
  Running ddl(connect("root"), "ALTER TABLE " + table() + " ADD COLUMN n6 INT /* n6 */");
  ASSERT_TRUE(comes_to("n6", "running/delete only"));
  EXPECT_EQ(order("PAUSE", "n6"), "successful");
  EXPECT_EQ(state_of("n6"), "pausing/delete only");
  EXPECT_THAT(order("RESUME", "n6"),
              HasSubstr("can't be resumed: job has not been paused, job state:pausing, schema "
                        "state:delete only"));
  EXPECT_EQ(order("CANCEL", "n6"), "successful");
  EXPECT_EQ(state_of("n6"), "cancelling/delete only");
  EXPECT_EQ(order("CANCEL", "n6"), "successful");
  app.run("ROLLBACK");
  EXPECT_EQ(ddl.wait(), "8214 HY000 Cancelled DDL job");
  EXPECT_EQ(state_of("n6"), "rollback done/none");
}

/// real-9.0dev-ddl-kill-add-index.txt, its second half.
TEST_F(DdlControl, S08_ABackfillIsPausedResumedAndCancelled) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2),(3,3)");
  state().faults.set_backfill_time(Millis{60'000});
  Running ddl(connect("root"), add_index("i3"));
  ASSERT_TRUE(comes_to("i3", "running/write reorganization"));
  EXPECT_EQ(order("PAUSE", "i3"), "successful");
  ASSERT_TRUE(comes_to("i3", "paused/write reorganization"));
  EXPECT_FALSE(ddl.has_returned());
  EXPECT_EQ(connect("app").run("INSERT INTO " + table() + " VALUES (4,1)"), 1);
  EXPECT_THAT(order("PAUSE", "i3"), HasSubstr("] has already been paused"));
  EXPECT_EQ(order("RESUME", "i3"), "successful");
  ASSERT_TRUE(comes_to("i3", "running/write reorganization"));
  EXPECT_EQ(order("CANCEL", "i3"), "successful");
  EXPECT_EQ(ddl.wait(), "8214 HY000 Cancelled DDL job");
  EXPECT_EQ(state_of("i3"), "rollback done/none");
  EXPECT_THAT(order("CANCEL", "i3"), HasSubstr("error: [ddl:8224]DDL Job:"));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.statistics WHERE TABLE_SCHEMA='" +
                       schema_ + "' AND INDEX_NAME='i3'"),
            "0");
}

TEST_F(DdlControl, S06_ABackfillCountsItsRowsAndGoesOnWithoutItsSession) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2),(3,3)");
  state().faults.set_backfill_time(Millis{400});
  Running ddl(connect("root"), add_index("i1"));
  ASSERT_TRUE(comes_to("i1", "running/write reorganization"));
  root().run("KILL " + std::to_string(ddl.id()));
  EXPECT_THAT(ddl.wait(), testing::AnyOf(StartsWith("2013"), StartsWith("2006")));
  EXPECT_EQ(state_of("i1"), "synced/public");
  const auto rows = root().rows("ADMIN SHOW DDL JOBS 1 WHERE DB_NAME='" + schema_ + "'");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0][7], "3");
  EXPECT_EQ(rows[0][12], "ingest, DXF");
}

TEST_F(DdlControl, S08_AQueuedJobIsPausedAndCancelledBeforeItBegan) {
  state().faults.set_ddl_delay(Millis{60'000});
  Running ddl(connect("root"), add_index("q1"));
  ASSERT_TRUE(comes_to("q1", "queueing/none"));
  EXPECT_EQ(order("PAUSE", "q1"), "successful");
  ASSERT_TRUE(comes_to("q1", "paused/none"));
  EXPECT_EQ(order("RESUME", "q1"), "successful");
  ASSERT_TRUE(comes_to("q1", "queueing/none"));
  EXPECT_EQ(order("CANCEL", "q1"), "successful");
  EXPECT_EQ(ddl.wait(), "8214 HY000 Cancelled DDL job");
  EXPECT_EQ(state_of("q1"), "cancelled/none");
}

TEST_F(DdlControl, S08_NeedsSuperAndAnId) {
  EXPECT_THAT(connect("app").error_of("ADMIN CANCEL DDL JOBS 1"), StartsWith("8121 HY000"));
  EXPECT_THAT(root().error_of("ADMIN CANCEL DDL JOBS"), HasSubstr("line 1 column 21 near \"\""));
  EXPECT_EQ(root().error_of("ADMIN ALTER DDL JOBS 999999 THREAD=2"),
            "1105 HY000 ddl job 999999 is not running");
}

TEST_F(DdlControl, S06_DuplicatesMakeAUniqueIndexRollBack) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,1)");
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " ADD UNIQUE INDEX ub(b) /* ub */"),
            "1062 23000 Duplicate entry '1' for key 't.ub'");
  EXPECT_EQ(state_of("ub"), "rollback done/none");
}

}  // namespace
}  // namespace bdrmesh::lab
