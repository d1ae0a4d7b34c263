// Rows that a link lost are found under load, at a cut and live, mended without an echo, and
// verification goes on after a kill.
#include <filesystem>
#include <gmock/gmock.h>

#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

class VerifyRows : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    bring_up();
  }

  static Finished verify(std::vector<std::string> more, const std::string& level = "rows") {
    std::vector<std::string> words{"verify",  "run", "--group", group(),
                                   "--level", level, "-o",      "json"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  }

  static Json result_of(const Finished& finished) {
    const Json operation = parse_json(finished.out, "the operation");
    return operation.contains("result") ? operation.at("result") : Json();
  }

  /// The next row from east does not reach west.
  static void lose_a_row(const std::string& id) {
    ASSERT_NO_FATAL_FAILURE(fault({"drop-row", "east", "west", "app.orders"}));
    sql("east", "INSERT INTO app.orders (id, origin, note, amount) VALUES (" + id +
                    ", 'east', 'lost', 1.5)");
    ASSERT_TRUE(eventually([&] { return rows_with(id, "south") == "1"; }));
    ASSERT_EQ(cli({"verify", "run", "--group", group()}).exit_code, 0);
    ASSERT_EQ(rows_with(id, "west"), "0");
  }

  static std::string rows_with(const std::string& id, const std::string& cluster) {
    return scalar(cluster, "SELECT COUNT(*) FROM app.orders WHERE id = " + id);
  }
};

TEST_F(VerifyRows, DefinitionsAreEqual) {
  const Finished seen = verify({}, "schema");
  EXPECT_EQ(seen.exit_code, 0) << seen.out << seen.err;
}

TEST_F(VerifyRows, EqualUnderLoadInBothModes) {
  start_load();
  const Finished live = verify({});
  const Finished snapshot = verify({"--mode", "snapshot"});
  stop_load();
  EXPECT_EQ(live.exit_code, 0) << live.out << live.err;
  EXPECT_EQ(snapshot.exit_code, 0) << snapshot.out << snapshot.err;
  EXPECT_TRUE(all_gates_open());
  for (const std::string& name : clusters())
    EXPECT_EQ(scalar(name, "SELECT @@global.tidb_gc_life_time"), "10m0s") << name;
}

TEST_F(VerifyRows, ALostRowIsFoundAndMendedWithoutAnEcho) {
  lose_a_row("880000001");
  if (HasFatalFailure() || IsSkipped()) return;
  const Finished live = verify({"--tables", "app.orders"});
  EXPECT_EQ(live.exit_code, 7) << live.out << live.err;
  const Finished snapshot = verify({"--mode", "snapshot"});
  EXPECT_EQ(snapshot.exit_code, 7) << snapshot.out << snapshot.err;
  const Json result = result_of(snapshot);
  ASSERT_EQ(result.at("differences").size(), 1U) << result;
  EXPECT_EQ(result.at("differences").at(0).at("key"), Json::array({"880000001"}));
  EXPECT_EQ(result.at("differences").at(0).at("hashes").at("west"), "");

  const std::string file = work_dir() + "/repair.json";
  const std::string id = parse_json(snapshot.out, "the operation").at("id");
  const Finished draft = cli({"repair", "plan", id, "--right", "east", "--out", file});
  ASSERT_EQ(draft.exit_code, 0) << draft.out << draft.err;
  EXPECT_EQ(rows_with("880000001", "west"), "0") << "a draft changes nothing";
  const Finished applied = cli({"repair", "apply", file});
  EXPECT_EQ(applied.exit_code, 0) << applied.out << applied.err;
  EXPECT_EQ(rows_with("880000001", "west"), "1");
  EXPECT_EQ(verify({}).exit_code, 0);
}

TEST_F(VerifyRows, GoesOnAfterAKill) {
  start_load();
  const Finished begun = cli({"verify", "run", "--group", group(), "--level", "rows", "--mode",
                              "snapshot", "--rows-per-second", "50", "--detach"});
  ASSERT_EQ(begun.exit_code, 0) << begun.out << begun.err;
  ASSERT_TRUE(
      eventually([] { return scalar("east", "SELECT @@global.tidb_gc_life_time") != "10m0s"; }));
  kill_daemon();
  start_daemon();
  ASSERT_TRUE(eventually(
      [] {
        const std::string state = newest_operation().at("state");
        return state == "succeeded" || state == "reverted";
      },
      std::chrono::seconds{60}));
  stop_load();
  EXPECT_TRUE(eventually([] { return all_gates_open(); }));
  for (const std::string& name : clusters())
    EXPECT_EQ(scalar(name, "SELECT @@global.tidb_gc_life_time"), "10m0s") << name;
  const Json operation = newest_operation();
  if (operation.at("state") == "succeeded") {
    EXPECT_EQ(operation.at("result").at("verdict"), "equal") << operation.at("result");
  }
}

}  // namespace
}  // namespace bdrmesh::e2e
