// A group is stopped with proof under load, its certificate is checked without a daemon, a row that
// a link loses in the pause leaves the changefeeds, and a daemon that is killed finishes the stop.
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

using testing::HasSubstr;

class VerifiedStop : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    bring_up();
    // What was written while there were no changefeeds is the test's own; equal rows close the gap.
    const Finished rows = cli({"verify", "run", "--group", group(), "--level", "rows"});
    ASSERT_EQ(rows.exit_code, 0) << rows.out << rows.err;
  }

  static Finished stop(std::vector<std::string> more) {
    std::vector<std::string> words{"group", "stop", group(), "-o", "json"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  }

  static Json operation_of(const Finished& finished) {
    return parse_json(finished.out, "the operation");
  }

  static std::string written(const Json& operation, const std::string& name) {
    const std::string file = work_dir() + "/" + name;
    const Finished shown =
        cli({"certificate", "show", operation.at("id").get<std::string>(), "--out", file});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return file;
  }
};

TEST_F(VerifiedStop, ARowThatALinkLostIsFoundBeforeThePause) {
  fault({"drop-row", "east", "west", "app.orders"});
  if (HasFatalFailure() || IsSkipped()) return;
  sql("east",
      "INSERT INTO app.orders (id, origin, note, amount) VALUES (870000001, 'east', 'x', 1)");
  const Finished refused = stop({"--open", "all"});
  EXPECT_EQ(refused.exit_code, 4) << refused.out << refused.err;
  EXPECT_EQ(operation_of(refused).at("error").at("code"), "ROWS_DIFFER");
  EXPECT_TRUE(all_gates_open());
  EXPECT_EQ(cli({"verify", "run", "--group", group()}).exit_code, 0) << "it replicates as before";
  sql("east", "DELETE FROM app.orders WHERE id = 870000001");
}

TEST_F(VerifiedStop, KilledInTheMiddleItFinishesAndStartsAgain) {
  start_load();
  const Finished begun = cli({"group", "stop", group(), "--open", clusters().front(),
                              "--keep-feeds-paused", "--max-pause", "30s", "--detach"});
  ASSERT_EQ(begun.exit_code, 0) << begun.out << begun.err;
  ASSERT_TRUE(eventually([] { return newest_operation().at("line").at("crossed") == true; },
                         std::chrono::seconds{60}))
      << newest_operation().dump(1);
  kill_daemon();
  start_daemon();
  ASSERT_TRUE(eventually([] { return newest_operation().at("state") == "succeeded"; },
                         std::chrono::seconds{60}))
      << newest_operation().dump(1);
  stop_load();
  const Json operation = newest_operation();
  EXPECT_EQ(operation.at("result").at("verdict"), "equal") << operation.at("result");
  EXPECT_EQ(scalar(clusters().front(), "SELECT @@global.tidb_super_read_only"), "0");
  EXPECT_EQ(scalar(clusters().back(), "SELECT @@global.tidb_super_read_only"), "1");
  const Finished gates = cli({"gate", "list"});
  EXPECT_THAT(gates.out, HasSubstr("bdrmesh gate open " + clusters().back())) << gates.out;

  const Finished start = cli({"group", "start", group()});
  EXPECT_EQ(start.exit_code, 0) << start.out << start.err;
  EXPECT_TRUE(all_gates_open());
  EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "rows"}).exit_code, 0);
}

// The last one: what applications write after it, each cluster has for itself.
TEST_F(VerifiedStop, UnderLoadItLeavesACertificateAndTheLedgerAgrees) {
  start_load();
  const Finished stopped = stop({"--open", "all"});
  const std::string ledger = stop_load();
  ASSERT_EQ(stopped.exit_code, 0) << stopped.out << stopped.err << daemon().log();
  const Json operation = operation_of(stopped);
  EXPECT_TRUE(all_gates_open());
  for (const std::string& name : clusters()) {
    EXPECT_EQ(role(name), "") << name;
    EXPECT_EQ(scalar(name, "SELECT @@global.tidb_gc_life_time"), "10m0s") << name;
  }
  EXPECT_GT(operation.at("pause").at("measured_ms").get<std::int64_t>(), 0);

  const std::string file = written(operation, "stop.json");
  const Finished checked = cli({"certificate", "verify", file, "-o", "json"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  EXPECT_EQ(parse_json(checked.out, "the check").at("proof"), true);

  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t at = text.find("\"proof\":true");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 12, "\"proof\":null");
  std::ofstream(file) << text;
  const Finished changed = cli({"certificate", "verify", file});
  EXPECT_EQ(changed.exit_code, 5);
  EXPECT_THAT(changed.out, HasSubstr("proof"));

  const Finished start = cli({"group", "start", group()});
  EXPECT_EQ(start.exit_code, 3);
  EXPECT_THAT(start.err, HasSubstr("bdrmesh group apply " + group()));
}

}  // namespace
}  // namespace bdrmesh::e2e
