// What the lab does to links and clusters behind our back, is seen, said in words, and mended by
// the command shown.
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>

#include "app/config/config.h"
#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

using ::testing::HasSubstr;

class MeshWatch : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    if (on_real_clusters()) GTEST_SKIP() << "plants faults of the lab";
    bring_up();
    ASSERT_TRUE(eventually([] { return verdict("east", "west") == "moving"; }));
  }

  static Json link(const std::string& from, const std::string& to) {
    return cli_json({"link", "show", group(), from, to});
  }
  static std::string verdict(const std::string& from, const std::string& to) {
    return link(from, to).at("verdict").get<std::string>();
  }
  static std::int64_t newest_event() {
    const Json events = cli_json({"events", "--limit", "10000"}).at("events");
    return events.empty() ? 0 : events.back().at("number").get<std::int64_t>();
  }
  static bool told_since(std::int64_t number, const std::string& text) {
    const Json all = cli_json({"events", "--after", std::to_string(number), "--limit", "10000"});
    for (const Json& event : all.at("events")) {
      const std::string line =
          (event.at("subject").is_string() ? event.at("subject").get<std::string>() + ": "
                                           : std::string()) +
          event.at("text").get<std::string>();
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }
  static Finished link_command(const std::string& verb, const std::string& from,
                               const std::string& to) {
    return cli({"link", verb, group(), from, to});
  }
  static bool mesh_is_as_wanted() { return cli({"group", "plan", group()}).exit_code == 0; }
};

TEST_F(MeshWatch, TellsEveryKindOfDriftAndApplyMendsIt) {
  struct Drift {
    std::vector<std::string> plant;
    const char* event;
  };
  const std::vector<Drift> drifts{
      {{"pause-feed", "west", "south"}, "west-to-south: was moving, is stopped"},
      {{"drift-filter", "south", "east", "app.orders"}, "FEED_DIFFERS"},
      {{"set-source-id", "south", "7"}, "tidb_source_id was 3, is 7"},
  };
  for (const Drift& drift : drifts) {
    SCOPED_TRACE(drift.event);
    const std::int64_t before = newest_event();
    fault(drift.plant);
    EXPECT_TRUE(eventually([&] { return told_since(before, drift.event); }));
    EXPECT_EQ(cli({"group", "plan", group()}).exit_code, 9);
    bring_up();
    EXPECT_TRUE(eventually(mesh_is_as_wanted)) << cli({"group", "plan", group()}).out;
  }
}

TEST_F(MeshWatch, LeavesAForeignFeedAloneAndSaysSo) {
  const std::int64_t before = newest_event();
  fault({"foreign-feed", "east", "south"});
  EXPECT_TRUE(eventually([&] { return told_since(before, "FOREIGN_FEED"); }));
  const Finished plan = cli({"group", "plan", group()});
  EXPECT_EQ(plan.exit_code, 9);
  EXPECT_THAT(plan.out, HasSubstr("FOREIGN_FEED"));
  fault({"remove-feed", "east", "foreign-east-south"});
  EXPECT_TRUE(eventually([&] { return told_since(before, "FOREIGN_FEED is over"); }));
}

TEST_F(MeshWatch, TakesNoChangeOfAnOwnerForAFault) {
  const std::int64_t before = newest_event();
  fault({"move-owner", "east"});
  EXPECT_TRUE(eventually([] { return verdict("east", "west") == "moving"; }));
  EXPECT_FALSE(told_since(before, "link orders east"));
}

TEST_F(MeshWatch, ReplacesAFeedWhoseFilterSomebodyChanged) {
  fault({"drift-filter", "west", "east", "app.orders"});
  ASSERT_TRUE(eventually([] { return !mesh_is_as_wanted(); }));
  const int incarnation = link("west", "east").at("incarnation");
  const Finished repaired = link_command("repair", "west", "east");
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  EXPECT_TRUE(
      eventually([&] { return link("west", "east").at("incarnation") == incarnation + 1; }));
  EXPECT_TRUE(eventually(mesh_is_as_wanted)) << cli({"group", "plan", group()}).out;
}

TEST_F(MeshWatch, MakesALostFeedAnew) {
  const std::string feed = link("south", "west").at("changefeed");
  fault({"remove-feed", "south", feed});
  EXPECT_TRUE(eventually([] { return verdict("south", "west") == "missing"; }));
  const Finished explained = link_command("explain", "south", "west");
  EXPECT_EQ(explained.exit_code, 9);
  EXPECT_THAT(explained.out, HasSubstr("link repair"));
  const Finished repaired = link_command("repair", "south", "west");
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  EXPECT_TRUE(eventually([] { return verdict("south", "west") == "moving"; }));
  EXPECT_NE(link("south", "west").at("changefeed"), feed);
}

TEST_F(MeshWatch, PausesConfirmsAndResumes) {
  EXPECT_EQ(link_command("pause", "east", "south").exit_code, 0);
  EXPECT_TRUE(eventually([] { return verdict("east", "south") == "stopped"; }));
  EXPECT_THAT(link_command("explain", "east", "south").out, HasSubstr("link resume"));
  EXPECT_EQ(link_command("resume", "east", "south").exit_code, 0);
  EXPECT_TRUE(eventually([] { return verdict("east", "south") == "moving"; }));
}

TEST_F(MeshWatch, SaysInWordsWhyAFailedFeedNeedsALossConfirmed) {
  fault({"feed-error", "east", "west", "CDC:ErrSnapshotLostByGC"});
  ASSERT_TRUE(eventually([] { return verdict("east", "west") == "failed"; }));
  EXPECT_THAT(link_command("explain", "east", "west").out, HasSubstr("history"));
  const Finished refused = link_command("repair", "east", "west");
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err + refused.out, HasSubstr("REPAIR_LOSES_ROWS"));
  const Finished repaired =
      cli({"link", "repair", group(), "east", "west", "--lose-rows-of", "east-to-west"});
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  EXPECT_TRUE(eventually([] { return verdict("east", "west") == "moving"; }));
}

TEST_F(MeshWatch, ChangesItsTablesByACutAndAProofOnly) {
  std::ifstream file(config_path());
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  const std::string rule = "\"app.*\"";
  const std::size_t at = all.find(rule);
  ASSERT_NE(at, std::string::npos) << all;
  std::string fewer = all;
  fewer.replace(at, rule.size(), "\"app.*\", \"!app.items\"");
  const auto items = [](const std::string& cluster) {
    return scalar(cluster, "SELECT COUNT(*) FROM app.items WHERE id > 770000000");
  };
  const auto write = [](const std::string& cluster, const std::string& id) {
    sql(cluster, "INSERT INTO app.items (id, sku, quantity) VALUES (" + id + ", 'x', 1)");
  };

  serve_with(fewer);
  EXPECT_TRUE(eventually([] { return verdict("east", "west") == "moving"; }));
  const Finished plan = cli({"group", "plan", group()});
  EXPECT_EQ(plan.exit_code, 9);
  EXPECT_THAT(plan.out, HasSubstr("bdrmesh group tables add " + group() + " '!app.items'"));
  EXPECT_EQ(cli({"group", "apply", group()}).exit_code, 3);
  EXPECT_EQ(cli({"link", "repair", group(), "east", "west", "--replace"}).exit_code, 3);
  const Finished taken_out = cli({"group", "tables", "add", group(), "!app.items"});
  ASSERT_EQ(taken_out.exit_code, 0) << taken_out.out << taken_out.err << daemon().log();
  EXPECT_TRUE(eventually(mesh_is_as_wanted)) << cli({"group", "plan", group()}).out;
  write("east", "770000001");

  serve_with(all);
  EXPECT_TRUE(eventually([] { return verdict("east", "west") == "moving"; }));
  const Finished differs = cli({"group", "tables", "remove", group(), "!app.items"});
  EXPECT_EQ(differs.exit_code, 4) << differs.out << differs.err;
  EXPECT_THAT(differs.err + differs.out, HasSubstr("TABLES_DIFFER"));
  EXPECT_TRUE(all_gates_open());
  for (const std::string& name : clusters()) {
    if (name != "east") write(name, "770000001");
  }
  const Finished back = cli({"group", "tables", "remove", group(), "!app.items"});
  ASSERT_EQ(back.exit_code, 0) << back.out << back.err << daemon().log();
  EXPECT_TRUE(eventually(mesh_is_as_wanted)) << cli({"group", "plan", group()}).out;
  write("south", "770000002");
  for (const std::string& name : clusters())
    EXPECT_TRUE(eventually([&] { return items(name) == "2"; })) << name << " " << items(name);
}

TEST_F(MeshWatch, GivesFeedsNewPasswordsWithoutLosingARow) {
  const SinkSpec sink = load_config(config_path()).cluster(ClusterName("east")).sink;
  for (const char* from : {"west", "south"}) {
    const std::string source = sink.password_for(ClusterName(from)).text;
    ASSERT_TRUE(source.starts_with("file:")) << source;
    std::ofstream(source.substr(5)) << "new-password-of-" << from << "\n";
  }
  const Finished rotated = cli({"cluster", "rotate-sink-password", "east"});
  ASSERT_EQ(rotated.exit_code, 0) << rotated.out << rotated.err << daemon().log();
  EXPECT_EQ((rotated.out + rotated.err + daemon().log()).find("new-password-of"),
            std::string::npos);
  EXPECT_TRUE(eventually(mesh_is_as_wanted)) << cli({"group", "plan", group()}).out;
  sql("west", "INSERT INTO app.items (id, sku, quantity) VALUES (780000001, 'x', 1)");
  EXPECT_TRUE(eventually(
      [] { return scalar("east", "SELECT COUNT(*) FROM app.items WHERE id = 780000001") == "1"; }));
}

}  // namespace
}  // namespace bdrmesh::e2e
