// Redo logs as the Open API makes and removes them (checklist lines T17, T24).
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random_id.h"
#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"
#include "lab/redo/redo_files.h"

namespace bdrmesh::lab {
namespace {

class RedoApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
    make_feed();
  }
  void TearDown() override {
    east_.reset();
    west_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  void make_feed() {
    east_->feed_to(*west_, "e-w",
                   R"({"filter":{"rules":["app.*"]},"consistent":{"level":"eventual",)"
                   R"("flush_interval":200,"meta_flush_interval":50,"storage":"file://)" +
                       directory_.string() + R"("}})");
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const char* kind : {"row", "ddl"}) count += redo_logs(directory_, kind).size();
    return count + read_metas(directory_).files.size();
  }
  bool has_marker() const { return std::filesystem::exists(directory_ / "delete_e-w"); }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("bdr-redo-api-" + random_id(8));
  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(RedoApiTest, T24_FilesCarryTheAdvertisedAddress) {
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  const auto rows = redo_logs(directory_, "row");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0].filename().string(),
              ::testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+_e-w_row_[0-9]+_.*\\.log"));
  EXPECT_EQ(west_->value("SELECT v FROM app.t"), "x");
}

TEST_F(RedoApiTest, T17_DeleteOfARunningFeedRemovesItsFilesUntilTheIdComesAgain) {
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  ASSERT_EQ(east_->call("DELETE", "changefeeds/e-w").status, 200);
  EXPECT_TRUE(eventually([&] { return files() == 0 && has_marker(); }));
  make_feed();
  EXPECT_TRUE(eventually([&] { return files() == 1 && !has_marker(); }));
}

TEST_F(RedoApiTest, T17_DeleteOfAPausedFeedKeepsThem) {
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  const std::size_t before = files();
  ASSERT_EQ(east_->call("DELETE", "changefeeds/e-w").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "absent"; }));
  EXPECT_EQ(files(), before);
  EXPECT_FALSE(has_marker());
}

}  // namespace
}  // namespace bdrmesh::lab
