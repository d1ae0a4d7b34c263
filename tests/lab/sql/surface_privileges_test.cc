// Grants: how they are shown, refused, revoked; when each tidb-server learns of them.
#include <fstream>

#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SurfacePrivileges : public ClusterTest {
 protected:
  void make_user(const std::string& name) {
    root().error_of("DROP USER " + name);
    root().run("CREATE USER " + name + " IDENTIFIED BY '" + name.substr(0, 1) + "'");
  }
  bool can_log_in(const std::string& user, std::size_t server) {
    try {
      connect(user, server);
      return true;
    } catch (const sql::SQLException& e) {
      EXPECT_EQ(e.getErrorCode(), 3118) << e.what();
      return false;
    }
  }
};

struct Exchange {
  std::string sql;
  std::vector<std::string> lines;
};

/// What root said up to the part about live sessions.
std::vector<Exchange> recorded() {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/real-9.0dev-privilege-gate.txt");
  std::vector<Exchange> all;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("-- table-level", 0) == 0) break;
    if (line.rfind("root> ", 0) == 0) {
      all.push_back({line.substr(6), {}});
    } else if (!all.empty() && line.rfind("--", 0) != 0 && line.rfind("+-", 0) != 0) {
      all.back().lines.push_back(line);
    }
  }
  return all;
}

/// `| text   |` without its border.
std::string cell(const std::string& line) {
  return line.substr(2, line.find_last_not_of(" |") - 1);
}

/// `ERROR 1105 (HY000): text` as TestClient::error_of writes it.
std::string as_error(const std::string& line) {
  if (line.rfind("ERROR ", 0) != 0) return "";
  const std::size_t open = line.find('(');
  const std::size_t close = line.find(')');
  return line.substr(6, open - 7) + " " + line.substr(open + 1, close - open - 1) + " " +
         line.substr(close + 3);
}

TEST_F(SurfacePrivileges, S15_GrantsAnswerAsARealServer) {
  make_user("app");
  make_user("nobody1");
  root().run("CREATE DATABASE pg");
  root().run("CREATE TABLE pg.t (a INT PRIMARY KEY, b INT)");
  root().run("CREATE TABLE pg.u (a INT PRIMARY KEY, b INT)");
  bool after_tables = false;
  for (const Exchange& each : recorded()) {
    SCOPED_TRACE(each.sql);
    if (each.sql.rfind("select", 0) == 0) {
      // The recording goes on with the grants taken back by hand.
      if (!after_tables) {
        for (const char* sql :
             {"REVOKE ALL ON pg.* FROM app", "REVOKE GRANT OPTION ON pg.* FROM app",
              "REVOKE ALL ON pg.u FROM app", "REVOKE ALL ON pg.t FROM app",
              "GRANT SELECT, INSERT, UPDATE, DELETE ON pg.* TO app"})
          root().error_of(sql);
      }
      after_tables = true;
      continue;
    }
    const bool fails = !each.lines.empty() && each.lines.front().rfind("ERROR", 0) == 0;
    if (each.sql.rfind("show grants", 0) != 0 || fails) {
      // Syntax errors point to other columns.
      const std::string seen = root().error_of(each.sql);
      const std::string real = fails ? as_error(each.lines.front()) : "";
      EXPECT_EQ(seen.substr(0, 4) == "1064" ? "1064" : seen,
                real.substr(0, 4) == "1064" ? "1064" : real);
      continue;
    }
    const auto rows = root().rows(each.sql);
    std::vector<std::string> seen = {root().columns().front()};
    for (const auto& row : rows) seen.push_back(row[0]);
    std::vector<std::string> real;
    for (const std::string& line : each.lines) real.push_back(cell(line));
    // ALL on a table takes the columns' grants in the engine, not in TiDB.
    if (std::find(real.begin(), real.end(), "GRANT ALL PRIVILEGES ON `pg`.`u` TO 'app'@'%'") !=
        real.end()) {
      std::erase(real, "GRANT INSERT(a), UPDATE(b) ON `pg`.`u` TO 'app'@'%'");
    }
    // TiDB lists by hash, schemas before tables.
    std::sort(seen.begin(), seen.end());
    std::sort(real.begin(), real.end());
    EXPECT_EQ(seen, real);
  }
}

TEST_F(SurfacePrivileges, S15_AServerLearnsOfPrivilegesLater) {
  make_user("late");
  root().run("GRANT SELECT, INSERT ON " + schema_ + ".* TO late");
  cluster().set_privilege_delay(1, std::nullopt);
  auto far = connect("late", 1);
  root().run("GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO late");
  state().variables.set_everywhere("tidb_super_read_only", "ON");
  auto near = connect("late", 0);
  EXPECT_EQ(near.error_of("INSERT INTO " + table() + " VALUES (1, 1)"), "");
  EXPECT_THAT(far.error_of("INSERT INTO " + table() + " VALUES (2, 2)"), StartsWith("1836"));
  cluster().set_privilege_delay(1, Millis(1));
  EXPECT_TRUE(eventually([&] {
    return far.error_of("REPLACE INTO " + table() + " VALUES (2, 2)").find("1836") != 0;
  }));
}

TEST_F(SurfacePrivileges, S15_AccountLockActsAtLoginOnEachServerByItself) {
  make_user("shut");
  cluster().set_privilege_delay(1, std::nullopt);
  auto live = connect("shut", 0);
  root().run("ALTER USER shut ACCOUNT LOCK");
  EXPECT_FALSE(can_log_in("shut", 0));
  EXPECT_TRUE(can_log_in("shut", 1));
  EXPECT_EQ(live.error_of("SELECT 1"), "");
  EXPECT_EQ(root().one("SELECT Account_locked FROM mysql.user WHERE User='shut'"), "Y");
  cluster().set_privilege_delay(1, Millis(1));
  EXPECT_TRUE(eventually([&] { return !can_log_in("shut", 1); }));
  root().run("ALTER USER shut ACCOUNT UNLOCK");
  EXPECT_TRUE(can_log_in("shut", 0));
}

TEST_F(SurfacePrivileges, S09_ExemptionComesByDirectGrantOrDefaultRoleOnly) {
  make_user("writer");
  root().run("CREATE ROLE replica");
  root().run("GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO replica");
  root().run("GRANT SELECT, INSERT ON " + schema_ + ".* TO writer");
  root().run("GRANT replica TO writer");
  EXPECT_EQ(root().rows("SHOW GRANTS FOR writer").back()[0], "GRANT 'replica'@'%' TO 'writer'@'%'");
  state().variables.set_everywhere("tidb_super_read_only", "ON");
  const std::string insert = "INSERT INTO " + table() + " VALUES (1, 1)";
  auto before = connect("writer");
  EXPECT_THAT(before.error_of(insert), StartsWith("1836"));
  EXPECT_THAT(before.error_of("SET ROLE replica"), StartsWith("1836"));
  state().variables.set_everywhere("tidb_super_read_only", "OFF");
  root().run("SET DEFAULT ROLE replica TO writer");
  state().variables.set_everywhere("tidb_super_read_only", "ON");
  EXPECT_THAT(before.error_of(insert), StartsWith("1836"));
  EXPECT_EQ(connect("writer").error_of(insert), "");
  EXPECT_THAT(connect("root").error_of("INSERT INTO " + table() + " VALUES (2, 2)"),
              StartsWith("1836"));
}

TEST_F(SurfacePrivileges, S15_RevokeStopsTheNextStatementNotTheCommit) {
  make_user("writer");
  root().run("GRANT SELECT, INSERT ON " + schema_ + ".* TO writer");
  auto writer = connect("writer");
  writer.run("USE " + schema_);
  writer.run("BEGIN");
  writer.run("INSERT INTO t VALUES (1, 1)");
  root().run("REVOKE INSERT ON " + schema_ + ".* FROM writer");
  EXPECT_EQ(writer.error_of("INSERT INTO t VALUES (2, 2)"),
            "1142 42000 INSERT command denied to user 'writer'@'%' for table 't'");
  EXPECT_EQ(writer.error_of("COMMIT"), "");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(SurfacePrivileges, S15_MissingRightsHaveTheirCodes) {
  make_user("pu");
  auto pu = connect("pu");
  EXPECT_EQ(pu.error_of("GRANT SELECT ON " + schema_ + ".* TO pu"),
            "8121 HY000 privilege check for 'Select' fail");
  EXPECT_EQ(pu.error_of("GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO pu"),
            "8121 HY000 privilege check for '[RESTRICTED_REPLICA_WRITER_ADMIN]' fail");
  EXPECT_EQ(pu.error_of("ADMIN SHOW BDR ROLE"), "8121 HY000 privilege check for 'Super' fail");
  EXPECT_THAT(pu.error_of("SET GLOBAL tidb_source_id=1"), StartsWith("1227 42000"));
  EXPECT_THAT(pu.error_of("ALTER USER pu ACCOUNT LOCK"), StartsWith("1227 42000"));
  EXPECT_THAT(pu.error_of("SHOW GRANTS FOR root"), StartsWith("1044 42000"));
  EXPECT_THAT(pu.error_of("SHOW CONFIG WHERE type='tidb'"), StartsWith("1227 42000"));
  EXPECT_THAT(pu.error_of("SET RESOURCE GROUP rg1"), StartsWith("1227 42000"));
  EXPECT_THAT(pu.error_of("SELECT * FROM mysql.tidb"), StartsWith("1142 42000"));
  EXPECT_EQ(pu.error_of("SHOW MASTER STATUS"), "");
  EXPECT_EQ(pu.error_of("SET SESSION tidb_cdc_write_source=1"), "");
  EXPECT_EQ(pu.error_of("SELECT @@tidb_config"), "");
  EXPECT_EQ(pu.rows("SELECT * FROM information_schema.ddl_jobs").size(), 0U);
}

}  // namespace
}  // namespace bdrmesh::lab
