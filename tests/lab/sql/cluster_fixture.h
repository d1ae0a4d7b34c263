// A real cluster of the lab, shared by the tests of one program; each test gets a schema of its
// own.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

#include "lab/cluster/lab_cluster.h"
#include "lab/engine/template_data.h"
#include "lab/sql/client.h"

namespace bdrmesh::lab {

class ClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!mariadb_is_installed()) return;
    directory_ =
        std::filesystem::temp_directory_path() / ("bdr lab test " + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
    ensure_template(directory_ / "template");
    cluster_ = std::make_unique<LabCluster>(clock_, "east", directory_ / "east", 1);
    cluster_->start(directory_ / "template");
    cluster_->add_user({"root", Secret("r"), {"ALL PRIVILEGES ON *.* WITH GRANT OPTION"}});
    cluster_->add_user({"app",
                        Secret("a"),
                        {"SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON *.*"}});
    cluster_->add_user({"mesh",
                        Secret("m"),
                        {"ALL PRIVILEGES ON *.* WITH GRANT OPTION",
                         "RESTRICTED_REPLICA_WRITER_ADMIN, SYSTEM_VARIABLES_ADMIN, "
                         "CONNECTION_ADMIN ON *.* WITH GRANT OPTION"}});
  }
  static void TearDownTestSuite() {
    cluster_.reset();
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }

  void SetUp() override {
    if (!cluster_) GTEST_SKIP() << "mariadbd is not installed";
    state().faults.clear();
    schema_ = "t" + std::to_string(++count_);
    root().run("CREATE DATABASE " + schema_);
    root().run("CREATE TABLE " + schema_ + ".t (a INT PRIMARY KEY, b INT)");
  }
  void TearDown() override {
    if (!cluster_) return;
    for (const char* name : {"tidb_super_read_only", "tidb_restricted_read_only"}) {
      state().variables.set_everywhere(name, "OFF");
    }
    state().set_bdr_role("");
  }

  static LabCluster& cluster() { return *cluster_; }
  static ClusterState& state() { return cluster_->state(); }
  static std::uint16_t port(std::size_t server) { return cluster_->front_end(server).port(); }
  TestClient connect(const std::string& user, std::size_t server = 0, int read_timeout = 20) {
    return TestClient(port(server), user, user.substr(0, 1), read_timeout);
  }
  TestClient& root() {
    if (!root_) root_ = std::make_unique<TestClient>(port(0), "root", "r");
    return *root_;
  }
  std::string table() const { return schema_ + ".t"; }

  /// Polls until it is true. @return whether it became so within `limit_ms`.
  static bool eventually(const std::function<bool()>& condition, int limit_ms = 60'000) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  std::string schema_;

 private:
  static inline SystemClock clock_;
  static inline std::filesystem::path directory_;
  static inline std::unique_ptr<LabCluster> cluster_;
  static inline int count_ = 0;
  std::unique_ptr<TestClient> root_;
};

/// A number from @@tidb_last_txn_info.
inline std::uint64_t txn_info(TestClient& client, const std::string& key) {
  const std::string text = client.one("SELECT JSON_EXTRACT(@@tidb_last_txn_info, '$." + key + "')");
  return text.empty() || text == "NULL" ? 0 : std::stoull(text);
}

}  // namespace bdrmesh::lab
