// A mesh under test: the clusters that BDRMESH_TEST_CONFIG names (asked as BDRMESH_TEST_USER with
// the password in BDRMESH_TEST_PASSWORD_FILE, where {cluster} stands for its name), or else a lab
// of three of BDRMESH_TEST_PROFILE, and a daemon of ours over them. Tests reach it by CLI, HTTP and
// SQL only; those about the lab's faults say so by calling `fault`.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "e2e/process.h"
#include "model/desired.h"

namespace bdrmesh::e2e {

class MeshFixture : public ::testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;

  static bool on_real_clusters();
  static const std::string& config_path();
  static const std::string& work_dir();
  static std::vector<std::string> clusters();
  static std::string group();
  /// Whether the group has BDR roles.
  static bool has_primary();

  /// The daemon: started with the same state file each time.
  static void start_daemon();
  static void kill_daemon();
  /// The daemon runs on with this text as its configuration.
  static void serve_with(const std::string& configuration);
  static Background& daemon();
  /// What a client needs to find the daemon.
  static Environment server_environment();

  static Finished cli(std::vector<std::string> arguments);
  static Json cli_json(std::vector<std::string> arguments);
  /// Applies the group and fails the test when that fails.
  static void bring_up();

  /// One statement as the tester's user on the cluster's first tidb-server (or another); rows of
  /// texts, NULL as "NULL".
  static std::vector<std::vector<std::string>> sql(const std::string& cluster,
                                                   const std::string& statement,
                                                   std::size_t server = 0);
  /// As `sql`, but a server's refusal is an answer: its error code, 0 when it ran.
  static int sql_error(const std::string& cluster, const std::string& statement);
  static std::string scalar(const std::string& cluster, const std::string& statement,
                            std::size_t server = 0);

  static bool all_gates_open();
  static std::string role(const std::string& cluster);
  static bool has_column(const std::string& cluster, const std::string& table,
                         const std::string& column);
  /// The newest operation, whole.
  static Json newest_operation();

  /// Orders a fault of the lab; skips the test on real clusters.
  static void fault(std::vector<std::string> words);

  /// Writers on every cluster with a ledger, until `stop_load`; `stop_load` returns the ledger's
  /// path.
  static void start_load();
  static std::string stop_load();
  static Finished check_load(const std::string& ledger, const Json& operation);
};

}  // namespace bdrmesh::e2e
