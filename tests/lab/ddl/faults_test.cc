// What can be made to go wrong with DDL, one test per switch.
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/running.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DdlFaults : public ClusterTest {
 protected:
  std::string state_of(const std::string& tag) {
    return root().one("SELECT STATE FROM information_schema.ddl_jobs WHERE QUERY LIKE '%" + tag +
                      "%' ORDER BY JOB_ID DESC LIMIT 1");
  }
  std::string stamp_of(const std::string& tag) {
    return root().one(
        "SELECT JSON_UNQUOTE(JSON_EXTRACT(CONVERT(job_meta USING utf8mb4), '$.bdr_role')) FROM "
        "mysql.tidb_ddl_history WHERE CONVERT(job_meta USING utf8mb4) LIKE '%" +
        tag + "%'");
  }
  std::string add(const std::string& tag) {
    return "ALTER TABLE " + table() + " ADD COLUMN " + tag + " INT /* " + tag + " */";
  }
};

TEST_F(DdlFaults, S27_AJobWithTheOldStampAppearsAfterTheRoleChanged) {
  root().run("ADMIN SET BDR ROLE PRIMARY");
  state().faults.set_late_submission(Millis{500});
  Running ddl(connect("root"), add("late"));
  EXPECT_FALSE(eventually([&] { return !state_of("late").empty(); }, 200));
  root().run("ADMIN SET BDR ROLE SECONDARY");
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOBS 0").size(), 0U) << "the queue looks empty";
  EXPECT_EQ(ddl.wait(), "");
  EXPECT_EQ(state_of("late"), "synced");
  EXPECT_EQ(stamp_of("late"), "primary");
}

TEST_F(DdlFaults, S27_AnInnocentNeighbourGets8263) {
  state().faults.deny_innocent_ddl("innocent", 1);
  root().run("ADMIN SET BDR ROLE PRIMARY");
  EXPECT_EQ(root().error_of(add("innocent")),
            "8263 HY000 The operation is not allowed while the bdr role of this cluster is set to "
            "primary.");
  EXPECT_EQ(state_of("innocent"), "");
  EXPECT_EQ(root().error_of(add("innocent")), "") << "alone it passes";
}

TEST_F(DdlFaults, S27_AddIndexIsSlowOnOneCluster) {
  state().faults.set_backfill_time(Millis{300});
  const auto began = std::chrono::steady_clock::now();
  root().run("ALTER TABLE " + table() + " ADD INDEX k(b)");
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(300));
}

TEST_F(DdlFaults, S27_DdlIsStuckByALockOfNobody) {
  state().faults.hold_ddl("stuck");
  Running ddl(connect("root"), add("stuck"));
  ASSERT_TRUE(eventually([&] { return state_of("stuck") == "running"; }));
  EXPECT_FALSE(eventually([&] { return ddl.has_returned(); }, 200));
  EXPECT_TRUE(root().rows("SELECT * FROM mysql.tidb_mdl_view").empty());
  state().faults.release_ddl();
  EXPECT_EQ(ddl.wait(), "");
}

TEST_F(DdlFaults, S27_DdlIsAppliedWithoutAnAnswer) {
  state().faults.lose_answer_of_next("unheard");
  EXPECT_THAT(connect("root").error_of(add("unheard")), StartsWith("2013"));
  EXPECT_EQ(state_of("unheard"), "synced");
}

TEST_F(DdlFaults, S27_DdlFailsBeforeOrWhileItWorks) {
  state().faults.fail_next_ddl("before", 1, {1105, "injected"});
  EXPECT_EQ(root().error_of(add("before1")), "1105 HY000 injected");
  EXPECT_EQ(state_of("before1"), "cancelled");
  state().faults.fail_next_ddl("within", 1, {1105, "injected", true});
  EXPECT_EQ(root().error_of(add("within1")), "1105 HY000 injected");
  EXPECT_EQ(state_of("within1"), "rollback done");
}

TEST_F(DdlFaults, S06_OnlyOneJobPerTableRunsAndOthersBesideIt) {
  root().run("CREATE TABLE " + schema_ + ".u (a INT PRIMARY KEY, b INT)");
  state().faults.set_backfill_time(Millis{700});
  Running first(connect("root"), "ALTER TABLE " + table() + " ADD INDEX k(b) /* first */");
  ASSERT_TRUE(eventually([&] { return state_of("first") == "running"; }));
  Running second(connect("root"), add("second"));
  ASSERT_TRUE(eventually([&] { return state_of("second") == "queueing"; }));
  EXPECT_EQ(root().error_of("ALTER TABLE " + schema_ + ".u ADD COLUMN c INT /* beside */"), "");
  EXPECT_EQ(state_of("first"), "running");
  EXPECT_EQ(state_of("second"), "queueing");
  EXPECT_EQ(first.wait(), "");
  EXPECT_EQ(second.wait(), "");
}

TEST_F(DdlFaults, S06_JobsSurviveACrashOfTheStorage) {
  state().faults.hold_ddl("survivor");
  Running ddl(connect("root"), add("survivor"));
  ASSERT_TRUE(eventually([&] { return state_of("survivor") == "running"; }));
  cluster().engine().restart();
  state().faults.release_ddl();
  ddl.wait();
  auto after = connect("root");
  EXPECT_TRUE(eventually([&] {
    return after.one(
               "SELECT STATE FROM information_schema.ddl_jobs WHERE QUERY LIKE "
               "'%survivor%' ORDER BY JOB_ID DESC LIMIT 1") == "synced";
  }));
  EXPECT_EQ(after.one("SELECT COUNT(*) FROM information_schema.columns WHERE TABLE_SCHEMA='" +
                      schema_ + "' AND COLUMN_NAME='survivor'"),
            "1");
}

}  // namespace
}  // namespace bdrmesh::lab
