// DDL between then and now.
#include "lab/history/history_fixture.h"

namespace bdrmesh::lab {
namespace {

using PastDdlTest = HistoryTest;
using Rows = TestClient::Rows;

TEST_F(PastDdlTest, DroppedTablesAreThereAndNewOnesAreNot) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2)");
  const std::uint64_t then = now();
  root().run("UPDATE " + table() + " SET b=3");
  root().run("DROP TABLE " + table());
  const std::uint64_t gone = now();
  root().run("CREATE TABLE " + table() + " (z INT PRIMARY KEY)");
  root().run("CREATE TABLE " + schema_ + ".later (z INT PRIMARY KEY)");
  const std::string sql = "SELECT * FROM " + table();
  EXPECT_EQ(rows_at(then, sql + " ORDER BY a"), (Rows{{"1", "1"}, {"2", "2"}}));
  EXPECT_EQ(reader_at(gone).error_of(sql), "1146 42S02 Table '" + table() + "' doesn't exist");
  EXPECT_EQ(reader_at(then).error_of("SELECT * FROM " + schema_ + ".later"),
            "1146 42S02 Table '" + schema_ + ".later' doesn't exist");
  EXPECT_EQ(rows_at(now(), sql), Rows{});
}

TEST_F(PastDdlTest, TruncatedTablesAndDroppedSchemasHaveTheirRows) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint64_t first = now();
  root().run("TRUNCATE TABLE " + table());
  root().run("INSERT INTO " + table() + " VALUES (5,5)");
  const std::uint64_t second = now();
  root().run("UPDATE " + table() + " SET b=6");
  root().run("DROP DATABASE " + schema_);
  const std::string sql = "SELECT * FROM " + table();
  EXPECT_EQ(rows_at(first, sql), (Rows{{"1", "1"}}));
  EXPECT_EQ(rows_at(second, sql), (Rows{{"5", "5"}}));
  EXPECT_EQ(reader_at(now()).error_of(sql), "1146 42S02 Table '" + table() + "' doesn't exist");
}

TEST_F(PastDdlTest, ColumnsAreThoseOfThatTime) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,100),(2,2)");
  const std::uint64_t plain = now();
  client.run("ALTER TABLE t ADD COLUMN c INT DEFAULT 7");
  client.run("UPDATE t SET c=8, b=5 WHERE a=1");
  const std::uint64_t added = now();
  client.run("ALTER TABLE t DROP COLUMN b");
  client.run("UPDATE t SET c=9 WHERE a=2");
  const std::uint64_t dropped = now();
  client.run("ALTER TABLE t MODIFY COLUMN c VARCHAR(20)");
  client.run("UPDATE t SET c='x' WHERE a=2");
  const std::uint64_t modified = now();
  client.run("RENAME TABLE t TO u");
  client.run("DELETE FROM u WHERE a=1");
  const std::string sql = "SELECT * FROM " + table() + " ORDER BY a";
  EXPECT_EQ(rows_at(plain, sql), (Rows{{"1", "100"}, {"2", "2"}}));
  EXPECT_EQ(rows_at(added, sql), (Rows{{"1", "5", "8"}, {"2", "2", "7"}}));
  EXPECT_EQ(rows_at(dropped, sql), (Rows{{"1", "8"}, {"2", "9"}}));
  EXPECT_EQ(rows_at(modified, sql), (Rows{{"1", "8"}, {"2", "x"}}));
  EXPECT_EQ(reader_at(now()).error_of(sql), "1146 42S02 Table '" + table() + "' doesn't exist");
  EXPECT_EQ(rows_at(now(), "SELECT * FROM " + schema_ + ".u"), (Rows{{"2", "x"}}));
  EXPECT_EQ(reader_at(modified).error_of("SELECT * FROM " + schema_ + ".u"),
            "1146 42S02 Table '" + schema_ + ".u' doesn't exist");
}

TEST_F(PastDdlTest, S18_TheSchemaIsThatOfThatTime) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  const Rows created = client.rows("SHOW CREATE TABLE t");
  const Rows described = client.rows("DESC t");
  const std::string columns =
      "SELECT column_name FROM information_schema.columns WHERE table_schema='" + schema_ +
      "' ORDER BY ordinal_position";
  const std::string then = std::to_string(now());
  client.run("ALTER TABLE t ADD COLUMN c INT");
  EXPECT_EQ(client.rows(columns), (Rows{{"a"}, {"b"}, {"c"}}));
  for (int dropped = 0; dropped < 2; ++dropped) {
    client.run("SET @@tidb_snapshot=" + then);
    EXPECT_EQ(client.rows("SHOW CREATE TABLE t"), created);
    EXPECT_EQ(client.rows("DESC t"), described);
    EXPECT_EQ(client.rows("SHOW COLUMNS FROM t"), described);
    EXPECT_EQ(client.rows(columns), (Rows{{"a"}, {"b"}}));
    client.run("SET @@tidb_snapshot=''");
    if (dropped == 0) client.run("DROP TABLE t");
  }
  EXPECT_EQ(client.rows(columns), Rows{});
}

TEST_F(PastDdlTest, TablesThatWereEmptyWhenTheyWereDropped) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2)");
  const std::uint64_t full = now();
  root().run("DELETE FROM " + table());
  const std::uint64_t empty = now();
  root().run("ALTER TABLE " + table() + " DROP COLUMN b");
  root().run("INSERT INTO " + table() + " VALUES (7)");
  root().run("DELETE FROM " + table());
  root().run("DROP TABLE " + table());
  const std::string sql = "SELECT * FROM " + table() + " ORDER BY a";
  EXPECT_EQ(rows_at(full, sql), (Rows{{"1", "1"}, {"2", "2"}}));
  EXPECT_EQ(rows_at(empty, sql), Rows{});
}

TEST_F(PastDdlTest, PartitionsComeAndGo) {
  const std::string p = schema_ + ".p";
  root().run("CREATE TABLE " + p +
             " (a INT PRIMARY KEY, b INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN "
             "(10), PARTITION p1 VALUES LESS THAN (20))");
  root().run("INSERT INTO " + p + " VALUES (1,1),(11,11)");
  const std::uint64_t two = now();
  root().run("ALTER TABLE " + p + " ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))");
  root().run("INSERT INTO " + p + " VALUES (21,21)");
  const std::uint64_t three = now();
  root().run("ALTER TABLE " + p + " TRUNCATE PARTITION p1");
  root().run("INSERT INTO " + p + " VALUES (12,12)");
  root().run("ALTER TABLE " + p + " DROP PARTITION p0");
  const std::string sql = "SELECT a FROM " + p + " ORDER BY a";
  EXPECT_EQ(rows_at(two, sql), (Rows{{"1"}, {"11"}}));
  EXPECT_EQ(rows_at(three, sql), (Rows{{"1"}, {"11"}, {"21"}}));
  EXPECT_EQ(rows_at(now(), sql), (Rows{{"12"}, {"21"}}));
}

TEST_F(PastDdlTest, ARefusedDropLeavesEverythingAsItWas) {
  cluster().add_user({"weak", Secret("w"), {"SELECT, INSERT ON *.*"}});
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  EXPECT_THAT(connect("weak").error_of("DROP TABLE " + table()), testing::StartsWith("1142"));
  const std::uint64_t then = now();
  EXPECT_EQ(rows_at(then, "SELECT * FROM " + table()), (Rows{{"1", "1"}}));
  root().run("CREATE TABLE " + schema_ + ".child (a INT PRIMARY KEY, FOREIGN KEY (a) REFERENCES " +
             table() + " (a))");
  EXPECT_NE(root().error_of("DROP TABLE " + table()), "");
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "1");
}

TEST_F(PastDdlTest, ReadersSeeTheirTimeWhileDdlAndWritesGoOn) {
  TestClient writer = connect("app");
  TestClient ddl = connect("app", 1);
  writer.run("USE " + schema_);
  ddl.run("USE " + schema_);
  std::map<std::uint64_t, std::string> sums;
  std::atomic<bool> stop{false};
  std::thread ddls([&] {
    for (int i = 0; !stop; ++i) {
      ddl.run("ALTER TABLE t ADD COLUMN c" + std::to_string(i) + " INT DEFAULT 1");
      ddl.run("ALTER TABLE t ADD INDEX i" + std::to_string(i) + " (b)");
      if (i % 3 == 2) ddl.run("ALTER TABLE t DROP COLUMN c" + std::to_string(i));
    }
  });
  for (int i = 0; i < 60; ++i) {
    writer.run("INSERT INTO t (a,b) VALUES (" + std::to_string(i) + ",1)");
    if (i % 2 == 1) writer.run("UPDATE t SET b=b+1 WHERE a=" + std::to_string(i / 2));
    const std::uint64_t ts = now();
    if (i % 5 == 0) sums[ts] = std::to_string(i + 1) + " " + std::to_string(i + 1 + (i + 1) / 2);
  }
  stop = true;
  ddls.join();
  for (const auto& [ts, expected] : sums) {
    EXPECT_EQ(reader_at(ts).one("SELECT CONCAT(COUNT(*),' ',SUM(b)) FROM " + table()), expected);
  }
}

}  // namespace
}  // namespace bdrmesh::lab
