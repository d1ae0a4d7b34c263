// The write gate as one tidb-server after the other sees it, at the statement and at the commit.
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/running.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Gate : public ClusterTest {};

TEST_F(Gate, S09_RefusesWritesOfWhoIsNotExempt) {
  auto app = connect("app");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_EQ(root().one("SELECT @@global.tidb_super_read_only"), "1");
  EXPECT_EQ(app.error_of("INSERT INTO " + table() + " VALUES (2,2)"),
            "1836 HY000 Running in read-only mode");
  EXPECT_THAT(root().error_of("UPDATE " + table() + " SET b=2"), StartsWith("1836"));
  EXPECT_THAT(root().error_of("CREATE TABLE " + schema_ + ".n (a INT)"), StartsWith("1836"));
  EXPECT_THAT(root().error_of("ADMIN SHOW BDR ROLE"), StartsWith("1836"));
  EXPECT_THAT(root().error_of("SELECT * FROM " + table() + " FOR UPDATE"), StartsWith("1836"));
  EXPECT_EQ(app.one("SELECT b FROM " + table()), "1");
  auto mesh = connect("mesh");
  EXPECT_EQ(mesh.run("UPDATE " + table() + " SET b=3"), 1);
  EXPECT_EQ(mesh.error_of("ADMIN SHOW BDR ROLE"), "");
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  EXPECT_EQ(app.run("INSERT INTO " + table() + " VALUES (2,2)"), 1);
}

TEST_F(Gate, S09_RefusesTheCommitAndLeavesTheSessionInATransaction) {
  auto app = connect("app");
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_THAT(app.error_of("COMMIT"), StartsWith("1836"));
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  app.run("INSERT INTO " + table() + " VALUES (2,2)");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
  app.run("ROLLBACK");
  app.run("INSERT INTO " + table() + " VALUES (3,3)");
  EXPECT_EQ(root().one("SELECT GROUP_CONCAT(a) FROM " + table()), "3");
}

TEST_F(Gate, S09_LetsAReadOnlyTransactionCommit) {
  auto app = connect("app");
  app.run("BEGIN");
  app.rows("SELECT * FROM " + table());
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_EQ(app.error_of("COMMIT"), "");
}

TEST_F(Gate, S09_EndsTheTransactionWhenAnImplicitCommitIsRefused) {
  auto app = connect("app");
  app.run("BEGIN");
  app.run("INSERT INTO " + table() + " VALUES (1,1)");
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_THAT(app.error_of("BEGIN"), StartsWith("1836"));
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  app.run("INSERT INTO " + table() + " VALUES (2,2)");
  EXPECT_EQ(root().one("SELECT GROUP_CONCAT(a) FROM " + table()), "2");
}

TEST_F(Gate, S09_ClosesOnTheOtherServerOnlyWhenItHearsOfIt) {
  state().variables.set_delay(1, std::nullopt);
  root().run("SET GLOBAL tidb_super_read_only = ON");
  auto other = connect("app", 1);
  EXPECT_EQ(other.one("SELECT @@global.tidb_super_read_only"), "0");
  EXPECT_EQ(other.run("INSERT INTO " + table() + " VALUES (1,1)"), 1);
  state().variables.set_delay(1, Millis{0});
  EXPECT_EQ(other.one("SELECT @@global.tidb_super_read_only"), "1");
  EXPECT_THAT(other.error_of("INSERT INTO " + table() + " VALUES (2,2)"), StartsWith("1836"));
  state().variables.set_delay(1, Millis{3});
}

TEST_F(Gate, S09_CouplesTheTwoReadOnlyVariables) {
  root().run("SET GLOBAL tidb_restricted_read_only = ON");
  EXPECT_EQ(root().one("SELECT @@global.tidb_super_read_only"), "1");
  EXPECT_EQ(root().error_of("SET GLOBAL tidb_super_read_only = OFF"),
            "1105 HY000 can't turn off tidb_super_read_only when tidb_restricted_read_only is on");
  root().run("SET GLOBAL tidb_restricted_read_only = OFF");
  EXPECT_EQ(root().one("SELECT @@global.tidb_super_read_only"), "1");
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  EXPECT_THAT(connect("app").error_of("SET GLOBAL tidb_super_read_only = ON"),
              StartsWith("1227 42000"));
}

TEST_F(Gate, S09_IsPassedByPreparedStatementsOnlyWhenOpen) {
  auto app = connect("app");
  const std::unique_ptr<sql::PreparedStatement> insert(
      app.raw().prepareStatement("INSERT INTO " + table() + " VALUES (?, 1)"));
  insert->setInt(1, 1);
  EXPECT_EQ(insert->executeUpdate(), 1);
  root().run("SET GLOBAL tidb_super_read_only = ON");
  insert->setInt(1, 2);
  try {
    insert->executeUpdate();
    ADD_FAILURE() << "the gate let a prepared statement pass";
  } catch (const sql::SQLException& e) {
    EXPECT_EQ(e.getErrorCode(), 1836);
  }
}

/// real-9.0dev-super-read-only-transactions.txt, what runs while the variable is set.
TEST_F(Gate, S09_MeetsRunningStatementsAtTheirCommit) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  const auto runs = [&](std::uint64_t id) {
    return eventually([&] {
      return root().one("SELECT COMMAND FROM information_schema.processlist WHERE ID=" +
                        std::to_string(id)) == "Query";
    });
  };
  Running write(connect("app"), "UPDATE " + table() + " SET b=b+1+SLEEP(1)");
  ASSERT_TRUE(runs(write.id()));
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_EQ(write.wait(), "1836 HY000 Running in read-only mode");
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  auto app = connect("app");
  app.run("BEGIN");
  Running inside(std::move(app), "UPDATE " + table() + " SET b=b+1+SLEEP(1)");
  ASSERT_TRUE(runs(inside.id()));
  root().run("SET GLOBAL tidb_super_read_only = ON");
  EXPECT_EQ(inside.wait(), "") << "the statement itself succeeds";
  EXPECT_EQ(inside.client().error_of("COMMIT"), "1836 HY000 Running in read-only mode");
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  EXPECT_EQ(root().one("SELECT b FROM " + table()), "1");
}

TEST_F(Gate, S09_RefusesOnlyLocksOfPessimisticTransactions) {
  const auto commit = [&](const std::string& mode) {
    auto app = connect("app");
    app.run("BEGIN " + mode);
    app.run("DELETE FROM " + table() + " WHERE a=77");
    root().run("SET GLOBAL tidb_super_read_only = ON");
    const std::string error = app.error_of("COMMIT");
    root().run("SET GLOBAL tidb_super_read_only = OFF");
    return error;
  };
  EXPECT_EQ(commit("PESSIMISTIC"), "1836 HY000 Running in read-only mode");
  EXPECT_EQ(commit("OPTIMISTIC"), "");
}

TEST_F(Gate, S27_LockTablesLocksNothingAndWarns) {
  root().run("LOCK TABLES " + table() + " WRITE");
  EXPECT_EQ(root().rows("SHOW WARNINGS").at(0).at(1), "1235");
  EXPECT_EQ(connect("app").run("INSERT INTO " + table() + " VALUES (1,1)"), 1);
  root().run("ADMIN SET BDR ROLE SECONDARY");
  EXPECT_EQ(root().error_of("LOCK TABLES " + table() + " READ"), "");
  EXPECT_EQ(root().error_of("UNLOCK TABLES"), "");
}

}  // namespace
}  // namespace bdrmesh::lab
