// Reads of the past: S18 of the checklist, and what a writer's ledger says.
#include <atomic>
#include <random>

#include "lab/history/history_fixture.h"

namespace bdrmesh::lab {
namespace {

using S18 = HistoryTest;
using Rows = TestClient::Rows;

TEST_F(S18, S18_TidbSnapshotShowsTheRowsOfThatTime) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2),(3,3)");
  const std::uint64_t then = now();
  root().run("UPDATE " + table() + " SET b=20 WHERE a=2");
  root().run("DELETE FROM " + table() + " WHERE a=1");
  root().run("INSERT INTO " + table() + " VALUES (4,4)");
  root().run("UPDATE " + table() + " SET a=30 WHERE a=3");
  TestClient reader = reader_at(then);
  const std::string sql = "SELECT * FROM " + table() + " ORDER BY a";
  EXPECT_EQ(reader.rows(sql), (Rows{{"1", "1"}, {"2", "2"}, {"3", "3"}}));
  reader.run("SET @@tidb_snapshot=''");
  EXPECT_EQ(reader.rows(sql), (Rows{{"2", "20"}, {"4", "4"}, {"30", "3"}}));
}

TEST_F(S18, S18_UnderTidbSnapshotNothingCanBeWritten) {
  TestClient reader = reader_at(now());
  reader.run("USE " + schema_);
  const std::string refusal =
      "1105 HY000 can not execute write statement when 'tidb_snapshot' is set";
  EXPECT_EQ(reader.error_of("INSERT INTO t VALUES (9,9)"), refusal);
  EXPECT_EQ(reader.error_of("CREATE TABLE n (a INT)"), refusal);
  EXPECT_EQ(reader.error_of("UPDATE t SET b=1"), refusal);
  reader.run("BEGIN");
  EXPECT_EQ(reader.error_of("INSERT INTO t VALUES (9,9)"), refusal);
  reader.run("COMMIT");
  EXPECT_EQ(reader.error_of("SELECT * FROM t FOR UPDATE"), "");
  EXPECT_EQ(reader.error_of("SET tidb_cdc_write_source=0"), "");
}

TEST_F(S18, S18_ValuesOfTidbSnapshot) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,1)");
  const std::string then = std::to_string(now());
  client.run("UPDATE t SET b=2");
  client.run("SET @@tidb_snapshot=" + then);
  EXPECT_EQ(client.one("SELECT @@tidb_snapshot"), then);
  EXPECT_EQ(client.one("SELECT b FROM t"), "1");
  for (const char* off : {"NULL", "default", "''", "0"}) {
    client.run("SET @@tidb_snapshot=" + then);
    client.run(std::string("SET @@tidb_snapshot=") + off);
    EXPECT_EQ(client.one("SELECT b FROM t"), "2") << off;
    EXPECT_EQ(client.error_of("UPDATE t SET b=2"), "") << off;
  }
  EXPECT_EQ(client.error_of("SET @@tidb_snapshot='abc'"),
            "1292 22007 Incorrect datetime value: 'abc'");
  EXPECT_EQ(client.error_of("SET @@tidb_snapshot='2100-01-01 00:00:00'"),
            "1292 22007 Incorrect time value: '{2100 1 1 0 0 0 0}'");
  EXPECT_EQ(client.error_of("SET @@tidb_snapshot='18446744073709551615'"), "");
  EXPECT_EQ(client.one("SELECT b FROM t"), "2");
  EXPECT_EQ(client.error_of("SET @@tidb_snapshot=''"), "");
  EXPECT_THAT(client.error_of("SET @@tidb_snapshot='1'"),
              testing::StartsWith("8055 HY000 snapshot is older than GC safe point 20"));
  EXPECT_EQ(client.error_of("SET GLOBAL tidb_snapshot='x'"),
            "1228 HY000 Variable 'tidb_snapshot' is a SESSION variable and can't be used with SET "
            "GLOBAL");
  client.run("BEGIN");
  EXPECT_EQ(client.one("SELECT b FROM t"), "2");
  client.run("SET @@tidb_snapshot=" + then);
  EXPECT_EQ(client.one("SELECT b FROM t"), "1");
  client.run("COMMIT");
  EXPECT_EQ(client.error_of("SET @@tidb_snapshot=now(3)-interval 1 second"), "");
}

TEST_F(S18, S18_AsOfTimestamp) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,7)");
  const std::string then = std::to_string(now());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  client.run("UPDATE t SET b=8");
  const std::string at = "tidb_parse_tso(" + then + ")";
  // The time of a TSO has no logical part: one millisecond later is surely behind it.
  const std::string later = at + "+interval 2000 microsecond";
  EXPECT_EQ(client.one("SELECT b FROM t AS OF TIMESTAMP " + later), "7");
  EXPECT_EQ(client.one("SELECT x.b FROM t AS OF TIMESTAMP " + later + " AS x WHERE x.a=1"), "7");
  EXPECT_EQ(client.error_of("SELECT * FROM t AS OF TIMESTAMP " + then),
            "1292 22007 Incorrect time value: '" + then + "'");
  EXPECT_EQ(client.error_of("SELECT * FROM t AS OF TIMESTAMP '2100-01-01'"),
            "1292 22007 Incorrect time value: '{2100 1 1 0 0 0 0}'");
  EXPECT_EQ(client.error_of("SELECT * FROM t AS OF TIMESTAMP NULL"),
            "8135 HY000 invalid as of timestamp: as of timestamp cannot be NULL");
  EXPECT_EQ(client.error_of("SELECT * FROM t AS OF TIMESTAMP now()-interval 3 hour"),
            "1146 42S02 Table '" + schema_ + ".t' doesn't exist");
  EXPECT_EQ(client.error_of("INSERT INTO t SELECT a+1000,b FROM t AS OF TIMESTAMP " + later),
            "8135 HY000 can not set different time in the as of");
  client.run("BEGIN");
  EXPECT_EQ(client.error_of("SELECT * FROM t AS OF TIMESTAMP " + later),
            "8135 HY000 invalid as of timestamp: as of timestamp can't be set in transaction.");
  client.run("ROLLBACK");
  client.run("START TRANSACTION READ ONLY AS OF TIMESTAMP " + later);
  EXPECT_EQ(client.one("SELECT b FROM t"), "7");
  EXPECT_EQ(std::stoull(client.one("SELECT TIDB_CURRENT_TSO()")) >> 18U,
            (std::stoull(then) >> 18U) + 2);
  EXPECT_EQ(client.error_of("INSERT INTO t VALUES (5,5)"),
            "1105 HY000 only support read-only statement during read-only staleness transactions");
  client.run("COMMIT");
  EXPECT_EQ(client.one("SELECT b FROM t"), "8");
  client.run("SET TRANSACTION READ ONLY AS OF TIMESTAMP " + later);
  EXPECT_EQ(client.one("SELECT b FROM t"), "7");
  EXPECT_EQ(client.one("SELECT b FROM t"), "8");
}

TEST_F(S18, S18_ReadStaleness) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,7)");
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  client.run("UPDATE t SET b=8");
  client.run("SET tidb_read_staleness='-1'");
  EXPECT_EQ(client.one("SELECT b FROM t"), "7");
  client.run("SET tidb_read_staleness=''");
  EXPECT_EQ(client.one("SELECT b FROM t"), "8");
}

TEST_F(S18, S18_ExternalTimestamp) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,7)");
  const std::string then = std::to_string(now());
  client.run("SET GLOBAL tidb_external_ts=" + then);
  EXPECT_EQ(client.one("SELECT @@global.tidb_external_ts"), then);
  EXPECT_EQ(client.error_of("SET GLOBAL tidb_external_ts=0"),
            "1105 HY000 [pd]the external timestamp should be larger than current external "
            "timestamp");
  EXPECT_THAT(client.error_of("SET GLOBAL tidb_external_ts=18446744073709551615"),
              testing::StartsWith("1105 HY000 [pd]the external timestamp should"));
  EXPECT_EQ(client.error_of("SET tidb_external_ts=5"),
            "1229 HY000 Variable 'tidb_external_ts' is a GLOBAL variable and should be set with "
            "SET GLOBAL");
  client.run("UPDATE t SET b=8");
  client.run("SET tidb_enable_external_ts_read=ON");
  EXPECT_EQ(client.one("SELECT b FROM t"), "7");
  const std::string refusal =
      "1105 HY000 only support read-only statement during read-only staleness transactions";
  EXPECT_EQ(client.error_of("INSERT INTO t VALUES (77,1)"), refusal);
  EXPECT_EQ(client.one("SELECT TIDB_CURRENT_TSO()"), "0");
  client.run("BEGIN");
  EXPECT_EQ(client.one("SELECT b FROM t"), "7");
  EXPECT_EQ(client.one("SELECT TIDB_CURRENT_TSO()"), then);
  EXPECT_EQ(client.error_of("INSERT INTO t VALUES (77,1)"), refusal);
  client.run("COMMIT");
  EXPECT_EQ(client.error_of("CREATE TABLE n2 (a INT)"), "");
  EXPECT_EQ(client.error_of("SELECT * FROM t FOR UPDATE"),
            "1105 HY000 select lock hasn't been supported in stale read yet");
  client.run("SET tidb_enable_external_ts_read=OFF");
  EXPECT_EQ(client.one("SELECT b FROM t"), "8");
}

TEST_F(S18, S18_SessionsKeepExternalReadsAfterTheyAreSwitchedOff) {
  TestClient older = connect("root");
  root().run("INSERT INTO " + table() + " VALUES (1,7)");
  root().run("SET GLOBAL tidb_external_ts=" + std::to_string(now()));
  root().run("UPDATE " + table() + " SET b=8");
  root().run("SET GLOBAL tidb_enable_external_ts_read=ON");
  TestClient newer = connect("root");
  root().run("SET GLOBAL tidb_enable_external_ts_read=OFF");
  const std::string sql = "SELECT b FROM " + table();
  EXPECT_EQ(older.one(sql), "8");
  EXPECT_EQ(newer.one(sql), "7");
  newer.run("SET tidb_enable_external_ts_read=OFF");
  EXPECT_EQ(newer.one(sql), "8");
}

TEST_F(S18, S18_TheReadersOwnRightsCount) {
  root().run("CREATE TABLE " + schema_ + ".u (a INT PRIMARY KEY)");
  cluster().add_user({"poor", Secret("p"), {"SELECT ON " + schema_ + ".u"}});
  TestClient reader = reader_at(now(), "poor");
  EXPECT_EQ(reader.error_of("SELECT * FROM " + schema_ + ".u"), "");
  EXPECT_THAT(reader.error_of("SELECT * FROM " + table()), testing::StartsWith("1142 42000"));
  EXPECT_THAT(reader.error_of("SELECT * FROM lab_past.m1"), testing::StartsWith("1049 42000"));
  EXPECT_EQ(reader.rows("SHOW DATABASES LIKE 'lab%'"), Rows{});
}

TEST_F(S18, S18_JoinsSubqueriesViewsAndQualifiedColumns) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("CREATE TABLE u (a INT PRIMARY KEY, c VARCHAR(9))");
  client.run("CREATE VIEW v AS SELECT t.a, u.c FROM t JOIN u ON t.a=u.a");
  client.run("INSERT INTO t VALUES (1,1),(2,2)");
  client.run("INSERT INTO u VALUES (1,'x'),(2,'y')");
  const std::uint64_t then = now();
  client.run("DELETE FROM t WHERE a=1");
  client.run("UPDATE u SET c='z'");
  client.run("SET @@tidb_snapshot='" + std::to_string(then) + "'");
  EXPECT_EQ(client.rows("SELECT t.a, u.c FROM t, " + schema_ + ".u WHERE t.a=u.a ORDER BY 1"),
            (Rows{{"1", "x"}, {"2", "y"}}));
  EXPECT_EQ(client.rows("SELECT a FROM t WHERE a IN (SELECT a FROM u WHERE c='x')"), (Rows{{"1"}}));
  EXPECT_EQ(client.one("SELECT COUNT(" + schema_ + ".t.a) FROM " + schema_ + ".t"), "2");
  EXPECT_EQ(client.one("WITH c AS (SELECT * FROM t) SELECT SUM(b) FROM c"), "3");
  EXPECT_EQ(client.rows("SELECT * FROM v ORDER BY a"), (Rows{{"1", "x"}, {"2", "y"}}));
  EXPECT_EQ(client.one("SELECT (SELECT COUNT(*) FROM u x WHERE x.c='x')"), "1");
  EXPECT_EQ(client.one("TABLE t"), "1");
}

TEST_F(S18, S18_AllColumnTypes) {
  root().run(
      "CREATE TABLE " + schema_ +
      ".c (id BIGINT UNSIGNED PRIMARY KEY, a TINYINT, b DECIMAL(30,10), c FLOAT, d DOUBLE, "
      "e DATE, f DATETIME(6), g TIMESTAMP(3) NULL, h TIME(6), i YEAR, j CHAR(9), k "
      "VARCHAR(99), l VARBINARY(99), m BLOB, n TEXT, o ENUM('x','y'), p SET('q','r'), q "
      "JSON, r BIT(10), s INT GENERATED ALWAYS AS (a+1) STORED, t VARCHAR(9) CHARSET latin1)");
  const std::string c = schema_ + ".c";
  root().run(
      "INSERT INTO " + c +
      " (id,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,t) VALUES (18446744073709551615,-128,"
      "12345678901234567890.0123456789,0.1,1e-300,'2024-02-29','2024-02-29 "
      "23:59:59.123456','2024-02-29 12:00:00.125','-838:59:59.000001',2024,'c  "
      "','é✓😀',x'00ff27','\\0\\'',  '\\n\\\\','y','q,r','{\"a\": [1, null]}',b'1010101010','é'),"
      "(2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,"
      "NULL,NULL,NULL)");
  const std::string sql =
      "SELECT id,a,b,c+0e0,d,e,f,g,h,i,j,HEX(k),HEX(l),HEX(m),HEX(n),o,p,q,r+0,s,HEX(t) FROM " + c +
      " ORDER BY id";
  const Rows before = root().rows(sql);
  const std::uint64_t then = now();
  root().run("UPDATE " + c + " SET a=1,c=0.2,k='x',m='y',q='[]',r=1,t='x',g=NULL");
  root().run("DELETE FROM " + c + " WHERE id=2");
  EXPECT_EQ(rows_at(then, sql), before);
}

TEST_F(S18, S18_TablesWithoutKeyAreMultisets) {
  const std::string n = schema_ + ".n";
  root().run("CREATE TABLE " + n + " (a INT, f FLOAT, s VARCHAR(9))");
  root().run("INSERT INTO " + n + " VALUES (1,0.1,'x'),(1,0.1,'x'),(2,0.3,NULL),(3,NULL,'y')");
  const std::string sql = "SELECT a,s,COUNT(*) FROM " + n + " GROUP BY a,s ORDER BY a,s";
  const Rows before = root().rows(sql);
  const std::uint64_t then = now();
  root().run("INSERT INTO " + n + " VALUES (1,0.1,'x'),(2,0.3,NULL),(7,0.7,'z')");
  root().run("DELETE FROM " + n + " WHERE a=3");
  root().run("UPDATE " + n + " SET a=9 WHERE a=1 LIMIT 1");
  EXPECT_NE(root().rows(sql), before);
  EXPECT_EQ(rows_at(then, sql), before);
}

/// States of a table by the TSO after which they were true.
TEST_F(S18, S18_HistoryUnderConcurrentWritesIsWhatTheWritersRecorded) {
  constexpr int kWriters = 3;
  constexpr int kKeys = 40;
  struct Write {
    std::uint64_t commit_ts;
    int key;
    int value;  ///< -1: deleted
  };
  const std::string keyless = schema_ + ".n";
  root().run("CREATE TABLE " + keyless + " (w INT, k INT, v INT, INDEX (k))");
  std::vector<std::vector<Write>> ledger(kWriters);
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      TestClient client = connect("app", static_cast<std::size_t>(w % 2));
      std::mt19937 random(static_cast<unsigned>(w));
      std::map<int, int> mine;
      for (int i = 0; !stop; ++i) {
        const int key = w * kKeys + static_cast<int>(random() % kKeys);
        const bool removes = mine.count(key) > 0 && random() % 3 == 0;
        const auto work = [&] {
          client.run("BEGIN");
          client.run("DELETE FROM " + keyless + " WHERE w=" + std::to_string(w) +
                     " AND k=" + std::to_string(key));
          if (removes) {
            client.run("DELETE FROM " + table() + " WHERE a=" + std::to_string(key));
          } else {
            client.run("REPLACE INTO " + table() + " VALUES (" + std::to_string(key) + "," +
                       std::to_string(i) + ")");
            client.run("INSERT INTO " + keyless + " VALUES (" + std::to_string(w) + "," +
                       std::to_string(key) + "," + std::to_string(i) + ")");
          }
          client.run("COMMIT");
        };
        try {
          work();
        } catch (const sql::SQLException&) {
          client.run("ROLLBACK");  // a deadlock
          continue;
        }
        if (removes) {
          mine.erase(key);
        } else {
          mine[key] = i;
        }
        ledger[static_cast<std::size_t>(w)].push_back(
            {txn_info(client, "commit_ts"), key, removes ? -1 : i});
      }
    });
  }
  std::vector<std::pair<std::uint64_t, Rows>> seen;
  std::vector<std::pair<std::uint64_t, Rows>> seen_keyless;
  for (int round = 0; round < 12; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    const std::uint64_t ts = now();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    seen.emplace_back(ts, rows_at(ts, "SELECT a,b FROM " + table() + " ORDER BY a"));
    seen_keyless.emplace_back(ts, rows_at(ts, "SELECT k,v FROM " + keyless + " ORDER BY k,v"));
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  std::size_t writes = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    std::map<int, int> expected;
    writes = 0;
    for (const auto& one : ledger) {
      for (const Write& write : one) {
        if (write.commit_ts > seen[i].first) break;
        ++writes;
        if (write.value < 0) {
          expected.erase(write.key);
        } else {
          expected[write.key] = write.value;
        }
      }
    }
    Rows rows;
    for (const auto& [key, value] : expected)
      rows.push_back({std::to_string(key), std::to_string(value)});
    EXPECT_EQ(seen[i].second, rows) << "at " << seen[i].first;
    EXPECT_EQ(seen_keyless[i].second, rows) << "without key, at " << seen[i].first;
  }
  EXPECT_GT(writes, 100U);
}

}  // namespace
}  // namespace bdrmesh::lab
