// What a client asks of a tidb-server beside its data: one case per line of the checklist.
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Surface : public ClusterTest {};

TEST_F(Surface, S00_TheHandshakeSaysTidbAndSettingsAreTaken) {
  EXPECT_EQ(root().error_of("SET NAMES utf8mb4"), "");
  EXPECT_EQ(root().error_of("SET SESSION sql_mode = 'ANSI_QUOTES', time_zone = '+00:00'"), "");
  EXPECT_EQ(root().error_of("SET SESSION sql_mode = DEFAULT"), "");
  EXPECT_GE(std::stoull(root().one("SELECT @@max_allowed_packet")), 16'777'216U);
  EXPECT_THAT(root().error_of("SELEC 1"), StartsWith("1064 42000"));
  EXPECT_THAT(root().error_of("SELECT * FROM nowhere.t"), StartsWith("1146 42S02"));
  EXPECT_TRUE(root().raw().isValid());
}

TEST_F(Surface, S01_VersionsAreThoseOfTheProfile) {
  EXPECT_EQ(root().one("SELECT VERSION()"), "8.0.11-TiDB-v8.5.3");
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/tidb-version-8.5.8.txt");
  std::stringstream seen(root().one("SELECT TIDB_VERSION()"));
  for (std::string real; std::getline(in, real);) {
    std::string mine;
    ASSERT_TRUE(std::getline(seen, mine)) << real;
    EXPECT_EQ(mine.substr(0, mine.find(':')), real.substr(0, real.find(':')));
  }
}

TEST_F(Surface, S02_MysqlTidbHasTheRowsOfItsVersion) {
  const auto value = [&](const std::string& name) {
    return root().one("SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME = '" + name + "'");
  };
  EXPECT_EQ(value("cluster_id"), "");  // written from v8.5.6 on
  EXPECT_EQ(value("new_collation_enabled"), "True");
  EXPECT_EQ(value("tikv_gc_enable"), "true");
  EXPECT_THAT(connect("app").error_of("SELECT * FROM mysql.tidb"),
              testing::AnyOf("", StartsWith("1142")));
}

TEST_F(Surface, S03_ClusterInfoNamesEveryServerAndPd) {
  const auto rows = root().rows(
      "SELECT TYPE, INSTANCE, STATUS_ADDRESS, VERSION, GIT_HASH, START_TIME, UPTIME, SERVER_ID "
      "FROM information_schema.cluster_info ORDER BY TYPE, INSTANCE");
  int servers = 0;
  for (const auto& row : rows) {
    if (row[0] != "tidb") continue;
    ++servers;
    EXPECT_EQ(row[3], "8.5.3");
    EXPECT_NE(row[1], row[2]);
  }
  EXPECT_EQ(servers, 2);
}

TEST_F(Surface, S04_SourceIdIsClampedAndRefusesWhatIsNoInteger) {
  root().run("SET GLOBAL tidb_source_id = 16");
  EXPECT_EQ(
      root().rows("SHOW WARNINGS"),
      (TestClient::Rows{{"Warning", "1292", "Truncated incorrect tidb_source_id value: '16'"}}));
  EXPECT_EQ(root().one("SELECT @@global.tidb_source_id"), "15");
  root().run("SET GLOBAL tidb_source_id = 0");
  EXPECT_EQ(root().one("SELECT @@global.tidb_source_id"), "1");
  for (const char* value : {"'7'", "'x'", "1.5"}) {
    EXPECT_THAT(root().error_of(std::string("SET GLOBAL tidb_source_id = ") + value),
                StartsWith("1232 42000"));
  }
  EXPECT_THAT(root().error_of("SET SESSION tidb_source_id = 2"), StartsWith("1229"));
  EXPECT_EQ(root().error_of("SET SESSION tidb_cdc_write_source = 15"), "");
  EXPECT_THAT(root().error_of("SET GLOBAL tidb_cdc_write_source = 1"), StartsWith("1228"));
}

TEST_F(Surface, S16_GcVariablesAreNormalisedAndClamped) {
  EXPECT_EQ(root().one("SELECT @@global.tidb_gc_enable"), "1");
  root().run("SET GLOBAL tidb_gc_enable = OFF");
  // Recorded in tidb-gc-enable-off.txt.
  EXPECT_EQ(root().one("SELECT @@global.tidb_gc_enable"), "0");
  root().run("SET GLOBAL tidb_gc_enable = ON");
  root().run("SET GLOBAL tidb_gc_life_time = '1.5h'");
  EXPECT_EQ(root().one("SELECT @@global.tidb_gc_life_time"), "1h30m0s");
  root().run("SET GLOBAL tidb_gc_life_time = '5m'");
  EXPECT_EQ(root().rows("SHOW WARNINGS")[0][1], "1292");
  EXPECT_EQ(root().one("SELECT @@global.tidb_gc_life_time"), "10m0s");
  for (const char* value : {"600", "'600'", "'3d'"}) {
    EXPECT_THAT(root().error_of(std::string("SET GLOBAL tidb_gc_life_time = ") + value),
                StartsWith("1232"));
  }
}

TEST_F(Surface, S21_DigestsAreThoseOfARealServer) {
  // Text of a row and digests over it, as real-9.0dev-row-digest.txt found them equal.
  root().run("CREATE TABLE " + schema_ +
             ".d (id BIGINT PRIMARY KEY, dc DECIMAL(20,5), dt DATETIME(6), "
             "en ENUM('a','b','ü'), ch CHAR(10), vc VARCHAR(100), vb VARBINARY(20), bi BIT(9))");
  root().run("INSERT INTO " + schema_ +
             ".d VALUES (1, 1.5, '2026-01-02 03:04:05.000006', 'ü', 'a ', "
             "'a,b', x'00ff', b'101'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
  EXPECT_EQ(root().one("SELECT CONCAT_WS(',', id, dc, dt, en, ch, vc, HEX(vb), bi+0) FROM " +
                       schema_ + ".d WHERE id = 1"),
            "1,1.50000,2026-01-02 03:04:05.000006,ü,a,a,b,00FF,5");
  EXPECT_EQ(root().rows("SELECT COUNT(*), SUM(CAST(CONV(SUBSTRING(SHA1(id),1,16),16,10) AS "
                        "UNSIGNED)), BIT_XOR(1) FROM " +
                        schema_ + ".d WHERE id > 9"),
            (TestClient::Rows{{"0", "NULL", "0"}}));
  EXPECT_EQ(root().one("SELECT CONV(SUBSTRING(SHA1('1'),1,16),16,10)"), "3848916506047131724");
}

TEST_F(Surface, S21_RegionsAreShownSampledAndSplit) {
  root().run("INSERT INTO " + table() + " VALUES (1, 1), (2, 2), (3, 3)");
  EXPECT_EQ(root().rows("SELECT a FROM " + table() + " TABLESAMPLE REGIONS()").size(), 1U);
  const auto regions = root().rows("SHOW TABLE " + table() + " REGIONS");
  EXPECT_EQ(regions.size(), 1U);
  EXPECT_THAT(
      root().columns(),
      ElementsAre("REGION_ID", "START_KEY", "END_KEY", "LEADER_ID", "LEADER_STORE_ID", "PEERS",
                  "SCATTERING", "WRITTEN_BYTES", "READ_BYTES", "APPROXIMATE_SIZE(MB)",
                  "APPROXIMATE_KEYS", "SCHEDULING_CONSTRAINTS", "SCHEDULING_STATE"));
  EXPECT_THAT(regions[0][1], StartsWith("t_"));
  root().run("CREATE TABLE " + schema_ +
             ".p (a BIGINT AUTO_RANDOM PRIMARY KEY) PRE_SPLIT_REGIONS = 2");
  EXPECT_EQ(root().rows("SHOW TABLE " + schema_ + ".p REGIONS").size(), 4U);
  EXPECT_EQ(root().rows("SPLIT TABLE " + table() + " BETWEEN (0) AND (100) REGIONS 4").size(), 1U);
  EXPECT_EQ(root().rows("SELECT a FROM " + table() + " ORDER BY a LIMIT 1,1"),
            (TestClient::Rows{{"2"}}));
}

TEST_F(Surface, S22_AutoIncrementStepsAreTakenByNewSessions) {
  root().run("SET GLOBAL auto_increment_increment = 3");
  root().run("SET GLOBAL auto_increment_offset = 2");
  EXPECT_EQ(root().one("SELECT @@auto_increment_increment"), "1");
  auto fresh = connect("root");
  EXPECT_EQ(fresh.rows("SHOW VARIABLES LIKE 'auto_increment_%'"),
            (TestClient::Rows{{"auto_increment_increment", "3"}, {"auto_increment_offset", "2"}}));
  fresh.run("CREATE TABLE " + schema_ + ".ai (a INT AUTO_INCREMENT PRIMARY KEY, b INT)");
  fresh.run("INSERT INTO " + schema_ + ".ai (b) VALUES (1), (2)");
  EXPECT_EQ(fresh.one("SELECT SUM((a - 2) % 3) FROM " + schema_ + ".ai"), "0");
  root().run("SET GLOBAL auto_increment_increment = DEFAULT");
  root().run("SET GLOBAL auto_increment_offset = DEFAULT");
}

TEST_F(Surface, S23_PreflightFindsItsVariablesAndConfiguration) {
  EXPECT_EQ(root().rows("SELECT @@global.tidb_enable_metadata_lock, @@global.tidb_ttl_job_enable, "
                        "@@tidb_enable_clustered_index, @@global.tidb_ddl_enable_fast_reorg"),
            (TestClient::Rows{{"1", "1", "ON", "1"}}));
  root().run("SET tidb_enable_clustered_index = int_only");
  EXPECT_EQ(root().one("SELECT @@tidb_enable_clustered_index"), "INT_ONLY");
  EXPECT_THAT(root().error_of("SET tidb_enable_clustered_index = maybe"), StartsWith("1231 42000"));
  EXPECT_THAT(root().error_of("SET tidb_current_ts = 5"), StartsWith("1238"));
  const Json config = Json::parse(root().one("SELECT @@tidb_config"));
  EXPECT_FALSE(config.at("enable-table-lock").get<bool>());
  EXPECT_EQ(root().one("SELECT JSON_EXTRACT(@@tidb_config, '$.\"enable-global-kill\"')"), "true");
  // Recorded in show-config-row-8.5.txt.
  const auto rows = root().rows("SHOW CONFIG WHERE type = 'tidb' AND name = 'advertise-address'");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(root().columns(), ElementsAre("Type", "Instance", "Name", "Value"));
  EXPECT_EQ(rows[0][3], "127.0.0.1");
}

TEST_F(Surface, S24_ResourceGroupsAndTimeLimitsAreAccepted) {
  for (const char* sql :
       {"CREATE RESOURCE GROUP IF NOT EXISTS rg1 RU_PER_SEC = 2000 PRIORITY = LOW BURSTABLE",
        "SET RESOURCE GROUP rg1", "ALTER USER app RESOURCE GROUP rg1",
        "SET SESSION max_execution_time = 1000", "DROP RESOURCE GROUP rg1",
        "CREATE GLOBAL BINDING FOR SELECT 1 USING SELECT 1",
        "SET SESSION max_execution_time = 0"}) {
    EXPECT_EQ(root().error_of(sql), "") << sql;
  }
}

TEST_F(Surface, S25_WhatTicdcSaysIsUnderstood) {
  auto sink = connect("mesh");
  for (const char* sql :
       {"SET SESSION tidb_cdc_write_source = 1", "SET SESSION foreign_key_checks = 0",
        "SET SESSION tidb_placement_mode = 'ignore'",
        "SET SESSION allow_auto_random_explicit_insert = 1", "SET SESSION time_zone = '+00:00'",
        "CREATE DATABASE IF NOT EXISTS tidb_cdc"}) {
    EXPECT_EQ(sink.error_of(sql), "") << sql;
  }
  EXPECT_EQ(sink.rows("show session variables like 'allow_auto_random_explicit_insert'"),
            (TestClient::Rows{{"allow_auto_random_explicit_insert", "ON"}}));
  EXPECT_EQ(sink.one("select character_set_name from information_schema.character_sets where "
                     "character_set_name = 'gbk'"),
            "gbk");
  EXPECT_THAT(sink.one("select tidb_version()"), HasSubstr("v8.5.3"));
  EXPECT_THAT(sink.error_of("SET SESSION tidb_no_such_thing = 1"), StartsWith("1193"));
}

}  // namespace
}  // namespace bdrmesh::lab
