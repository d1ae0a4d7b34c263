// Members go and die: one leaves under load, takes nothing with it and comes back; one is evicted
// after it was killed under load, is woken later, gets nothing in, and comes back as a newcomer.
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <regex>

#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

using testing::HasSubstr;

class Members : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    if (on_real_clusters()) GTEST_SKIP() << "takes a member out for good";
    bring_up();
  }

  static std::string rows_of(const std::string& origin, const std::string& at) {
    return scalar(at, "SELECT COUNT(*) FROM app.orders WHERE origin = '" + origin + "'");
  }
  static Json operation_of(const Finished& finished) {
    return parse_json(finished.out, "the operation");
  }

  static void serve_with_storage() {
    std::ifstream file(config_path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    serve_with(text + "backup      = { storage = \"local://" + work_dir() + "/backups\" }\n");
  }

  /// As the documentation tells: what it still has is given up, then it is a newcomer.
  static void comes_back(const std::string& lost) {
    const Finished full = cli({"cluster", "join", lost});
    EXPECT_EQ(full.exit_code, 3) << full.out;
    EXPECT_THAT(full.err, HasSubstr("TARGET_NOT_EMPTY"));
    if (!role(lost).empty()) {
      EXPECT_THAT(full.err, HasSubstr("ADMIN UNSET BDR ROLE"));
      sql(lost, "ADMIN UNSET BDR ROLE");
    }
    sql(lost, "DROP DATABASE app");
    const Finished joined = cli({"cluster", "join", lost});
    EXPECT_EQ(joined.exit_code, 0) << joined.out << joined.err << daemon().log();
    EXPECT_TRUE(eventually([] { return cli_json({"link", "list"}).at("links").size() == 6; }));
    EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "rows"}).exit_code, 0);
    sql(lost, "INSERT INTO app.orders (id, origin, note, amount) VALUES (890000002, 'x', 'y', 1)");
    EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
    for (const std::string& name : clusters()) {
      EXPECT_EQ(scalar(name, "SELECT COUNT(*) FROM app.orders WHERE id = 890000002"), "1") << name;
    }
    EXPECT_TRUE(all_gates_open());
  }
};

/// A lab of its own: the other one lacks a member afterwards.
class Leaving : public Members {};
class Evicting : public Members {};

TEST_F(Leaving, UnderLoadTheOthersHaveEverythingAndGoOn) {
  start_load();
  const Finished left = cli({"cluster", "leave", "south", "--group", group(), "-o", "json"});
  stop_load();
  ASSERT_EQ(left.exit_code, 0) << left.out << left.err << daemon().log();
  EXPECT_EQ(scalar("south", "SELECT @@global.tidb_super_read_only"), "1");
  EXPECT_EQ(scalar("east", "SELECT @@global.tidb_super_read_only"), "0");
  const std::string rows = rows_of("south", "south");
  EXPECT_NE(rows, "0");
  for (const char* other : {"east", "west"}) EXPECT_EQ(rows_of("south", other), rows) << other;
  EXPECT_EQ(operation_of(left).at("result").at("positions").size(), 4U);

  const Finished verified = cli({"verify", "run", "--group", group(), "--level", "rows"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const Finished plan = cli({"group", "plan", group()});
  EXPECT_EQ(plan.exit_code, 9) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("FORMER_MEMBER"));
  const Finished apply = cli({"group", "apply", group()});
  EXPECT_EQ(apply.exit_code, 0) << apply.out << apply.err;
  EXPECT_EQ(cli_json({"link", "list"}).at("links").size(), 2U);

  const Finished open = cli({"gate", "open", "south"});
  EXPECT_EQ(open.exit_code, 0) << open.out << open.err;
  EXPECT_TRUE(all_gates_open());
  EXPECT_EQ(role("south"), "");
  serve_with_storage();
  comes_back("south");
}

TEST_F(Evicting, KilledUnderLoadItIsShutOutAndStaysOutWhenItWakesUp) {
  start_load();
  const Finished alive =
      cli({"cluster", "evict", "south", "--group", group(), "--confirm", "south"});
  EXPECT_EQ(alive.exit_code, 3) << alive.out << alive.err;
  EXPECT_THAT(alive.err, HasSubstr("MEMBER_ANSWERS"));
  serve_with_storage();
  fault({"kill", "south", "region"});
  const Finished evicted =
      cli({"cluster", "evict", "south", "--group", group(), "--confirm", "south", "-o", "json"});
  stop_load();
  // 7: its last rows had reached only one of them.
  ASSERT_TRUE(evicted.exit_code == 0 || evicted.exit_code == 7)
      << evicted.out << evicted.err << daemon().log();
  const Json operation = operation_of(evicted);
  EXPECT_EQ(operation.at("state"), "succeeded");
  if (evicted.exit_code == 7) {
    const std::string file = work_dir() + "/repair.json";
    const Finished drafted = cli({"repair", "plan", operation.at("id").get<std::string>(),
                                  "--right", "east", "--out", file});
    ASSERT_EQ(drafted.exit_code, 0) << drafted.out << drafted.err;
    std::vector<std::string> apply{"repair", "apply", file};
    std::smatch told;
    if (std::regex_search(drafted.out, told, std::regex("--deletes ([0-9]+)")))
      apply.insert(apply.end(), {"--deletes", told[1]});
    const Finished repaired = cli(apply);
    EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  }
  EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "rows"}).exit_code, 0);

  fault({"restart", "south", "region"});
  ASSERT_TRUE(eventually(
      [] {
        return sql_error("south",
                         "INSERT INTO app.orders (id, origin, note, amount) VALUES (890000001, "
                         "'south', 'zombie', 1)") == 0 ||
               sql_error("south", "SELECT 1") == 0;
      },
      std::chrono::seconds{60}));
  // A round through the living link outlasts any delivery of its.
  EXPECT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
  for (const char* other : {"east", "west"}) {
    EXPECT_EQ(scalar(other, "SELECT COUNT(*) FROM app.orders WHERE id = 890000001"), "0") << other;
    EXPECT_EQ(scalar(other, "SELECT account_locked FROM mysql.user WHERE user = 'cdc_south'"), "Y")
        << other;
  }
  comes_back("south");
}

}  // namespace
}  // namespace bdrmesh::e2e
