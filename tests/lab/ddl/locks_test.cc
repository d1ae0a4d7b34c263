// DDL that waits for transactions, whose session is killed, or that is met by older transactions:
// real-9.0dev-ddl-blocked-killed.txt and real-9.0dev-ddl-kill-add-index.txt, scene by scene.
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/running.h"

namespace bdrmesh::lab {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class DdlLocks : public ClusterTest {
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
  std::string has_column(const std::string& column) {
    return root().one("SELECT COUNT(*) FROM information_schema.columns WHERE TABLE_SCHEMA='" +
                      schema_ + "' AND COLUMN_NAME='" + column + "'");
  }
  std::string info_of(std::uint64_t id) {
    return root().one("SELECT INFO FROM information_schema.processlist WHERE ID=" +
                      std::to_string(id));
  }
  TestClient writer() {
    auto app = connect("app");
    app.run("BEGIN");
    app.run("INSERT INTO " + table() + " VALUES (3,3)");
    return app;
  }
  std::string add(const std::string& column) {
    return "ALTER TABLE " + table() + " ADD COLUMN " + column + " INT /* " + column + " */";
  }
};

TEST_F(DdlLocks, S06_WaitsForAWriterAndIsSeenEverywhere) {
  auto app = writer();
  Running ddl(connect("root"), add("n1"));
  ASSERT_TRUE(comes_to("n1", "running/delete only"));
  const auto view = root().rows("SELECT * FROM mysql.tidb_mdl_view");
  ASSERT_EQ(view.size(), 1U);
  EXPECT_THAT(root().columns(), testing::ElementsAre("job_id", "db_name", "table_name", "query",
                                                     "session_id", "start_time", "SQL_DIGESTS"));
  EXPECT_EQ(view[0][2], "t");
  EXPECT_THAT(view[0][3], HasSubstr("/* n1 */"));
  EXPECT_EQ(view[0][4], std::to_string(app.id()));
  EXPECT_THAT(view[0][6], StartsWith("[\"begin\",\"insert into `"));
  EXPECT_THAT(info_of(ddl.id()), HasSubstr("/* n1 */"));
  EXPECT_THAT(root().rows("ADMIN SHOW DDL")[0][3],
              HasSubstr("Type:add column, State:running, SchemaState:delete only"));
  EXPECT_EQ(root().one("SELECT CONCAT(type, ' ', processing) FROM mysql.tidb_ddl_job"), "5 0");
  // Its session has a row of its own in TIDB_TRX, idle and without tables.
  EXPECT_EQ(root().rows("SELECT STATE, RELATED_TABLE_IDS FROM information_schema.cluster_tidb_trx "
                        "WHERE SESSION_ID=" +
                        std::to_string(ddl.id())),
            (TestClient::Rows{{"Idle", ""}}));
  app.run("INSERT INTO " + table() + " VALUES (4,4)");
  app.run("COMMIT");
  EXPECT_EQ(ddl.wait(), "");
  EXPECT_EQ(state_of("n1"), "synced/public");
}

TEST_F(DdlLocks, S06_WaitsForAReaderAndHoldsUpNobodyElse) {
  auto app = connect("app");
  app.run("BEGIN");
  app.rows("SELECT COUNT(*) FROM " + table());
  root().run("CREATE TABLE " + schema_ + ".u (a INT PRIMARY KEY, b INT)");
  Running ddl(connect("root"), "ALTER TABLE " + table() + " DROP COLUMN b /* r1 */");
  ASSERT_TRUE(comes_to("r1", "running/write only"));
  EXPECT_EQ(root().error_of("ALTER TABLE " + schema_ + ".u ADD COLUMN x INT"), "");
  EXPECT_EQ(connect("app").run("INSERT INTO " + table() + " VALUES (5,5)"), 1);
  auto other = connect("app");
  other.run("BEGIN");
  other.run("INSERT INTO " + table() + " VALUES (6,6)");
  other.run("COMMIT");
  EXPECT_FALSE(ddl.has_returned());
  app.run("ROLLBACK");
  EXPECT_EQ(ddl.wait(), "");
  EXPECT_EQ(has_column("b"), "1");  // that of the other table
}

TEST_F(DdlLocks, S14_IsFreedByKillOfTheBlockingSession) {
  auto app = writer();
  Running ddl(connect("root"), add("n2"));
  ASSERT_TRUE(comes_to("n2", "running/delete only"));
  root().run("KILL " + root().one("SELECT session_id FROM mysql.tidb_mdl_view"));
  EXPECT_EQ(ddl.wait(), "");
}

TEST_F(DdlLocks, S14_KillQueryDoesNotStopTheJobAndIsAnsweredWhenItEnded) {
  auto app = writer();
  Running ddl(connect("root"), add("n3"));
  ASSERT_TRUE(comes_to("n3", "running/delete only"));
  root().run("KILL QUERY " + std::to_string(ddl.id()));
  EXPECT_FALSE(eventually([&] { return ddl.has_returned(); }, 300));
  EXPECT_EQ(state_of("n3"), "running/delete only");
  app.run("ROLLBACK");
  EXPECT_EQ(ddl.wait(), "1317 70100 Query execution was interrupted");
  EXPECT_EQ(state_of("n3"), "synced/public");
  EXPECT_EQ(has_column("n3"), "1");
  EXPECT_EQ(ddl.client().one("SELECT 1"), "1");
}

TEST_F(DdlLocks, S14_AKilledSessionStandsInTheProcesslistUntilItsJobEnded) {
  auto app = writer();
  Running ddl(connect("root"), add("n4"));
  ASSERT_TRUE(comes_to("n4", "running/delete only"));
  root().run("KILL " + std::to_string(ddl.id()));
  EXPECT_FALSE(eventually([&] { return ddl.has_returned(); }, 300));
  EXPECT_THAT(info_of(ddl.id()), HasSubstr("/* n4 */"));
  app.run("ROLLBACK");
  EXPECT_THAT(ddl.wait(), AnyOf(StartsWith("2013"), StartsWith("2006")));
  EXPECT_EQ(state_of("n4"), "synced/public");
  EXPECT_TRUE(eventually([&] { return info_of(ddl.id()).empty(); }));
}

TEST_F(DdlLocks, S06_GoesOnWithoutItsClientAndItsServer) {
  auto app = writer();
  {
    Running gone(connect("root", 0, 1), add("n5"));
    EXPECT_THAT(gone.wait(), StartsWith("2013"));
  }
  EXPECT_EQ(state_of("n5"), "running/delete only");
  Running ddl(connect("root", 1), add("n6"));
  ASSERT_TRUE(comes_to("n6", "queueing/none"));
  cluster().front_end(1).kill();
  EXPECT_NE(ddl.wait(), "");
  EXPECT_EQ(state_of("n6"), "queueing/none");
  app.run("ROLLBACK");
  EXPECT_TRUE(comes_to("n5", "synced/public"));
  EXPECT_TRUE(comes_to("n6", "synced/public"));
  cluster().front_end(1).start();
  EXPECT_EQ(info_of(ddl.id()), "");
}

TEST_F(DdlLocks, S06_TruncateIsInForceWhileItWaitsAndTakesTheOldRowsWithIt) {
  auto app = writer();
  Running ddl(connect("root"), "TRUNCATE TABLE " + table() + " /* t1 */");
  ASSERT_TRUE(comes_to("t1", "done/public"));
  const std::string id =
      root().one("SELECT MAX(JOB_ID) FROM information_schema.ddl_jobs WHERE QUERY LIKE '%t1%'");
  EXPECT_THAT(root().rows("ADMIN CANCEL DDL JOBS " + id)[0][1], HasSubstr("[ddl:8225]"));
  app.run("INSERT INTO " + table() + " VALUES (50,50)");
  EXPECT_EQ(app.error_of("COMMIT"), "");
  EXPECT_EQ(ddl.wait(), "");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
}

TEST_F(DdlLocks, S06_DropTableWaitsToo) {
  auto app = writer();
  Running ddl(connect("root"), "DROP TABLE " + table() + " /* d1 */");
  ASSERT_TRUE(comes_to("d1", "running/write only"));
  app.run("COMMIT");
  EXPECT_EQ(ddl.wait(), "");
  EXPECT_EQ(state_of("d1"), "synced/none");
}

TEST_F(DdlLocks, S06_ARunningAutocommitWriteHoldsItUp) {
  Running write(connect("app"), "INSERT INTO " + table() + " SELECT 2, SLEEP(1)");
  ASSERT_TRUE(eventually([&] {
    return root().one(
               "SELECT RELATED_TABLE_IDS<>'' FROM information_schema.cluster_tidb_trx "
               "WHERE SESSION_ID=" +
               std::to_string(write.id())) == "1";
  }));
  EXPECT_EQ(root().error_of(add("k2")), "");
  EXPECT_EQ(write.wait(), "");
}

TEST_F(DdlLocks, S06_OfTwoEqualOnesTheSecondIsCancelledByTheOwner) {
  auto app = writer();
  Running first(connect("root"), add("n7"));
  ASSERT_TRUE(comes_to("n7", "running/delete only"));
  Running second(connect("root"), "ALTER TABLE " + table() + " ADD COLUMN n7 INT /* second */");
  ASSERT_TRUE(comes_to("second", "queueing/none"));
  app.run("COMMIT");
  EXPECT_EQ(first.wait(), "");
  EXPECT_EQ(second.wait(), "1060 42S21 Duplicate column name 'n7'");
  EXPECT_EQ(state_of("second"), "cancelled/none");
}

TEST_F(DdlLocks, S06_QueuedOnesAreNotStoppedByKillQueryEither) {
  auto app = writer();
  Running first(connect("root"), add("n8"));
  ASSERT_TRUE(comes_to("n8", "running/delete only"));
  Running second(connect("root"), add("n9"));
  ASSERT_TRUE(comes_to("n9", "queueing/none"));
  root().run("KILL QUERY " + std::to_string(second.id()));
  EXPECT_EQ(state_of("n9"), "queueing/none");
  app.run("ROLLBACK");
  EXPECT_EQ(first.wait(), "");
  EXPECT_EQ(second.wait(), "1317 70100 Query execution was interrupted");
  EXPECT_EQ(state_of("n9"), "synced/public");
}

TEST_F(DdlLocks, S10_MeetsOlderTransactionsAsRecorded) {
  const std::string w = schema_ + ".w";
  root().run("CREATE TABLE " + w + " (a INT PRIMARY KEY, b INT)");
  auto app = connect("app");
  const auto begin = [&] {
    app.run("BEGIN");
    app.rows("SELECT COUNT(*) FROM " + table());
  };
  begin();
  root().run("ALTER TABLE " + w + " ADD COLUMN c INT");
  EXPECT_EQ(app.run("INSERT INTO " + w + "(a,b) VALUES (1,1)"), 1);
  EXPECT_EQ(app.rows("SELECT * FROM " + w), (TestClient::Rows{{"1", "1", "NULL"}}));
  app.run("COMMIT");
  begin();
  root().run("ALTER TABLE " + w + " MODIFY COLUMN b VARCHAR(10)");
  EXPECT_EQ(app.error_of("SELECT * FROM " + w), "8028 HY000 public column b has changed");
  EXPECT_EQ(app.error_of("INSERT INTO " + w + "(a,b) VALUES (2,2)"),
            "8028 HY000 public column b has changed");
  app.run("COMMIT");
  EXPECT_EQ(app.run("INSERT INTO " + w + "(a,b) VALUES (2,2)"), 1);
  begin();
  root().run("TRUNCATE TABLE " + w);
  EXPECT_TRUE(app.rows("SELECT * FROM " + w).empty());
  EXPECT_EQ(app.run("INSERT INTO " + w + "(a,b) VALUES (3,3)"), 1);
  app.run("COMMIT");
  begin();
  root().run("DROP TABLE " + w);
  EXPECT_THAT(app.error_of("SELECT * FROM " + w), StartsWith("1146 42S02"));
  app.run("COMMIT");
}

TEST_F(DdlLocks, S07_MdlViewNeedsProcessAndSelect) {
  EXPECT_THAT(connect("app").error_of("SELECT * FROM mysql.tidb_mdl_view"), StartsWith("1356"));
  root().run("CREATE USER IF NOT EXISTS nobody IDENTIFIED BY 'n'");
  auto nobody = connect("nobody");
  EXPECT_THAT(nobody.error_of("SELECT * FROM mysql.tidb_mdl_view"), StartsWith("1142"));
  EXPECT_THAT(nobody.error_of("SELECT * FROM mysql.tidb_ddl_history"), StartsWith("1142"));
}

}  // namespace
}  // namespace bdrmesh::lab
