// What older versions answer to BACKUP and RESTORE, and a mesh feed that lives through them.
#include <fstream>
#include <gtest/gtest.h>

#include "lab/history/history_fixture.h"
#include "lab/history/transcript.h"

namespace bdrmesh::lab {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> heading(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/tidb/" + name);
  std::string line;
  for (int i = 0; i < 2; ++i) std::getline(in, line);
  return table_cells(line);
}

class OldProfile : public testing::Test {
 protected:
  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
    directory_ = fs::temp_directory_path() / ("bdr old profile " + std::to_string(::getpid()));
    fs::create_directories(directory_);
    ensure_template(directory_ / "template");
    cluster_ = std::make_unique<LabCluster>(clock_, "east", directory_ / "east", 1,
                                            find_profile("classic-6.5"));
    cluster_->start(directory_ / "template");
    cluster_->add_user({"root", Secret("r"), {"ALL PRIVILEGES ON *.* WITH GRANT OPTION"}});
  }
  void TearDown() override {
    cluster_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }

  SystemClock clock_;
  fs::path directory_;
  std::unique_ptr<LabCluster> cluster_;
};

TEST_F(OldProfile, S17_RecordedRestoreResultBackupts0) {
  TestClient client(cluster_->front_end(0).port(), "root", "r");
  const std::string uri = "'local://" + (directory_ / "backup").string() + "'";
  client.run("CREATE DATABASE x");
  client.run("CREATE TABLE x.t (a INT PRIMARY KEY)");
  client.run("INSERT INTO x.t VALUES (1),(2)");
  const auto backed = client.rows("BACKUP DATABASE x TO " + uri);
  EXPECT_EQ(client.columns(), heading("backup-result-4.0.txt"));
  EXPECT_EQ(client.columns(), heading("backup-result-5.4.txt"));
  EXPECT_GT(std::stoull(backed[0][2]), std::uint64_t{1} << 58U);

  // Tables that are there and empty are filled; others are not touched.
  EXPECT_NE(client.error_of("RESTORE DATABASE x FROM " + uri), "");
  client.run("DELETE FROM x.t");
  cluster_->state().set_feed_positions([] {
    return std::vector<FeedPosition>{{"default", "default", "up", "normal", ~std::uint64_t{0}}};
  });
  EXPECT_EQ(
      client.error_of("RESTORE DATABASE x FROM " + uri),
      "8125 HY000 Restore failed: found CDC changefeed(s): cluster/namespace: default/default "
      "changefeed(s): [up], please stop changefeed(s) before restore");
  cluster_->state().set_feed_positions(nullptr);
  const auto restored = client.rows("RESTORE DATABASE x FROM " + uri);
  EXPECT_EQ(client.columns(), heading("restore-result-backupts-0.txt"));
  EXPECT_EQ(restored[0][2], "0");
  EXPECT_EQ(client.one("SELECT COUNT(*) FROM x.t"), "2");
}

TEST_F(OldProfile, S17_TheRateLimitAndTheGcHoldOfARunningBackup) {
  TestClient client(cluster_->front_end(0).port(), "root", "r");
  client.run("CREATE DATABASE x");
  client.run("CREATE TABLE x.t (a INT PRIMARY KEY, s LONGTEXT)");
  for (int i = 0; i < 6; ++i)
    client.run("INSERT INTO x.t VALUES (" + std::to_string(i) + ",REPEAT('x',120000))");
  const auto began = std::chrono::steady_clock::now();
  std::thread backup([&] {
    TestClient other(cluster_->front_end(0).port(), "root", "r", 60);
    other.rows("BACKUP DATABASE x TO 'local://" + (directory_ / "slow").string() +
               "' RATE_LIMIT = 1 MB/SECOND");
  });
  bool held = false;
  for (int i = 0; i < 400 && !held; ++i) {
    for (const ServiceSafepoint& entry : cluster_->state().safepoints.list())
      held = held || entry.service_id.rfind("br-", 0) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  backup.join();
  EXPECT_TRUE(held);
  // 1.4 MB of text, twice as much in hexadecimal.
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1200));
  for (const ServiceSafepoint& entry : cluster_->state().safepoints.list())
    EXPECT_NE(entry.service_id.rfind("br-", 0), 0U) << entry.service_id;
}

}  // namespace
}  // namespace bdrmesh::lab
