// A third cluster joins two that serve, under load, with the daemon killed on the way.
#include <fstream>
#include <gmock/gmock.h>
#include <regex>
#include <sstream>

#include "e2e/mesh_fixture.h"
#include "e2e/writers.h"

namespace bdrmesh::e2e {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class BackupTest : public MeshFixture {
 protected:
  static void SetUpTestSuite() {
    MeshFixture::SetUpTestSuite();
    if (on_real_clusters()) return;
    original() = text_of(config_path());
  }
  void SetUp() override {
    if (on_real_clusters()) GTEST_SKIP() << "makes and drops whole schemas";
    MeshFixture::SetUp();
  }

  static std::string& original() {
    static std::string text;
    return text;
  }

  /// The group of these members, with a storage; the daemon begins with it.
  static void configure(const std::string& members) {
    std::string text =
        std::regex_replace(original(), std::regex("members *=.*"), "members = [" + members + "]");
    text += "backup      = { storage = \"local://" + work_dir() + "/backups\" }\n";
    serve_with(text);
  }

  static void empty(const std::string& cluster) { sql(cluster, "DROP DATABASE IF EXISTS app"); }

  static void expect_equal_rows() {
    const Finished verified =
        cli({"verify", "run", "--group", group(), "--level", "rows", "-o", "json"});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  static void expect_gc_as_it_was() {
    for (const char* name : {"east", "west", "south"})
      EXPECT_EQ(scalar(name, "SELECT @@global.tidb_gc_life_time"), "10m0s") << name;
  }

  /// Whether a step of the newest operation comes to run.
  static bool runs(const std::string& step) {
    return eventually([&] {
      const Json operation = newest_operation();
      for (const Json& stage : operation.at("stages")) {
        for (const Json& one : stage.at("steps")) {
          const std::string name = one.at("name");
          if (name.rfind(step, 0) == 0 && one.at("state") == "started") return true;
        }
      }
      return false;
    });
  }

  static std::string state_of(const Json& operation) { return operation.at("state"); }
};

TEST_F(BackupTest, AJoinThatIsCancelledInTheRestoreLeavesTheNewcomerAsEmptyAsItWas) {
  empty("south");
  configure("\"east\", \"west\"");
  ASSERT_NO_FATAL_FAILURE(bring_up());
  configure("\"east\", \"west\", \"south\"");
  ASSERT_NO_FATAL_FAILURE(fault({"slow-backup", "south", "5s"}));
  ASSERT_EQ(cli({"cluster", "join", "south", "--no-wait"}).exit_code, 0);
  ASSERT_TRUE(runs("run_restore:")) << newest_operation().dump(2);
  const std::string id = newest_operation().at("id");
  ASSERT_EQ(cli({"op", "cancel", id}).exit_code, 0);
  EXPECT_TRUE(eventually([] { return state_of(newest_operation()) == "cancelled"; }))
      << newest_operation().dump(2);
  EXPECT_EQ(scalar("south",
                   "SELECT COUNT(*) FROM information_schema.schemata "
                   "WHERE schema_name = 'app'"),
            "0");
  EXPECT_TRUE(all_gates_open());
  EXPECT_EQ(role("west"), "secondary");
  expect_gc_as_it_was();
}

TEST_F(BackupTest, AThirdClusterJoinsUnderLoadAlthoughTheDaemonDiesTwice) {
  empty("south");
  configure("\"east\", \"west\"");
  ASSERT_NO_FATAL_FAILURE(bring_up());
  configure("\"east\", \"west\", \"south\"");
  Writers writers({"east", "west"}, sql_error);
  // Long enough to be killed in.
  for (const char* name : {"east", "south"})
    ASSERT_NO_FATAL_FAILURE(fault({"slow-backup", name, "3s"}));
  const Finished begun = cli({"cluster", "join", "south", "--no-wait"});
  ASSERT_EQ(begun.exit_code, 0) << begun.out << begun.err;
  ASSERT_TRUE(runs("run_backup:")) << newest_operation().dump(2);
  kill_daemon();
  start_daemon();
  ASSERT_TRUE(runs("run_restore:")) << newest_operation().dump(2);
  kill_daemon();
  start_daemon();
  ASSERT_TRUE(eventually(
      [] {
        const std::string state = state_of(newest_operation());
        return state != "running" && state != "pending";
      },
      std::chrono::seconds{180}));
  writers.stop();
  EXPECT_EQ(state_of(newest_operation()), "succeeded") << newest_operation().dump(2);
  EXPECT_GT(writers.written(), 20);
  EXPECT_TRUE(all_gates_open());
  EXPECT_EQ(role("south"), "secondary");
  expect_gc_as_it_was();
  expect_equal_rows();
  const auto count = scalar("east", "SELECT COUNT(*) FROM app.orders");
  EXPECT_TRUE(
      eventually([&] { return scalar("south", "SELECT COUNT(*) FROM app.orders") == count; }));
}

TEST_F(BackupTest, ANewcomerWithTablesIsRefusedBeforeAnything) {
  configure("\"east\", \"west\", \"south\"");
  const Finished refused = cli({"cluster", "join", "south"});
  EXPECT_EQ(refused.exit_code, 3) << refused.out << refused.err;
}

}  // namespace
}  // namespace bdrmesh::e2e
