// Grants as TiDB shows them, variables, and the answers that name the cluster.
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Accounts : public ClusterTest {
 protected:
  std::vector<std::string> grants(const std::string& user) {
    std::vector<std::string> lines;
    for (const auto& row : root().rows("SHOW GRANTS FOR '" + user + "'@'%'"))
      lines.push_back(row[0]);
    return lines;
  }
};

TEST_F(Accounts, AreShownAsTidbShowsThem) {
  auto mesh = connect("mesh");
  mesh.run("CREATE USER nobody IDENTIFIED BY 'n'");
  mesh.run("CREATE USER pg IDENTIFIED BY 'p'");
  mesh.run("GRANT SELECT, INSERT, UPDATE, DELETE ON " + schema_ + ".* TO pg");
  EXPECT_THAT(grants("pg"),
              ElementsAre("GRANT USAGE ON *.* TO 'pg'@'%'",
                          "GRANT SELECT,INSERT,UPDATE,DELETE ON `" + schema_ + "`.* TO 'pg'@'%'"));
  mesh.run("GRANT SUPER, PROCESS, BACKUP_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO pg");
  mesh.run("GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO pg WITH GRANT OPTION");
  EXPECT_THAT(grants("pg"),
              ElementsAre("GRANT PROCESS,SUPER ON *.* TO 'pg'@'%'",
                          "GRANT SELECT,INSERT,UPDATE,DELETE ON `" + schema_ + "`.* TO 'pg'@'%'",
                          "GRANT BACKUP_ADMIN,RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'pg'@'%'",
                          "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO 'pg'@'%' WITH GRANT OPTION"));
  EXPECT_EQ(mesh.rows("SELECT DISTINCT USER FROM mysql.global_grants WHERE PRIV = "
                      "'RESTRICTED_REPLICA_WRITER_ADMIN' ORDER BY 1"),
            (TestClient::Rows{{"mesh"}, {"pg"}}));
  EXPECT_THAT(connect("nobody").error_of("SELECT * FROM mysql.global_grants"), StartsWith("1142"));
  mesh.run("REVOKE RESTRICTED_REPLICA_WRITER_ADMIN ON *.* FROM pg");
  EXPECT_EQ(grants("pg")[2], "GRANT BACKUP_ADMIN ON *.* TO 'pg'@'%'");
  EXPECT_EQ(mesh.error_of("REVOKE SELECT ON " + schema_ + ".t FROM pg"),
            "1105 HY000 There is no such grant defined for user 'pg' on host '%' on table " +
                schema_ + ".t");
  mesh.run("DROP USER pg");
  EXPECT_THAT(mesh.error_of("SHOW GRANTS FOR pg"), StartsWith("1141 42000"));
}

TEST_F(Accounts, WithoutUpdateGet8121AndWithoutInsert1142) {
  connect("mesh").run("CREATE USER lean IDENTIFIED BY 'l'");
  connect("mesh").run("GRANT SELECT ON *.* TO lean");
  auto lean = connect("lean");
  EXPECT_EQ(lean.error_of("UPDATE " + table() + " SET b=1"),
            "8121 HY000 privilege check for 'Update' fail");
  EXPECT_THAT(lean.error_of("INSERT INTO " + table() + " VALUES (1,1)"), StartsWith("1142 42000"));
  connect("mesh").run("ALTER USER lean ACCOUNT LOCK");
  EXPECT_EQ(lean.error_of("SELECT 1"), "");
  try {
    connect("lean");
    ADD_FAILURE() << "a locked account could log in";
  } catch (const sql::SQLException& e) {
    EXPECT_EQ(e.getErrorCode(), 3118);
  }
  connect("mesh").run("DROP USER lean");
}

TEST_F(Accounts, SeeTidbsVariablesInAllSpellings) {
  EXPECT_EQ(root().one("SELECT @@global.tidb_source_id"), "1");
  root().run("SET @@global.tidb_source_id = 3, SESSION tidb_txn_mode = 'optimistic', @x = 5");
  EXPECT_EQ(root().one("SELECT @@tidb_source_id"), "3");
  EXPECT_EQ(root().columns()[0], "@@tidb_source_id");
  EXPECT_EQ(root().one("SELECT @@tidb_txn_mode"), "optimistic");
  EXPECT_EQ(root().one("SELECT @x"), "5");
  root().run("SET GLOBAL tidb_source_id = 16");
  EXPECT_EQ(root().rows("SHOW WARNINGS")[0][1], "1292");
  EXPECT_EQ(root().one("SELECT @@global.tidb_source_id"), "15");
  root().run("SET GLOBAL tidb_source_id := DEFAULT");
  EXPECT_EQ(root().rows("SHOW VARIABLES LIKE 'tidb_source_id'"),
            (TestClient::Rows{{"tidb_source_id", "1"}}));
  EXPECT_THAT(root().error_of("SET SESSION tidb_source_id = 2"), StartsWith("1229"));
  EXPECT_THAT(root().error_of("SELECT @@tidb_no_such"), StartsWith("1193"));
  root().run("SET GLOBAL tidb_gc_life_time = '24h'");
  EXPECT_EQ(root().one("SELECT @@global.tidb_gc_life_time"), "24h0m0s");
  EXPECT_EQ(
      root().one("SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME='tikv_gc_life_time'"),
      "24h0m0s");
  root().run("SET GLOBAL tidb_gc_life_time = '10m'");
  EXPECT_THAT(root().error_of("SET @@tidb_snapshot = '2026-01-01'"), StartsWith("8055"));
  EXPECT_EQ(root().error_of("SET @@tidb_snapshot = ''"), "");
}

TEST_F(Accounts, LearnWhatTheClusterIs) {
  EXPECT_EQ(root().one("SELECT VERSION()"), "8.0.11-TiDB-v8.5.3");
  EXPECT_THAT(root().one("SELECT TIDB_VERSION()"), StartsWith("Release Version: v8.5.3\n"));
  EXPECT_EQ(root().one("SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME='cluster_id'"),
            "");
  EXPECT_EQ(
      root().one(
          "SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME='new_collation_enabled'"),
      "True");
  const auto servers = root().rows(
      "SELECT INSTANCE FROM information_schema.CLUSTER_INFO WHERE TYPE='tidb' ORDER BY 1");
  EXPECT_EQ(servers.size(), 2U);
  EXPECT_EQ(root().one("SELECT INSTANCE FROM information_schema.cluster_info WHERE TYPE='pd'"),
            cluster().pd_address());
  EXPECT_THAT(connect("app").error_of("SELECT * FROM information_schema.cluster_info"),
              StartsWith("1227"));
  const std::uint64_t tso = state().oracle.next();
  EXPECT_EQ(
      root().one("SELECT ROUND(UNIX_TIMESTAMP(TIDB_PARSE_TSO(" + std::to_string(tso) + "))*1000)"),
      std::to_string(tso >> 18U));
}

}  // namespace
}  // namespace bdrmesh::lab
