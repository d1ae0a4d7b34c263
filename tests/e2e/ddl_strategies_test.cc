// Schema changes by each strategy, under load, and the ways out of one that took place on some
// clusters only.
#include <fstream>
#include <sstream>

#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

class DdlStrategies : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    bring_up();
  }

  static Finished ddl(const std::string& verb, const std::string& script,
                      std::vector<std::string> more = {}) {
    std::vector<std::string> words{"ddl", verb, "--group", group(), "--statement", script};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  }

  static int clusters_with(const std::string& column) {
    int count = 0;
    for (const std::string& cluster : clusters())
      count += has_column(cluster, "items", column) ? 1 : 0;
    return count;
  }

  static int clusters_with_index(const std::string& index) {
    int count = 0;
    for (const std::string& cluster : clusters()) {
      const auto shown = sql(cluster, "SHOW CREATE TABLE app.items");
      count += shown.at(0).at(1).find("`" + index + "`") != std::string::npos ? 1 : 0;
    }
    return count;
  }

  static int all() { return static_cast<int>(clusters().size()); }

  static void expect_standing() {
    EXPECT_TRUE(all_gates_open());
    int primaries = 0;
    for (const std::string& cluster : clusters()) {
      if (has_primary() && role(cluster) == "primary") ++primaries;
    }
    EXPECT_EQ(primaries, has_primary() ? 1 : 0);
    EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
  }
};

TEST_F(DdlStrategies, ReplicatesAColumnWithoutPausingAnybody) {
  start_load();
  const Finished added = ddl("run", "ALTER TABLE app.items ADD COLUMN followed INT NULL");
  const Json operation = newest_operation();
  const std::string ledger = stop_load();
  EXPECT_EQ(added.exit_code, 0) << added.out << added.err;
  EXPECT_EQ(operation.at("kind"), has_primary() ? "ddl.replicated" : "ddl.paused");
  EXPECT_EQ(operation.at("pause").is_null(), has_primary());
  EXPECT_EQ(clusters_with("followed"), all());
  expect_standing();
}

TEST_F(DdlStrategies, BuildsAnIndexOnEveryCluster) {
  const Finished added = ddl("run", "ALTER TABLE app.items ADD INDEX by_sku (sku, quantity)");
  EXPECT_EQ(added.exit_code, 0) << added.out << added.err;
  EXPECT_EQ(newest_operation().at("kind"), has_primary() ? "ddl.replicated" : "ddl.everywhere");
  EXPECT_EQ(clusters_with_index("by_sku"), all());
  expect_standing();
}

TEST_F(DdlStrategies, MakesATableEverywhereUnderLoad) {
  start_load();
  const Finished made =
      ddl("run", "CREATE TABLE app.notes (id BIGINT NOT NULL PRIMARY KEY, t VARCHAR(20))");
  stop_load();
  EXPECT_EQ(made.exit_code, 0) << made.out << made.err;
  EXPECT_TRUE(newest_operation().at("pause").is_null());
  for (const std::string& cluster : clusters())
    EXPECT_EQ(sql_error(cluster, "SELECT * FROM app.notes"), 0) << cluster;
  expect_standing();
}

TEST_F(DdlStrategies, RunsAScriptOfAllStrategiesWithOnePause) {
  const Finished ran = ddl("run",
                           "ALTER TABLE app.items ADD COLUMN first_one INT NULL;"
                           "ALTER TABLE app.items DROP COLUMN first_one;"
                           "ALTER TABLE app.items COMMENT 'stock'");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  const Json operation = newest_operation();
  EXPECT_EQ(operation.at("kind"), "ddl.paused");
  EXPECT_EQ(operation.at("subject").at("strategies"),
            Json({"paused", "paused", has_primary() ? "replicated" : "everywhere"}));
  EXPECT_EQ(clusters_with("first_one"), 0);
  for (const std::string& cluster : clusters()) {
    EXPECT_NE(sql(cluster, "SHOW CREATE TABLE app.items").at(0).at(1).find("stock"),
              std::string::npos)
        << cluster;
  }
  const Json listed = cli_json({"ddl", "list"}).at("changes").at(0);
  EXPECT_EQ(listed.at("id"), operation.at("id"));
  EXPECT_EQ(listed.at("statements").size(), 3U);
  EXPECT_GT(listed.at("paused_ms").get<int>(), 0);
  expect_standing();
}

TEST_F(DdlStrategies, PlansWithoutChangingAnything) {
  const Finished planned =
      ddl("plan", "ALTER TABLE app.items ADD COLUMN never INT NULL", {"-o", "json"});
  EXPECT_EQ(planned.exit_code, 0) << planned.err;
  const Json plan = Json::parse(planned.out);
  const Json verdict = plan.at("classification").at(0);
  EXPECT_EQ(verdict.at("strategy"), has_primary() ? "replicated" : "paused");
  EXPECT_EQ(verdict.at("tables"), Json({"app.items"}));
  EXPECT_EQ(clusters_with("never"), 0);
}

TEST_F(DdlStrategies, RefusesAWeakerStrategyThanTheStatementNeeds) {
  const Finished refused =
      ddl("run", "ALTER TABLE app.items DROP COLUMN quantity", {"--strategy", "everywhere"});
  EXPECT_EQ(refused.exit_code, 3) << refused.out;
  EXPECT_NE(refused.err.find("STRATEGY_NOT_SAFER"), std::string::npos) << refused.err;
}

TEST_F(DdlStrategies, WantsTheNameOfAProtectedTableBeforeItIsDropped) {
  if (on_real_clusters()) GTEST_SKIP() << "changes the configuration";
  std::stringstream text;
  text << std::ifstream(config_path()).rdbuf();
  std::string guarded = text.str();
  const std::string at = "[[group]]\n";
  guarded.insert(guarded.find(at) + at.size(), "protected = [\"app.guarded\"]\n");
  ASSERT_EQ(ddl("run", "CREATE TABLE app.guarded (id BIGINT NOT NULL PRIMARY KEY)").exit_code, 0);
  serve_with(guarded);
  const Finished refused = ddl("run", "DROP TABLE app.guarded");
  EXPECT_EQ(refused.exit_code, 3) << refused.out;
  EXPECT_NE(refused.err.find("NAME_NOT_TYPED"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("--confirm app.guarded"), std::string::npos) << refused.err;
  EXPECT_EQ(sql_error(clusters().front(), "SELECT * FROM app.guarded"), 0);
  const Finished dropped = ddl("run", "DROP TABLE app.guarded", {"--confirm", "app.guarded"});
  EXPECT_EQ(dropped.exit_code, 0) << dropped.out << dropped.err;
  EXPECT_NE(sql_error(clusters().front(), "SELECT * FROM app.guarded"), 0);
  serve_with(text.str());
  expect_standing();
}

TEST_F(DdlStrategies, TakesAChangeBackThatOneClusterRefused) {
  ASSERT_NO_FATAL_FAILURE(fault({"slow-ddl", "west", "1500"}));
  if (IsSkipped()) return;
  fault({"roll-back-ddl", "west", "1", "1062", "bdrmesh:op"});
  const Finished stopped =
      ddl("run", "ALTER TABLE app.items ADD COLUMN regretted INT NULL",
          {"--strategy", "paused", "--undo", "ALTER TABLE app.items DROP COLUMN regretted"});
  fault({"slow-ddl", "west", "0"});
  EXPECT_EQ(stopped.exit_code, 5) << stopped.out << stopped.err;
  EXPECT_EQ(clusters_with("regretted"), all() - 1);
  const std::string operation = newest_operation().at("id");
  const Finished undone = cli({"ddl", "undo", operation, "--reason", "duplicates on west"});
  EXPECT_EQ(undone.exit_code, 0) << undone.out << undone.err;
  const Finished watched = cli({"op", "watch", operation});
  EXPECT_EQ(watched.exit_code, 4) << watched.out << watched.err;
  EXPECT_EQ(clusters_with("regretted"), 0);
  expect_standing();
}

}  // namespace
}  // namespace bdrmesh::e2e
