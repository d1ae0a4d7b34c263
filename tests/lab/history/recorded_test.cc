// What a real server answered to reads of the past, said again to the lab.
#include <algorithm>
#include <map>

#include "lab/history/history_fixture.h"
#include "lab/history/transcript.h"

namespace bdrmesh::lab {
namespace {

/// TSOs and times of the recording, and what they are here.
class Recorded : public HistoryTest {
 protected:
  void SetUp() override {
    HistoryTest::SetUp();
    all_ = read_transcript("tidb/real-9.0dev-snapshot-gc.txt");
  }
  void TearDown() override {
    root().run("DROP DATABASE IF EXISTS sn");
    HistoryTest::TearDown();
  }

  std::string here(std::string text) const {
    for (const auto& [theirs, ours] : here_) {
      for (std::size_t at; (at = text.find(theirs)) != std::string::npos;)
        text.replace(at, theirs.size(), ours);
    }
    return text;
  }

  TestClient& session(const std::string& who) {
    auto& client = sessions_[who];
    if (!client) {
      client = std::make_unique<TestClient>(port(0), "root", "r");
      client->run("CREATE DATABASE IF NOT EXISTS sn");
      client->run("USE sn");
    }
    return *client;
  }

  /// Says everything of a section whose statement is not among `left_out` (beginnings).
  void say(const std::string& section, const std::vector<std::string>& left_out = {}) {
    int said = 0;
    for (const Exchange& one : all_) {
      if (one.section.rfind(section, 0) != 0) continue;
      const std::string sql = here(one.statement);
      if (std::any_of(left_out.begin(), left_out.end(), [&](const std::string& beginning) {
            return one.statement.rfind(beginning, 0) == 0;
          })) {
        continue;
      }
      SCOPED_TRACE(one.who + "> " + sql);
      ++said;
      TestClient& client = session(one.who);
      if (one.has_rows) {
        TestClient::Rows expected;
        for (const auto& row : one.rows) {
          expected.emplace_back();
          for (const std::string& cell : row) expected.back().push_back(here(cell));
        }
        try {
          EXPECT_EQ(client.rows(sql), expected);
        } catch (const sql::SQLException& e) {
          ADD_FAILURE() << e.what();
        }
        continue;
      }
      EXPECT_EQ(client.error_of(sql), here(one.error));
      if (one.warning.empty()) continue;
      const auto warnings = client.rows("SHOW WARNINGS");
      ASSERT_EQ(warnings.size(), 1U);
      EXPECT_EQ(warnings[0][1] + " " + warnings[0][2], one.warning);
    }
    EXPECT_GT(said, 0) << "no section " << section;
  }

  /// A TSO with a millisecond of its own, so that its time alone names the same moment.
  std::string moment() {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    const std::string tso = std::to_string(now());
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    return std::to_string(std::stoull(tso) >> 18U << 18U);
  }

  std::map<std::string, std::string> here_;
  std::map<std::string, std::unique_ptr<TestClient>> sessions_;
  std::vector<Exchange> all_;
};

TEST_F(Recorded, S18_RecordedRealSnapshotGc) {
  session("root").run("CREATE TABLE sn.t (a INT PRIMARY KEY, b INT)");
  session("root").run("INSERT INTO sn.t VALUES (1,1)");
  for (const char* who : {"a", "b"}) session(who);
  const std::string then = moment();
  here_["470615463685521408"] = then;
  say("give it a safe point", {"insert into mysql.tidb", "set tidb_cdc_write_source"});
  // The definition is compared by others; here it is the display that differs in the engine's type.
  say("schema of that time");

  session("root").run("CREATE TABLE sn.t (a INT PRIMARY KEY, b INT)");
  session("root").run("INSERT INTO sn.t VALUES (1,7)");
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  const std::uint64_t safe_ms = state().gc.safe_point() >> 18U;
  std::string safe = session("a").one(
      "SELECT DATE_FORMAT(FROM_UNIXTIME(" + std::to_string(safe_ms / 1000) + "." +
      std::to_string(1000 + safe_ms % 1000).substr(1) + "),'%Y-%m-%d %H:%i:%s.%f')");
  while (safe.back() == '0') safe.pop_back();
  if (safe.back() == '.') safe.pop_back();
  here_["2026-11-21 09:00:00"] = safe;
  say("formats and errors");
  // A bounded staleness reads as late as it may; the store of the recording read as early.
  say("AS OF",
      {"select * from t as of timestamp tidb_bounded_staleness", "select tidb_current_tso()"});
}

TEST_F(Recorded, S18_RecordedExternalTimestamp) {
  session("root").run("CREATE TABLE sn.t (a INT PRIMARY KEY, b INT)");
  session("root").run("INSERT INTO sn.t VALUES (1,7)");
  for (const char* who : {"a", "b"}) session(who);
  const std::uint64_t external = now();
  here_["470615464732000256"] = std::to_string(external);
  here_["470615464732000255"] = std::to_string(external - 1);
  here_["470615726876000256"] = std::to_string(external + (std::uint64_t{3'600'000} << 18U));
  // PD's words, not those of the recording's own store (measured §2 B), and it wants more each
  // time.
  here_["cannot decrease the external timestamp"] =
      "[pd]the external timestamp should be larger than current external timestamp";
  here_["external timestamp is greater than global tso"] =
      "[pd]the external timestamp should not be larger than global ts";
  const std::string set = "set global tidb_external_ts=470615464732000256";
  root().run("SET GLOBAL tidb_external_ts=" + std::to_string(external));
  say("external timestamp", {set, "select @@global.tidb_external_ts, @@tidb_external_ts"});
  say("a transaction that began before");
}

TEST_F(Recorded, S16_RecordedGcVariables) {
  // mysql.tidb shows the variables; they are not set there.
  say("GC variables",
      {"select VARIABLE_NAME", "update mysql.tidb", "select @@global.tidb_gc_life_time"});
}

TEST_F(Recorded, S16_RecordedTidbGcEnableOff) {
  root().run("SET GLOBAL tidb_gc_enable=OFF");
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/tidb-gc-enable-off.txt");
  std::string line;
  for (int i = 0; i < 4; ++i) std::getline(in, line);
  EXPECT_EQ(root().rows("SELECT @@global.tidb_gc_enable").at(0), table_cells(line));
  root().run("SET GLOBAL tidb_gc_enable=ON");
}

TEST_F(Recorded, S18_RecordedError8135AsOfNull) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/error-8135-as-of-null.txt");
  std::string sql;
  std::string error;
  std::getline(in, sql);
  std::getline(in, error);
  TestClient& client = session("a");
  client.run("CREATE TABLE t1 (a INT PRIMARY KEY)");
  std::string seen = client.error_of(sql.substr(0, sql.size() - 1));
  seen.replace(seen.find(" HY000 "), 7, " (HY000): ");
  EXPECT_EQ("Error " + seen, error);
}

TEST_F(Recorded, S19_SyncpointsAreReadAsTheyAreWritten) {
  TestClient& client = session("a");
  client.run("CREATE DATABASE IF NOT EXISTS tidb_cdc");
  client.run(
      "CREATE TABLE IF NOT EXISTS tidb_cdc.syncpoint_v1 (ticdc_cluster_id varchar(255), changefeed "
      "varchar(255), primary_ts varchar(18), secondary_ts varchar(18), created_at timestamp NOT "
      "NULL DEFAULT CURRENT_TIMESTAMP, INDEX (created_at), PRIMARY KEY (changefeed, primary_ts))");
  client.run("CREATE TABLE s (a INT PRIMARY KEY)");
  client.run("INSERT INTO s VALUES (1)");
  client.run("BEGIN");
  const std::string secondary = client.one("SELECT @@tidb_current_ts");
  client.run("INSERT IGNORE INTO tidb_cdc.syncpoint_v1 VALUES ('default','f','" + secondary +
             "','" + secondary + "',NOW())");
  client.run("SET GLOBAL tidb_external_ts=" + secondary);
  client.run("COMMIT");
  client.run("INSERT INTO s VALUES (2)");
  const auto newest = client.rows(
      "SELECT primary_ts, secondary_ts FROM tidb_cdc.syncpoint_v1 WHERE changefeed = 'f' ORDER BY "
      "primary_ts DESC LIMIT 1");
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(rows_at(std::stoull(newest[0][1]), "SELECT a FROM sn.s"), (TestClient::Rows{{"1"}}));
  client.run("DROP DATABASE tidb_cdc");
}

}  // namespace
}  // namespace bdrmesh::lab
