// Two clusters as primary and secondary: made by backup, turned there and back under load without
// losing a row, and the primary lost for good.
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

#include "e2e/mesh_fixture.h"
#include "e2e/writers.h"

namespace bdrmesh::e2e {
namespace {

using testing::HasSubstr;

class Pair : public MeshFixture {
 protected:
  void SetUp() override {
    if (on_real_clusters()) GTEST_SKIP() << "makes and loses whole clusters";
    MeshFixture::SetUp();
  }

  /// The lab's clusters, with the first two of them as a pair.
  static std::string configuration() {
    std::ostringstream text;
    text << std::ifstream(config_path()).rdbuf();
    const std::string whole = text.str();
    return whole.substr(0, whole.find("[[group]]")) +
           "[[group]]\nname = \"orders\"\nkind = \"primary-secondary\"\nprimary = \"east\"\n"
           "secondary = \"west\"\ntables = [\"app.*\"]\nbackup = { storage = \"local://" +
           work_dir() + "/backups\" }\n";
  }

  static std::string read_only(const std::string& cluster) {
    return scalar(cluster, "SELECT @@global.tidb_super_read_only");
  }
  static std::string rows_of(const std::string& origin, const std::string& at) {
    return scalar(at, "SELECT COUNT(*) FROM app.orders WHERE origin = '" + origin + "'");
  }

  /// `to` takes writes in place of `from`, and has every row that `from` had acknowledged.
  static void turn(const std::string& from, const std::string& to) {
    const int before = std::stoi(rows_of(from, from));
    Writers writers({from}, sql_error);
    ASSERT_TRUE(eventually([&] { return writers.written() > 20; }));
    const Finished turned = cli({"dr", "switchover", "orders", "--to", to});
    writers.stop();
    ASSERT_EQ(turned.exit_code, 0) << turned.out << turned.err << daemon().log();
    EXPECT_EQ(read_only(from), "1");
    EXPECT_EQ(read_only(to), "0");
    EXPECT_EQ(std::stoi(rows_of(from, from)), before + writers.written());
    EXPECT_EQ(rows_of(from, to), rows_of(from, from));
  }
};

TEST_F(Pair, IsMadeTurnedThereAndBackAndOutlivesItsPrimary) {
  sql("west", "DROP DATABASE IF EXISTS app");
  ASSERT_NO_FATAL_FAILURE(serve_with(configuration()));
  const Finished made = cli({"dr", "bootstrap", "orders"});
  ASSERT_EQ(made.exit_code, 0) << made.out << made.err << daemon().log();
  EXPECT_EQ(read_only("west"), "1");
  EXPECT_EQ(scalar("east", "SELECT @@global.tidb_gc_life_time"), "10m0s");

  ASSERT_NO_FATAL_FAILURE(turn("east", "west"));
  ASSERT_NO_FATAL_FAILURE(turn("west", "east"));

  const Finished alive = cli({"dr", "failover", "orders", "--primary", "east", "--without-redo"});
  EXPECT_EQ(alive.exit_code, 3) << alive.out;
  EXPECT_THAT(alive.err, HasSubstr("PRIMARY_ANSWERS"));
  const std::string arrived = rows_of("east", "west");
  fault({"kill", "east", "region"});
  const Finished lost = cli({"dr", "failover", "orders", "--primary", "east", "--without-redo"});
  ASSERT_EQ(lost.exit_code, 0) << lost.out << lost.err << daemon().log();
  EXPECT_EQ(read_only("west"), "0");
  EXPECT_EQ(rows_of("east", "west"), arrived);

  fault({"restart", "east", "region"});
  ASSERT_TRUE(eventually(
      [] {
        return sql_error("east",
                         "INSERT INTO app.orders (id, origin, note, amount) VALUES "
                         "(890000001, 'east', 'woken', 1)") == 0;
      },
      std::chrono::seconds{60}));
  EXPECT_EQ(scalar("west", "SELECT account_locked FROM mysql.user WHERE user = 'cdc_east'"), "Y");
  EXPECT_EQ(scalar("west", "SELECT COUNT(*) FROM app.orders WHERE id = 890000001"), "0");
}

}  // namespace
}  // namespace bdrmesh::e2e
