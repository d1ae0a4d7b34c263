// information_schema against the recorded answers of a real server, and what only TiDB's has.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::ElementsAre;
using testing::StartsWith;
using Row = std::map<std::string, std::string>;

/// The rows that the recording shows below `select * from information_schema.TABLE`.
std::vector<Row> recorded_rows(const std::string& table) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/real-9.0dev-infoschema-schema-compare.txt");
  std::vector<Row> rows;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("root> ", 0) == 0) {
      inside = (line + " ").find("information_schema." + table + " ") != std::string::npos;
    } else if (inside && line.rfind("****", 0) == 0) {
      rows.emplace_back();
    } else if (inside && !rows.empty()) {
      const std::size_t colon = line.find(": ");
      if (colon == std::string::npos) continue;
      rows.back()[line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '))] =
          line.substr(colon + 2);
    }
  }
  return rows;
}

class InformationSchema : public ClusterTest {
 protected:
  std::vector<Row> rows(const std::string& sql) {
    std::vector<Row> all;
    for (const auto& cells : root().rows(sql)) {
      Row row;
      for (std::size_t i = 0; i < cells.size(); ++i) row[root().columns()[i]] = cells[i];
      all.push_back(std::move(row));
    }
    return all;
  }
};

TEST_F(InformationSchema, S20_HasTheColumnsOfARealServers) {
  // What later versions added.
  static const std::set<std::string> kLater = {"TIDB_TABLE_MODE", "PREDICATE"};
  for (const char* table :
       {"tables", "columns", "tidb_indexes", "partitions", "check_constraints",
        "tidb_check_constraints", "table_constraints", "referential_constraints",
        "key_column_usage", "views", "sequences", "attributes", "schemata"}) {
    const auto recorded = recorded_rows(table);
    ASSERT_FALSE(recorded.empty()) << table;
    std::set<std::string> expected;
    for (const auto& [name, value] : recorded.front()) {
      if (kLater.count(name) == 0) expected.insert(name);
    }
    root().rows(std::string("SELECT * FROM information_schema.") + table + " LIMIT 1");
    const std::set<std::string> seen(root().columns().begin(), root().columns().end());
    EXPECT_EQ(seen, expected) << table;
  }
}

TEST_F(InformationSchema, S20_TellsOfTablesWhatTidbTells) {
  root().run("USE " + schema_);
  root().run("CREATE TABLE n (a INT, b VARCHAR(50), PRIMARY KEY (a, b) NONCLUSTERED)");
  root().run("CREATE TABLE s (a INT) SHARD_ROW_ID_BITS = 4");
  root().run("CREATE TABLE r (a BIGINT AUTO_RANDOM PRIMARY KEY)");
  root().run("CREATE TABLE v (a VARCHAR(3) PRIMARY KEY)");
  EXPECT_EQ(root().rows("SELECT TABLE_NAME, TIDB_PK_TYPE, TIDB_ROW_ID_SHARDING_INFO FROM "
                        "information_schema.tables WHERE TABLE_SCHEMA='" +
                        schema_ + "' ORDER BY 1"),
            (TestClient::Rows{{"n", "NONCLUSTERED", "NOT_SHARDED"},
                              {"r", "CLUSTERED", "PK_AUTO_RANDOM_BITS=5"},
                              {"s", "NONCLUSTERED", "SHARD_BITS=4"},
                              {"t", "CLUSTERED", "NOT_SHARDED(PK_IS_HANDLE)"},
                              {"v", "CLUSTERED", "NOT_SHARDED"}}));
  EXPECT_EQ(
      root().rows("SELECT KEY_NAME, CLUSTERED FROM information_schema.tidb_indexes WHERE "
                  "TABLE_SCHEMA='" +
                  schema_ + "' AND TABLE_NAME IN ('n','t') ORDER BY TABLE_NAME, SEQ_IN_INDEX"),
      (TestClient::Rows{{"PRIMARY", "NO"}, {"PRIMARY", "NO"}, {"PRIMARY", "YES"}}));
}

TEST_F(InformationSchema, S20_ShowsColumnsAsTidbTypesThem) {
  root().run("USE " + schema_);
  root().run(
      "CREATE TABLE jsn(a int primary key, j json, k json default null, g int as "
      "(json_extract(j,'$.a')) virtual, h varchar(20) as (json_unquote(json_extract(j,"
      "'$.b'))) stored, d varchar(9) default 'it''s', t tinyint(1) default 1)");
  const auto seen = rows("SELECT * FROM information_schema.columns WHERE table_schema='" + schema_ +
                         "' AND table_name='jsn' ORDER BY ordinal_position");
  const auto recorded = recorded_rows("columns");
  for (const std::string name : {"a", "j", "k", "g"}) {
    const auto mine =
        std::ranges::find_if(seen, [&](const Row& r) { return r.at("COLUMN_NAME") == name; });
    const auto real =
        std::ranges::find_if(recorded, [&](const Row& r) { return r.at("COLUMN_NAME") == name; });
    ASSERT_NE(mine, seen.end());
    ASSERT_NE(real, recorded.end());
    for (const char* field :
         {"COLUMN_DEFAULT", "IS_NULLABLE", "DATA_TYPE", "COLUMN_TYPE", "NUMERIC_PRECISION",
          "CHARACTER_SET_NAME", "COLLATION_NAME", "EXTRA"}) {
      EXPECT_EQ(mine->at(field), real->at(field)) << name << " " << field;
    }
  }
  EXPECT_EQ(root().rows("DESC jsn d"),
            (TestClient::Rows{{"d", "varchar(9)", "YES", "", "it's", ""}}));
  EXPECT_EQ(root().rows("SHOW COLUMNS FROM jsn LIKE 't'"),
            (TestClient::Rows{{"t", "tinyint(1)", "YES", "", "1", ""}}));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM information_schema.columns WHERE "
                       "TABLE_SCHEMA='INFORMATION_SCHEMA' AND TABLE_NAME='CLUSTER_TIDB_TRX'"),
            "14");
  EXPECT_EQ(root().rows("DESC information_schema.cluster_info").size(), 8U);
  EXPECT_THAT(root().error_of("DESC nothing"), StartsWith("1146"));
}

TEST_F(InformationSchema, S20_ListsSequencesChecksAndReplicas) {
  root().run("USE " + schema_);
  root().run(
      "CREATE SEQUENCE s1 START WITH 100 INCREMENT BY 10 MINVALUE 5 MAXVALUE 1000000 CACHE "
      "50 CYCLE COMMENT 'seq'");
  const auto sequences =
      rows("SELECT * FROM information_schema.sequences WHERE sequence_schema='" + schema_ + "'");
  ASSERT_EQ(sequences.size(), 1U);
  const auto recorded = recorded_rows("sequences");
  for (const auto& [name, value] : recorded.at(0)) {
    if (name == "SEQUENCE_SCHEMA") continue;
    EXPECT_EQ(sequences[0].at(name), value) << name;
  }
  root().run(
      "CREATE TABLE c (a INT PRIMARY KEY, j JSON, CONSTRAINT c1 CHECK (a > 0), CHECK (a < 9))");
  EXPECT_EQ(root().rows("SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM "
                        "information_schema.check_constraints WHERE CONSTRAINT_SCHEMA='" +
                        schema_ + "' ORDER BY 1"),
            (TestClient::Rows{{"c1", "(`a` > 0)"}, {"c_chk_1", "(`a` < 9)"}}));
  root().run("ALTER TABLE t SET TIFLASH REPLICA 1");
  const std::string replica =
      "SELECT AVAILABLE FROM information_schema.tiflash_replica WHERE "
      "TABLE_SCHEMA='" +
      schema_ + "'";
  EXPECT_EQ(root().one(replica), "1");
  root().run("CREATE TABLE f (a INT PRIMARY KEY)");
  root().run("ALTER TABLE f SET TIFLASH REPLICA 1");
  state().set_bdr_role("primary");
  EXPECT_EQ(root().one(replica + " AND TABLE_NAME='f'"), "0");
  state().set_bdr_role("");
  EXPECT_EQ(root().one(replica + " AND TABLE_NAME='f'"), "1");
}

TEST_F(InformationSchema, S20_AutoRandomGivesShardedIdsAndRefusesExplicitOnes) {
  root().run("USE " + schema_);
  root().run("CREATE TABLE r (a BIGINT AUTO_RANDOM PRIMARY KEY, b INT)");
  root().run("INSERT INTO r (b) VALUES (1), (2)");
  const auto ids = root().rows("SELECT a, a & ((1<<58)-1) FROM r ORDER BY b");
  EXPECT_EQ(ids[0][1], "1");
  EXPECT_EQ(std::stoull(ids[1][0]), std::stoull(ids[0][0]) + 1);
  EXPECT_EQ(root().one("SELECT LAST_INSERT_ID()"), ids[0][0]);
  EXPECT_THAT(root().error_of("INSERT INTO r VALUES (5, 5)"), StartsWith("8216 HY000"));
  root().run("SET allow_auto_random_explicit_insert = 1");
  root().run("INSERT INTO r VALUES (5, 5)");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM r WHERE a = 5"), "1");
}

TEST_F(InformationSchema, S13_DataLockWaitsNamesWaiterAndHolder) {
  auto holder = connect("root");
  auto waiter = connect("root");
  root().run("INSERT INTO " + table() + " VALUES (1, 1)");
  holder.run("BEGIN");
  holder.run("UPDATE " + table() + " SET b = 2 WHERE a = 1");
  std::jthread blocked([&] { waiter.error_of("UPDATE " + table() + " SET b = 3 WHERE a = 1"); });
  // The engine looks again only when nobody has asked for a tenth of a second.
  TestClient::Rows found;
  EXPECT_TRUE(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    found = root().rows("SELECT CURRENT_HOLDING_TRX_ID FROM information_schema.DATA_LOCK_WAITS");
    return !found.empty();
  }));
  const std::string holders = holder.one("SELECT @@tidb_current_ts");
  holder.run("COMMIT");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0][0], holders);
  EXPECT_THAT(connect("app").error_of("SELECT * FROM information_schema.data_lock_waits"),
              StartsWith("1227"));
}

}  // namespace
}  // namespace bdrmesh::lab
