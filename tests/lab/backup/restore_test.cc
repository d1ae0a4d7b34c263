// BACKUP and RESTORE: line S17 of the checklist.
#include <fstream>

#include "lab/changes/upstream_reader.h"
#include "lab/history/history_fixture.h"

namespace bdrmesh::lab {
namespace {

namespace fs = std::filesystem;
using Rows = TestClient::Rows;

/// The heading of a recorded result table.
std::vector<std::string> recorded_columns(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + name);
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  std::vector<std::string> columns;
  std::stringstream cells(line);
  for (std::string cell; std::getline(cells, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    columns.push_back(cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return columns;
}

class S17 : public HistoryTest {
 protected:
  void SetUp() override {
    HistoryTest::SetUp();
    directory_ = fs::temp_directory_path() / ("bdr backup " + std::to_string(::getpid()) + schema_);
  }
  void TearDown() override {
    HistoryTest::TearDown();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    state().set_feed_positions(nullptr);
  }
  std::string uri() const { return "local://" + directory_.string(); }
  std::string backup() const { return "BACKUP DATABASE " + schema_ + " TO '" + uri() + "'"; }
  std::string restore() const { return "RESTORE DATABASE " + schema_ + " FROM '" + uri() + "'"; }

  fs::path directory_;
};

TEST_F(S17, S17_RestoreBringsBackWhatWasThereAtTheBackupTs) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,1),(2,2)");
  client.run(
      "CREATE TABLE u (id BIGINT PRIMARY KEY AUTO_INCREMENT, s VARCHAR(20), d DECIMAL(10,3), f "
      "FLOAT, j JSON, b BLOB, e ENUM('x','y'), ts TIMESTAMP NULL)");
  client.run(
      "INSERT INTO u (s,d,f,j,b,e,ts) VALUES ('é''\\n\\\\',1.500,0.1,'{\"a\": 1}',x'00ff','y',"
      "'2024-01-01 00:00:00'),(NULL,NULL,NULL,NULL,NULL,NULL,NULL)");
  client.run("CREATE TABLE p (a INT PRIMARY KEY) PARTITION BY HASH (a) PARTITIONS 3");
  client.run("INSERT INTO p VALUES (1),(2),(3)");
  client.run("CREATE VIEW v AS SELECT a FROM t");
  const std::string u = "SELECT id,s,d,f+0e0,j,HEX(b),e,ts FROM u ORDER BY id";
  const Rows before = client.rows(u);
  const std::string created = client.rows("SHOW CREATE TABLE u").at(0).at(1);
  const std::uint64_t then = now();
  client.run("DELETE FROM t WHERE a=1");
  client.run("UPDATE u SET s='later'");

  const Rows backed = client.rows(backup() + " SNAPSHOT = " + std::to_string(then));
  EXPECT_EQ(client.columns(), recorded_columns("backup-result-5.4.txt"));
  EXPECT_EQ(backed.at(0).at(0), uri());
  EXPECT_EQ(backed.at(0).at(2), std::to_string(then));
  EXPECT_GT(std::stoll(backed.at(0).at(1)), 100);

  client.run("DROP DATABASE " + schema_);
  const Rows restored = client.rows(restore());
  EXPECT_EQ(client.columns(),
            (std::vector<std::string>{"Destination", "Size", "BackupTS", "Cluster TS", "Queue Time",
                                      "Execution Time"}));
  EXPECT_EQ(restored.at(0).at(1), backed.at(0).at(1));
  client.run("USE " + schema_);
  EXPECT_EQ(client.rows("SELECT * FROM t ORDER BY a"), (Rows{{"1", "1"}, {"2", "2"}}));
  EXPECT_EQ(client.rows(u), before);
  EXPECT_EQ(client.rows("SHOW CREATE TABLE u").at(0).at(1), created);
  EXPECT_EQ(client.one("SELECT COUNT(*) FROM p"), "3");
  EXPECT_EQ(client.one("SELECT COUNT(*) FROM v"), "2");
  client.run("INSERT INTO u (s) VALUES ('next')");
  EXPECT_GT(std::stoll(client.one("SELECT id FROM u WHERE s='next'")), 2);
}

TEST_F(S17, S17_RestoredRowsAreNotInTheBinlogButHistoryKnowsThem) {
  TestClient client = connect("root");
  client.run("USE " + schema_);
  client.run("INSERT INTO t VALUES (1,1),(2,2)");
  client.rows(backup());
  client.run("DROP TABLE t");
  const std::uint64_t before = now();
  SqlSession engine(engine_login(state()), Millis{5000});
  const auto binlog_start = binlog_end(engine, Millis{5000});
  client.rows("RESTORE TABLE " + schema_ + ".t FROM '" + uri() + "'");
  const std::uint64_t after = now();
  client.run("UPDATE t SET b=9 WHERE a=1");
  client.run("DELETE FROM t WHERE a=2");
  client.run("INSERT INTO t VALUES (3,3)");
  std::size_t captured = 0;
  UpstreamReader reader(
      engine_login(state()), binlog_start,
      [&](const std::string& schema, const std::string&) { return schema == schema_; });
  const auto binlog_now = binlog_end(engine, Millis{5000});
  for (auto item = reader.next(Millis{5000}); item; item = reader.next(Millis{5000})) {
    if (item->transaction) captured += item->transaction->rows.size();
    if (reached(item->end, binlog_now)) break;
  }
  EXPECT_EQ(captured, 3U);
  EXPECT_EQ(rows_at(after, "SELECT * FROM " + table() + " ORDER BY a"),
            (Rows{{"1", "1"}, {"2", "2"}}));
  EXPECT_EQ(reader_at(before).error_of("SELECT * FROM " + table()),
            "1146 42S02 Table '" + table() + "' doesn't exist");
  EXPECT_EQ(rows_at(now(), "SELECT * FROM " + table() + " ORDER BY a"),
            (Rows{{"1", "9"}, {"3", "3"}}));
}

TEST_F(S17, S17_RefusalsOfRestore) {
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  const std::uint64_t ts = std::stoull(root().rows(backup()).at(0).at(2));
  EXPECT_EQ(
      root().error_of(restore()),
      "8125 HY000 Restore failed: table already exists: " + table() +
          " : [BR:Restore:ErrTablesAlreadyExisted]tables already existed in restored cluster");
  root().run("DROP TABLE " + table());
  state().set_feed_positions([&] {
    return std::vector<FeedPosition>{{"default", "default", "tb", "stopped", ts - 1},
                                     {"default", "default", "ok", "normal", ts + 1},
                                     {"default", "default", "end", "finished", 1}};
  });
  EXPECT_EQ(
      root().error_of(restore()),
      "8125 HY000 Restore failed: found CDC changefeed(s): cluster/namespace: default/default "
      "changefeed(s): [tb], please remove changefeed(s) before restore");
  state().set_feed_positions(nullptr);
  state().set_bdr_role("secondary");
  EXPECT_THAT(root().error_of(restore()), testing::StartsWith("8263 "));
  state().set_bdr_role("");
  state().variables.set_everywhere("tidb_super_read_only", "ON");
  EXPECT_THAT(root().error_of(restore()), testing::StartsWith("1836 "));
  state().variables.set_everywhere("tidb_super_read_only", "OFF");
  EXPECT_EQ(root().error_of("RESTORE DATABASE nosuch FROM '" + uri() + "'"),
            "8125 HY000 Restore failed: [database: nosuch] has not been backup, please ensure you "
            "has input a correct database name: [BR:Restore:ErrUndefinedRestoreDbOrTable]undefined "
            "restore databases or tables");
  EXPECT_EQ(root().error_of(restore()), "");
}

TEST_F(S17, S17_RightsOfBackupAndRestore) {
  cluster().add_user({"low", Secret("l"), {"SELECT, INSERT, CREATE ON *.*"}});
  TestClient low = connect("low");
  EXPECT_EQ(low.error_of(backup()),
            "1227 42000 Access denied; you need (at least one of) the SUPER or BACKUP_ADMIN "
            "privilege(s) for this operation");
  EXPECT_EQ(low.error_of(restore()),
            "1227 42000 Access denied; you need (at least one of) the SUPER or RESTORE_ADMIN "
            "privilege(s) for this operation");
  EXPECT_THAT(low.error_of("SHOW BACKUPS"), testing::StartsWith("1227 42000"));
  cluster().add_user({"low", Secret("l"), {"BACKUP_ADMIN ON *.*"}});
  EXPECT_EQ(low.error_of("SHOW BACKUPS"), "");
  EXPECT_EQ(low.error_of(backup()), "");
}

TEST_F(S17, S17_StorageThatFails) {
  EXPECT_EQ(root().error_of("RESTORE DATABASE x FROM 'local:///nosuch/dir'"),
            "8125 HY000 Restore failed: open /nosuch/dir/backupmeta: no such file or directory");
  EXPECT_EQ(root().error_of("SHOW BACKUP METADATA FROM 'local:///data/x'"),
            "1105 HY000 open /data/x/backupmeta: no such file or directory");
  std::ofstream(directory_) << "a file";
  EXPECT_THAT(root().error_of(backup()),
              testing::HasSubstr("Backup failed: mkdir " + directory_.string() + ": "));
  fs::remove(directory_);
  EXPECT_THAT(root().error_of("BACKUP DATABASE " + schema_ + " TO 'nosuch://x'"),
              testing::StartsWith("8124 HY000 Backup failed: storage nosuch not support yet"));
  EXPECT_EQ(root().error_of("BACKUP TABLE " + schema_ + ".nosuch TO '" + uri() + "'"),
            "1146 42S02 Table '" + schema_ + ".nosuch' doesn't exist");
  const std::string full = "write " + uri() + "/1.rows: no space left on device";
  state().faults.fail_next_backup(false, 50, full);
  root().run("INSERT INTO " + table() + " VALUES (1,1)");
  EXPECT_EQ(root().error_of(backup()), "8124 HY000 Backup failed: " + full);
  EXPECT_THAT(root().error_of(backup()), testing::HasSubstr("backup meta file exists in " + uri()));
  fs::remove_all(directory_);
  EXPECT_EQ(root().error_of(backup()), "");
  EXPECT_EQ(
      root().error_of("BACKUP DATABASE " + schema_ + " TO '" + uri() + "2' SNAPSHOT = 1"),
      "8124 HY000 Backup failed: GC safepoint " + std::to_string(state().gc.safe_point()) +
          " exceed TS 1: [BR:Backup:ErrBackupGCSafepointExceeded]backup GC safepoint exceeded");
  std::error_code ignored;
  fs::remove_all(directory_.string() + "2", ignored);
}

TEST_F(S17, S17_TasksQueueShowProgressAndCanBeKilled) {
  root().run("INSERT INTO " + table() + " VALUES (1,1),(2,2)");
  state().faults.set_backup_duration(Millis{60'000});
  TestClient first = connect("root", 0, 60);
  TestClient second = connect("root", 0, 60);
  const std::uint64_t first_id = first.id();
  const std::uint64_t second_id = second.id();
  std::string first_error;
  std::thread runs([&] { first_error = first.error_of(backup()); });
  const std::string mine = " WHERE Destination LIKE '%" + schema_ + "%'";
  ASSERT_TRUE(eventually([&] { return !root().rows("SHOW BACKUPS" + mine).empty(); }));
  const Rows running = root().rows("SHOW BACKUPS" + mine);
  auto columns = recorded_columns("show-backups-running-4.0.txt");
  columns.insert(columns.begin(), "Id");
  EXPECT_EQ(root().columns(), columns);
  EXPECT_EQ(running.at(0).at(2), "Backup");
  EXPECT_EQ(running.at(0).at(6), "0000-00-00 00:00:00");
  EXPECT_EQ(running.at(0).at(7), std::to_string(first_id));
  EXPECT_EQ(connect("root", 1).rows("SHOW BACKUPS" + mine), Rows{});  // another server's

  std::string second_error;
  std::thread waits([&] {
    second_error = second.error_of("BACKUP DATABASE " + schema_ + " TO '" + uri() + "2'");
  });
  ASSERT_TRUE(eventually([&] { return root().rows("SHOW BACKUPS" + mine).size() == 2; }));
  EXPECT_EQ(root().rows("SHOW BACKUPS WHERE State='Wait'").size(), 1U);
  root().run("KILL QUERY " + std::to_string(second_id));
  waits.join();
  EXPECT_EQ(second_error, "1317 70100 Query execution was interrupted");
  const Rows never_begun = root().rows("SHOW BACKUPS WHERE State='Wait Canceled'");
  ASSERT_EQ(never_begun.size(), 1U);
  EXPECT_EQ(never_begun.at(0).at(6), "0000-00-00 00:00:00");
  root().run("KILL QUERY " + std::to_string(first_id));
  runs.join();
  EXPECT_EQ(first_error, "1317 70100 Query execution was interrupted");
  state().faults.set_backup_duration(Millis{0});
  std::error_code ignored;
  fs::remove_all(directory_.string() + "2", ignored);
}

}  // namespace
}  // namespace bdrmesh::lab
