// A schema change behind a write pause, under load, interrupted in every way that a person or a
// machine can.
#include <thread>

#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

class PausedDdl : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    bring_up();
  }

  void TearDown() override {
    if (frozen_) fault({"thaw", "east", "west"});
  }

  /// From now on nothing leaves east for west.
  void freeze_a_feed() {
    ASSERT_NO_FATAL_FAILURE(fault({"freeze-feed", "east", "west"}));
    frozen_ = !IsSkipped();
  }

  void thaw() {
    fault({"thaw", "east", "west"});
    frozen_ = false;
  }

  /// Starts a schema change and returns its operation's id without waiting for it.
  std::string submit(const std::string& statement) {
    const Finished submitted = ddl(statement, {"--max-pause", "20s", "--detach"});
    EXPECT_EQ(submitted.exit_code, 0) << submitted.out << submitted.err;
    const Json list = cli_json({"op", "list"});
    return list.at("operations").at(0).at("id");
  }

  static std::string state_of(const std::string& operation) {
    return cli_json({"op", "show", operation}).at("state");
  }

  static Json summary_of(const std::string& operation) {
    for (const Json& one : cli_json({"op", "list"}).at("operations")) {
      if (one.at("id") == operation) return one;
    }
    return {};
  }

  static bool has_ended(const std::string& operation) {
    const std::string state = state_of(operation);
    return state == "succeeded" || state == "reverted" || state == "cancelled";
  }

  /// A column of its own for each test, made everywhere by an operation.
  void add_column(const std::string& name) {
    const Finished added = ddl("ALTER TABLE app.items ADD COLUMN " + name + " INT NULL");
    ASSERT_EQ(added.exit_code, 0) << added.out << added.err;
  }

  Finished ddl(const std::string& statement, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"ddl",        "run",    "--group",     group(),
                                   "--strategy", "paused", "--statement", statement};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  }

  int clusters_with(const std::string& column) {
    int count = 0;
    for (const std::string& cluster : clusters())
      count += has_column(cluster, "items", column) ? 1 : 0;
    return count;
  }

  void expect_everything_as_before() {
    EXPECT_TRUE(all_gates_open());
    int primaries = 0;
    for (const std::string& cluster : clusters()) {
      if (has_primary() && role(cluster) == "primary") ++primaries;
    }
    EXPECT_EQ(primaries, has_primary() ? 1 : 0);
    EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
  }

 private:
  bool frozen_ = false;
};

TEST_F(PausedDdl, DropsAColumnUnderLoadWithoutLosingARow) {
  add_column("under_load");
  start_load();
  const Finished dropped = ddl("ALTER TABLE app.items DROP COLUMN under_load");
  EXPECT_EQ(dropped.exit_code, 0) << dropped.out << dropped.err;
  const Json operation = newest_operation();
  const std::string ledger = stop_load();
  EXPECT_EQ(clusters_with("under_load"), 0);
  EXPECT_TRUE(operation.at("line").at("crossed").get<bool>());
  EXPECT_GT(operation.at("pause").at("measured_ms").get<int>(), 0);
  const Finished checked = check_load(ledger, operation);
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  expect_everything_as_before();
}

TEST_F(PausedDdl, IsAppliedOnceEverywhereOrNowhereWhereverTheDaemonIsKilled) {
  for (int round = 0; round < 8; ++round) {
    const std::string column = "killed_" + std::to_string(round);
    const std::string operation =
        submit("ALTER TABLE app.items ADD COLUMN " + column + " INT NULL");
    std::this_thread::sleep_for(std::chrono::milliseconds{300 * round});
    kill_daemon();
    start_daemon();
    ASSERT_TRUE(eventually([&] { return has_ended(operation); })) << newest_operation().dump(2);
    const int seen = clusters_with(column);
    EXPECT_TRUE(seen == 0 || seen == static_cast<int>(clusters().size()))
        << column << " on " << seen << " clusters";
    EXPECT_EQ(state_of(operation) == "succeeded", seen != 0) << newest_operation().dump(2);
    expect_everything_as_before();
  }
}

TEST_F(PausedDdl, StopsWhenSomebodyOpensAGate) {
  ASSERT_NO_FATAL_FAILURE(freeze_a_feed());
  if (IsSkipped()) return;
  const std::string operation = submit("ALTER TABLE app.items ADD COLUMN opened INT NULL");
  ASSERT_TRUE(
      eventually([] { return scalar("south", "SELECT @@global.tidb_super_read_only") == "1"; }));
  fault({"open-gate", "south"});
  thaw();
  ASSERT_TRUE(eventually([&] { return has_ended(operation); })) << newest_operation().dump(2);
  EXPECT_EQ(state_of(operation), "reverted");
  EXPECT_EQ(newest_operation().at("error").at("code"), "GATE_OPENED_BY_OTHER");
  EXPECT_EQ(clusters_with("opened"), 0);
  expect_everything_as_before();
}

/// What somebody can do who has nothing but the configuration.
Finished rescue(const std::string& config, std::vector<std::string> more) {
  std::vector<std::string> words{BDR_PROGRAM, "rescue", "--config", config, "-o", "json"};
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

TEST_F(PausedDdl, IsRescuedWithTheConfigurationAloneWhenTheManagerIsLost) {
  ASSERT_NO_FATAL_FAILURE(freeze_a_feed());
  if (IsSkipped()) return;
  const std::string operation = submit("ALTER TABLE app.items ADD COLUMN rescued INT NULL");
  ASSERT_TRUE(eventually([&] {
    return scalar("east", "SELECT gates FROM bdrmesh_local.owner").find(operation) !=
               std::string::npos &&
           !all_gates_open();
  }));
  kill_daemon();

  const Finished look = rescue(config_path(), {"--dry-run"});
  EXPECT_EQ(look.exit_code, 9) << look.out << look.err;
  const Json seen = Json::parse(look.out);
  ASSERT_FALSE(seen.at("gates").empty());
  EXPECT_EQ(seen.at("gates").at(0).at("operation"), operation);
  EXPECT_EQ(seen.at("gates").at(0).at("act"), "wait");
  EXPECT_FALSE(all_gates_open()) << "a dry run changes nothing";

  const Finished opened = rescue(config_path(), {"--manager-is-dead"});
  EXPECT_EQ(opened.exit_code, 0) << opened.out << opened.err;
  EXPECT_TRUE(all_gates_open());
  EXPECT_TRUE(Json::parse(rescue(config_path(), {}).out).at("gates").empty());

  thaw();
  start_daemon();
  ASSERT_TRUE(eventually([&] { return has_ended(operation); })) << newest_operation().dump(2);
  EXPECT_EQ(state_of(operation), "reverted");
  const std::string why = newest_operation().at("error").at("text");
  EXPECT_NE(why.find("bdrmesh rescue"), std::string::npos) << why;
  EXPECT_EQ(clusters_with("rescued"), 0);
  expect_everything_as_before();
}

TEST_F(PausedDdl, ReopensWhenThePauseBudgetIsSpent) {
  ASSERT_NO_FATAL_FAILURE(freeze_a_feed());
  if (IsSkipped()) return;
  const Finished ended =
      ddl("ALTER TABLE app.items ADD COLUMN too_slow INT NULL", {"--max-pause", "2s"});
  EXPECT_EQ(ended.exit_code, 4) << ended.out << ended.err;
  thaw();
  EXPECT_EQ(clusters_with("too_slow"), 0);
  expect_everything_as_before();
}

TEST_F(PausedDdl, KeepsItsGatesAndSaysSoWhenOneClusterFailsBehindTheLine) {
  ASSERT_NO_FATAL_FAILURE(fault({"fail-ddl", "west", "1", "1105", "half_done INT NULL"}));
  if (IsSkipped()) return;
  const Finished stopped = ddl("ALTER TABLE app.items ADD COLUMN half_done INT NULL");
  // The rehearsal meets the fault first, and then nothing was paused.
  EXPECT_EQ(stopped.exit_code, 4) << stopped.out << stopped.err;
  EXPECT_NE(stopped.err.find("REHEARSAL_FAILED"), std::string::npos) << stopped.err;
  EXPECT_EQ(clusters_with("half_done"), 0);
  expect_everything_as_before();
}

TEST_F(PausedDdl, IsBlockedBehindTheLineWithClosedGatesUntilItIsResumed) {
  // The tag is in the real statement only, not in the rehearsed one. West is slow, so that the line
  // has been crossed elsewhere when it fails.
  ASSERT_NO_FATAL_FAILURE(fault({"slow-ddl", "west", "1500"}));
  if (IsSkipped()) return;
  fault({"roll-back-ddl", "west", "1", "1062", "bdrmesh:op"});
  const Finished stopped = ddl("ALTER TABLE app.items ADD COLUMN at_last INT NULL");
  fault({"slow-ddl", "west", "0"});
  EXPECT_EQ(stopped.exit_code, 5) << stopped.out << stopped.err;
  EXPECT_NE(stopped.err.find("op resume"), std::string::npos) << stopped.err;
  const std::string operation = newest_operation().at("id");
  Json gates;
  EXPECT_TRUE(eventually([&] {
    gates = cli_json({"gate", "list"}).at("gates");
    return gates.size() == clusters().size();
  })) << gates.dump(2);
  for (const Json& gate : gates) {
    EXPECT_EQ(gate.at("operation"), operation);
    EXPECT_NE(gate.at("undo").get<std::string>().find("op resume"), std::string::npos) << gate;
  }
  EXPECT_EQ(cli({"op", "cancel", operation}).exit_code, 3) << "there is no way back";
  const Finished resumed = cli({"op", "resume", operation});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.out << resumed.err;
  EXPECT_EQ(clusters_with("at_last"), static_cast<int>(clusters().size()));
  expect_everything_as_before();
}

TEST_F(PausedDdl, RefusesWhatIsNoSchemaChange) {
  const Finished refused = ddl("DELETE FROM app.items");
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_NE(refused.err.find("NOT_DDL"), std::string::npos) << refused.err;
}

TEST_F(PausedDdl, RefusesBrokenSyntaxBeforeAnythingIsPaused) {
  const Finished refused = ddl("ALTER TABLE app.items DROP COLUMN (");
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  expect_everything_as_before();
}

TEST_F(PausedDdl, RevertsWhenTheRehearsalIsRefused) {
  const Finished refused = ddl("ALTER TABLE app.items DROP COLUMN no_such_column");
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_NE(refused.err.find("REHEARSAL_FAILED"), std::string::npos) << refused.err;
  expect_everything_as_before();
}

TEST_F(PausedDdl, ShowsThePlanWithoutDoingAnything) {
  const Finished dry = ddl("ALTER TABLE app.items ADD COLUMN never INT NULL", {"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_NE(dry.out.find("close gates"), std::string::npos) << dry.out;
  EXPECT_EQ(clusters_with("never"), 0);
}

}  // namespace
}  // namespace bdrmesh::e2e
