// Recorded talks with a real server, played again, one test per file.
#include "lab/ddl/job_tables.h"
#include "lab/sql/cluster_fixture.h"
#include "lab/sql/recording.h"

namespace bdrmesh::lab {
namespace {

class Recorded : public ClusterTest {
 protected:
  static Recording recording(const std::string& name) {
    return Recording(std::filesystem::path(BDR_TEST_DATA) / "tidb" / name);
  }
  /// A player whose sessions use `schema`, which is made anew.
  Player player(const std::string& schema, const std::vector<std::string>& tables) {
    root().run("DROP DATABASE IF EXISTS " + schema);
    root().run("CREATE DATABASE " + schema);
    for (const std::string& sql : tables) root().run("CREATE TABLE " + schema + "." + sql);
    return Player([this, schema](const std::string& session) {
      const bool app = session.rfind("app", 0) == 0 || session == "low" || session == "ap4";
      const std::string user = app ? "app" : session == "mgr" ? "mesh" : "root";
      auto client = std::make_unique<TestClient>(port(0), user, user.substr(0, 1), 60);
      client->run("USE " + schema);
      return client;
    });
  }
};

TEST_F(Recorded, S07_DdlJobs) {
  Player play = player("dj", {"t (a BIGINT PRIMARY KEY AUTO_INCREMENT, b INT, c VARCHAR(40) "
                              "DEFAULT 'x')"});
  play.session("root").run("INSERT INTO dj.t(b) VALUES (1),(1)");
  // Left out: optimizer hints in DDL, a whole statement in TiDB's comment, statements of several
  // lines, what shows all jobs of the server that was recorded, and multi-statement packets.
  const int compared = play.play(
      recording("real-9.0dev-ddl-jobs.txt"), 1, 10'000,
      {"admin show ddl jobs 3", "admin show ddl jobs 1", "admin show ddl jobs 2", "limit 2",
       "limit 4", "length(query)", "count(*) from mysql", "count(*) from information_schema",
       "explain", "desc ", "admin show ddl", "now(6)", "limit 3", "order by job_id desc limit 1"},
      {"y1 int", "z1 int", "alter   table", "/*+ hint", "select 1", "tidb_multi", "yyyy",
       "/*T! alter"});
  EXPECT_GT(compared, 40);
}

TEST_F(Recorded, S05_AdminBdrRole) {
  Player play = player("t1", {});
  root().run("DROP USER IF EXISTS bu1");
  Player with_bu1([&](const std::string& session) -> std::unique_ptr<TestClient> {
    if (session != "bu1") return std::make_unique<TestClient>(port(0), "root", "r", 60);
    return std::make_unique<TestClient>(port(0), "bu1", "", 60);
  });
  EXPECT_GT(with_bu1.play(recording("real-9.0dev-admin-bdr-role.txt"), 1, 90, {"in_transaction"}),
            20);
}

TEST_F(Recorded, S05_BdrRoleTransactional) {
  Player play = player("t1", {});
  // 1205 would take 50 s.
  play.session("B").run("SET innodb_lock_wait_timeout=1");
  EXPECT_GT(
      play.play(recording("real-9.0dev-bdr-role-transactional.txt"), 1, 10'000, {"tidb_snapshot"}),
      45);
}

/// The server that was recorded overwrites the variable after reads too; so does this profile.
TEST_F(Recorded, S12_LastTxnInfoByTheNewRule) {
  static const SystemClock clock;
  const auto home =
      std::filesystem::temp_directory_path() / ("bdr lab new rule " + std::to_string(::getpid()));
  ensure_template(home / "template");
  {
    LabCluster head(clock, "head", home / "head", 2, find_profile("new-8.5"));
    head.start(home / "template");
    head.add_user({"root", Secret("r"), {"ALL PRIVILEGES ON *.* WITH GRANT OPTION"}});
    TestClient setup(head.front_end(0).port(), "root", "r");
    setup.run("CREATE DATABASE li");
    setup.run("CREATE TABLE li.t (a INT PRIMARY KEY, b INT)");
    setup.run("INSERT INTO li.t VALUES (1,1)");
    Player play([&](const std::string&) {
      auto client = std::make_unique<TestClient>(head.front_end(0).port(), "root", "r");
      client->run("USE li");
      return client;
    });
    const Recording all = recording("real-9.0dev-last-txn-info.txt");
    // Left out: tables of the whole server, and how TiDB words the error of a failed commit.
    int compared = play.play(all, 1, 243, {"information_schema", "json_unquote"}, {});
    compared += play.play(all, 253, 267);
    play.play(all, 315, 331, {"for update"});
    EXPECT_GT(compared, 50);
  }
  std::filesystem::remove_all(home);
}

/// Rows of open transactions, but for the number of keys: TiDB counts those of indexes too.
TEST_F(Recorded, S13_TidbTrx) {
  Player play = player("tx", {"t (a INT PRIMARY KEY, b INT)", "u (a INT PRIMARY KEY, b INT)"});
  root().run("INSERT INTO tx.t VALUES (1,1),(2,2)");
  const auto without_keys = [](const std::string& text) {
    const std::string ids = std::regex_replace(text, std::regex(R"(\|\d{3}(?=\n))"), "|<n>");
    return std::regex_replace(ids, std::regex(R"((\|Idle\|NULL\|)\d+)"), "$1k");
  };
  int compared = 0;
  const Recording all = recording("real-9.0dev-tidb-trx.txt");
  for (const RecordedStep& step : all.steps()) {
    // Left out: views (their tables are counted too), partitions, sequences, temporary tables, and
    // statements that run.
    const bool left_out = step.line < 232 || (step.line > 254 && step.line < 309) ||
                          (step.line > 338 && step.line < 358) || step.line > 378;
    if (left_out && step.sql != "rollback") continue;
    const std::string said = said_by(play.session(step.session), step.sql, false);
    EXPECT_EQ(without_keys(said), without_keys(step.answer)) << "line " << step.line;
    ++compared;
  }
  EXPECT_GT(compared, 15);
}

TEST_F(Recorded, S09_SuperReadOnlyFailedCommit) {
  Player play = player("ro", {"t (a INT PRIMARY KEY, b INT)"});
  root().run("INSERT INTO ro.t VALUES (1,1)");
  // The last scene is a write conflict in which the writer does not wait; the engine's does.
  EXPECT_GT(play.play(recording("real-9.0dev-super-read-only-failed-commit.txt"), 1, 75), 20);
}

TEST_F(Recorded, S09_SuperReadOnlyTransactions) {
  Player play = player("ro", {"t (a INT PRIMARY KEY, b INT)"});
  const Recording all = recording("real-9.0dev-super-read-only-transactions.txt");
  int compared = 0;
  std::string scene;
  std::string before;
  for (const RecordedStep& step : all.steps()) {
    // Left out: what runs while the variable is set (gate_test.cc), and what needs rights or roles
    // that the recorder gave in between.
    const bool exempt = step.scene == "-- transaction of an exempt user";
    const bool prepared = step.scene == "-- prepared statement";
    if (step.scene == "-- variables" || (step.line > 719 && !exempt && !prepared)) continue;
    const bool implicit = step.scene.find("implicit commits") != std::string::npos;
    const bool opens =
        step.sql.rfind("begin", 0) == 0 || step.sql.find("autocommit=0") != std::string::npos;
    // Every scene, and every part of those with implicit commits, began with a fresh table.
    if (step.scene != scene || (implicit && opens && before == "select * from ro.t")) {
      if (step.scene != scene) play.close_all();
      scene = step.scene;
      root().run("SET GLOBAL tidb_super_read_only = OFF");
      root().run("DELETE FROM ro.t");
      if (!implicit) root().run("INSERT INTO ro.t VALUES (1,1)");
    }
    before = step.sql;
    compared += play.play(step, {"cluster_tidb_trx"});
    if (HasFailure()) break;
  }
  EXPECT_GT(compared, 100);
}

TEST_F(Recorded, S10_SourceIdAndCdcWriteSource) {
  Player play = player("t1", {"t (a INT PRIMARY KEY, b INT)"});
  // The real server keeps the locks of a COMMIT that failed with 1105: the next writer of the same
  // key waits 50 s for nothing. The lab lets go of them.
  EXPECT_GT(play.play(recording("real-9.0dev-source-id-and-cdc-write-source.txt"), 1, 10'000,
                      {"a=9", "values(9,9)", "for update"}),
            80);
  root().run("SET GLOBAL tidb_source_id = 1");
}

TEST_F(Recorded, S09_RestartKeepsRoleAndReadOnly) {
  Player play = player("lk", {"t (a INT PRIMARY KEY, b INT)"});
  root().run("ADMIN SET BDR ROLE SECONDARY");
  root().run("SET GLOBAL tidb_super_read_only = ON");
  cluster().front_end(0).kill();
  cluster().front_end(0).start();
  Player after(
      [&](const std::string&) { return std::make_unique<TestClient>(port(0), "root", "r", 60); });
  EXPECT_EQ(after.play(recording("real-9.0dev-restart-role-and-read-only.txt"), 1, 10'000), 5);
}

TEST_F(Recorded, S09_SuperReadOnlyBackground) {
  Player play = player("st", {"t (a INT PRIMARY KEY, b INT)"});
  // A queued DDL goes on; the recorder's `ddl by app` line stands where it returned.
  auto app = connect("app");
  app.run("BEGIN");
  app.run("INSERT INTO st.t VALUES (10,1)");
  std::string error = "not yet";
  std::thread ddl([&] { error = connect("app").error_of("ALTER TABLE st.t ADD COLUMN k INT"); });
  ASSERT_TRUE(eventually([&] {
    return root().one(
               "SELECT STATE FROM information_schema.ddl_jobs WHERE DB_NAME='st' ORDER BY "
               "JOB_ID DESC LIMIT 1") == "running";
  }));
  root().run("SET GLOBAL tidb_super_read_only = ON");
  app.run("ROLLBACK");
  ddl.join();
  EXPECT_EQ(error, "");
  root().run("SET GLOBAL tidb_super_read_only = OFF");
  EXPECT_EQ(play.play(recording("real-9.0dev-super-read-only-background.txt"), 23, 36), 4);
}

/// With `enable-table-lock`, TiCDC's sessions are refused too.
TEST_F(Recorded, S10_TableLockEnabled) {
  Player play = player("lk", {"t (a INT PRIMARY KEY, b INT)"});
  root().run("INSERT INTO lk.t VALUES (1,1)");
  state().faults.enable_table_locks(true);
  // Left out: SHOW CONFIG of a single server, a user that nobody made, and UNLOCK under a role,
  // which leaves the recorder's session locked for good.
  const Recording all = recording("real-9.0dev-table-lock-enabled.txt");
  const std::vector<std::string> unlike = {"admin show ddl jobs", "json_extract"};
  const std::vector<std::string> left_out = {"show config", "grant select"};
  int compared = play.play(all, 1, 26, unlike, left_out);
  play.close("root");  // as the recorder did, with its lock
  ASSERT_TRUE(eventually([&] { return connect("app").error_of("UPDATE lk.t SET b=1") == ""; }));
  compared += play.play(all, 27, 10'000, unlike, left_out);
  EXPECT_GE(compared, 14);
  EXPECT_EQ(root().rows("ADMIN SHOW DDL JOBS 1")[0][3], "lock table");
  play.close("a");
  EXPECT_TRUE(eventually([&] { return root().error_of("SELECT * FROM lk.t") == ""; }))
      << "a session's locks end with it";
  state().faults.enable_table_locks(false);
}

/// The columns of ADMIN SHOW DDL, and of mysql.tidb_mdl_view by version.
TEST_F(Recorded, S07_ColumnsOfAdminShowDdlAndOfTheMdlView) {
  const auto text = [](const std::string& name) {
    std::ifstream in(std::filesystem::path(BDR_TEST_DATA) / "tidb" / name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  root().rows("ADMIN SHOW DDL");
  const std::string show_ddl = text("admin-show-ddl-8.1.txt");
  for (const std::string& column : root().columns()) {
    EXPECT_THAT(show_ddl, testing::HasSubstr(column + ": "));
  }
  root().rows("SELECT * FROM mysql.tidb_mdl_view");
  const std::string view = text("mdl-view-row-8.5.txt");
  for (const std::string& column : root().columns()) {
    EXPECT_THAT(view, testing::HasSubstr(column + ": "));
  }
  const std::string older = text("mdl-view-row-7.x.txt");
  for (const char* column :
       {"JOB_ID", "DB_NAME", "TABLE_NAME", "QUERY", "SESSION_ID", "TxnStart", "SQL_DIGESTS"}) {
    EXPECT_THAT(older, testing::HasSubstr(std::string(column) + ": "));
    EXPECT_THAT(mdl_view_rows({}, {}, find_profile("classic-7.5")),
                testing::HasSubstr("`" + std::string(column) + "`"));
  }
}

/// Columns and order of ADMIN SHOW DDL JOBS and JOB QUERIES in recordings of several versions.
TEST_F(Recorded, S07_ColumnsOfDdlJobsByVersion) {
  const auto header = [](const std::string& name) {
    std::ifstream in(std::filesystem::path(BDR_TEST_DATA) / "tidb" / name);
    std::string line;
    while (std::getline(in, line) && line.rfind("| JOB_ID", 0) != 0) {
    }
    std::vector<std::string> columns;
    std::stringstream cells(line.substr(std::min<std::size_t>(1, line.size())));
    for (std::string cell; std::getline(cells, cell, '|');) {
      if (!Recording::trimmed(cell).empty()) columns.push_back(Recording::trimmed(cell));
    }
    return columns;
  };
  const auto shown = [](const char* profile) {
    const std::string rows = show_ddl_jobs_rows({}, find_profile(profile));
    std::vector<std::string> columns;
    for (std::size_t at = rows.find('`'); at != std::string::npos;) {
      const std::size_t end = rows.find('`', at + 1);
      columns.push_back(rows.substr(at + 1, end - at - 1));
      at = rows.find('`', end + 1);
    }
    return columns;
  };
  EXPECT_EQ(shown("classic-6.5"), header("admin-show-ddl-jobs-6.1-docs.txt"));
  EXPECT_EQ(shown("classic-7.5"), header("admin-show-ddl-jobs-6.6-ingest.txt"));
  EXPECT_EQ(shown("classic-8.5"), header("admin-show-ddl-jobs-8.5.txt"));
  root().rows("ADMIN SHOW DDL JOBS 1");
  EXPECT_EQ(root().columns(), header("admin-show-ddl-jobs-8.5.txt"));
  root().rows("ADMIN SHOW DDL JOB QUERIES LIMIT 3");
  EXPECT_EQ(root().columns(), header("admin-show-ddl-job-queries-limit-6.5.txt"));
}

}  // namespace
}  // namespace bdrmesh::lab
