// Each fault of the board that needs one lab only: it does what it says, and its undo undoes it.
// The lab is shared by the tests: they leave it whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/app/lab_under_test.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Board : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!mariadb_is_installed()) return;
    lab_ = std::make_unique<LabUnderTest>(std::vector<std::string>{"--clusters", "2"});
    if (!lab_->is_up()) return;
    lab_->create_feed("east", "west");
    lab_->create_feed("west", "east");
    eventually([] { return arrives("east", "west", "first"); });
    eventually([] { return arrives("west", "east", "second"); });
  }
  static void TearDownTestSuite() { lab_.reset(); }

  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
    ASSERT_TRUE(lab_ && lab_->is_up());
  }
  void TearDown() override {
    if (lab_) lab_->fault({"heal"});
  }

  static bool arrives(const std::string& from, const std::string& to, const std::string& note) {
    write(from, note);
    return note_on(from, to) == note;
  }
  /// Row 1 belongs to east, row 2 to west.
  static void write(const std::string& from, const std::string& note) {
    lab_->sql(from, "UPDATE app.orders SET note = '" + note +
                        "' WHERE id = " + (from == "east" ? "1" : "2"));
  }
  static std::string note_on(const std::string& from, const std::string& cluster) {
    return lab_->sql(cluster, std::string("SELECT note FROM app.orders WHERE id = ") +
                                  (from == "east" ? "1" : "2"));
  }
  static std::string order(const std::string& line) {
    const HttpAnswer answer = http("POST", control() + "/faults", Json{{"line", line}}.dump());
    EXPECT_EQ(answer.status, 200) << line << ": " << answer.body;
    return answer.body;
  }
  static std::string control() { return lab_->json().at("control"); }
  static std::string status() { return lab_->lab({"status"}).out; }
  static std::string ticdc(std::size_t node = 0) {
    return lab_->cluster(0).at("ticdc").at(node).get<std::string>();
  }
  static int answer_of(const std::string& url) {
    try {
      return http("GET", url).status;
    } catch (const std::exception&) {
      return -1;  // nobody listens
    }
  }
  /// The cluster's time as its TiCDC gives timestamps.
  static long physical_ms(std::size_t cluster) {
    const std::string url =
        lab_->cluster(cluster).at("ticdc").at(0).get<std::string>() + "/api/v2/tso";
    return Json::parse(http("POST", url, "{}").body).at("timestamp").get<long>();
  }
  static std::string pd(std::size_t cluster = 0) {
    return lab_->cluster(cluster).at("pd").get<std::string>() + "/pd/api/v1/cluster";
  }

  static std::unique_ptr<LabUnderTest> lab_;
};

std::unique_ptr<LabUnderTest> Board::lab_;

TEST_F(Board, IsOrderedByHttpAsByCommand) {
  const Json listed = Json::parse(http("GET", control() + "/faults").body);
  EXPECT_GT(listed.at("faults").size(), 40U);
  EXPECT_EQ(Json::parse(lab_->fault({"list", "--json"}).out).at("faults"), listed.at("faults"));
  const Json body{{"words", {"freeze-feed", "east", "west"}}};
  const Json done = Json::parse(http("POST", control() + "/faults", body.dump()).body);
  EXPECT_EQ(done.at("undo"), "thaw east west");
  const Json seen = Json::parse(http("GET", control() + "/status").body);
  EXPECT_EQ(seen.at("faults").size(), 1U);
  EXPECT_EQ(seen.at("faults").at(0).at("undo"), "bdrmesh-lab fault thaw east west");
}

TEST_F(Board, HttpRefusesAsTheCommandDoes) {
  EXPECT_EQ(http("POST", control() + "/faults", R"({"line":"explode east"})").status, 400);
  EXPECT_EQ(http("POST", control() + "/faults", "no json").status, 400);
  EXPECT_EQ(http("GET", control() + "/nothing").status, 404);
  const HttpAnswer only_checked =
      http("POST", control() + "/faults/check", R"({"line":"kill east pd"})");
  EXPECT_EQ(only_checked.status, 200);
  EXPECT_EQ(answer_of(pd()), 200);
}

TEST_F(Board, WholeRegionIsGoneAndComesBack) {
  order("kill west region");
  EXPECT_THAT(lab_->sql("west", "SELECT 1"), HasSubstr("ERROR 200"));
  EXPECT_EQ(answer_of(pd(1)), -1);
  write("east", "while west is away");
  order("restart west region");
  EXPECT_THAT(status(), Not(HasSubstr("FAULT")));
  EXPECT_TRUE(eventually([] { return lab_->sql("west", "SELECT 1") == "1"; }));
  EXPECT_EQ(answer_of(pd(1)), 200);
  EXPECT_TRUE(eventually([] { return note_on("east", "west") == "while west is away"; }));
  EXPECT_TRUE(eventually([] { return arrives("west", "east", "west is back"); }));
}

TEST_F(Board, OneTicdcNodeDiesAndTheOtherGoesOn) {
  order("kill east ticdc 1");
  EXPECT_TRUE(eventually([] { return answer_of(ticdc(0) + "/api/v2/health") == -1; }));
  EXPECT_TRUE(eventually([] { return answer_of(ticdc(1) + "/api/v2/health") == 200; }));
  EXPECT_TRUE(eventually([] { return arrives("east", "west", "by the other node"); }));
  order("restart east ticdc 1");
  EXPECT_TRUE(eventually([] { return answer_of(ticdc(0) + "/api/v2/health") == 200; }));
}

TEST_F(Board, PdIsKilledAndSuspended) {
  order("kill east pd");
  EXPECT_EQ(answer_of(pd()), -1);
  EXPECT_THAT(status(), HasSubstr("FAULT  east pd was killed"));
  order("restart east pd");
  EXPECT_EQ(answer_of(pd()), 200);
  order("suspend east pd");
  EXPECT_EQ(run_program({"/usr/bin/timeout", "1", "/usr/bin/curl", "-s", pd()}).code, 124);
  order("resume east pd");
  EXPECT_EQ(answer_of(pd()), 200);
}

TEST_F(Board, AnswersAreLostLateHalfWrongOrErrors) {
  const std::string list = ticdc() + "/api/v2/changefeeds";
  order("error-answer east ticdc 503 /changefeeds 1");
  EXPECT_EQ(answer_of(list), 503);
  order("clear-answers east");  // one waits at each node
  EXPECT_EQ(answer_of(list), 200);
  order("half-answer east ticdc /changefeeds 1");
  const HttpAnswer half = http("GET", list);
  order("clear-answers east");
  EXPECT_LT(half.body.size(), http("GET", list).body.size());
  order("late-answer east pd 700ms /cluster 1");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(answer_of(pd()), 200);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(700));
  const std::string mine = http("GET", pd()).body;
  const std::string other = http("GET", pd(1)).body;
  EXPECT_NE(mine, other);
  order("wrong-answer east pd west /cluster 1");
  EXPECT_EQ(http("GET", pd()).body, other);
  order("lose-answer east pd /cluster");
  EXPECT_EQ(http("GET", pd()).status, 0);
  order("no-answer east ticdc /changefeeds 1");
  EXPECT_EQ(run_program({"/usr/bin/timeout", "1", "/usr/bin/curl", "-s", list}).code, 124);
  EXPECT_EQ(http("GET", pd()).body, mine);
}

TEST_F(Board, AnswersStayWrongUntilTheyAreCleared) {
  order("error-answer east pd 500 any forever");
  EXPECT_EQ(answer_of(pd()), 500);
  EXPECT_EQ(answer_of(pd()), 500);
  order("heal");
  EXPECT_EQ(answer_of(pd()), 200);
}

TEST_F(Board, RowIsDeliveredTwiceAndNothingIsTheWorse) {
  order("duplicate-row east west app.orders");
  EXPECT_TRUE(eventually([] { return arrives("east", "west", "twice"); }));
  EXPECT_EQ(lab_->sql("west", "SELECT COUNT(*) FROM app.orders WHERE id = 1"), "1");
}

TEST_F(Board, RowIsCorruptedInFlight) {
  order("corrupt-row east west app.items");
  lab_->sql("east", "INSERT INTO app.items (id, sku, quantity) VALUES (900, 'whole', 7)");
  const std::string query =
      "SELECT CONCAT(sku, quantity, IFNULL(order_id, '')) FROM app.items WHERE id = 900";
  EXPECT_TRUE(eventually([&] { return !lab_->sql("west", query).empty(); }));
  EXPECT_NE(lab_->sql("west", query), lab_->sql("east", query));
}

TEST_F(Board, LaterChangeOfAKeyPassesAnEarlierOne) {
  lab_->sql("east", "INSERT INTO app.items (id, sku) VALUES (901, 'a')");
  const std::string query = "SELECT sku FROM app.items WHERE id = 901";
  ASSERT_TRUE(eventually([&] { return lab_->sql("west", query) == "a"; }));
  order("reorder-row east west app.items");
  lab_->sql("east", "UPDATE app.items SET sku = 'b' WHERE id = 901");
  lab_->sql("east", "UPDATE app.items SET sku = 'c' WHERE id = 901");
  EXPECT_TRUE(eventually([&] { return lab_->sql("west", query) == "b"; }));
  EXPECT_EQ(lab_->sql("east", query), "c");
}

TEST_F(Board, SomebodyElsePausesAFeed) {
  order("pause-feed east west");
  EXPECT_THAT(status(), HasSubstr("stopped"));
  order("resume-feed east west");
  EXPECT_TRUE(eventually([] { return arrives("east", "west", "resumed"); }));
}

TEST_F(Board, FilterOfAFeedDriftsAndBack) {
  const std::string undo =
      Json::parse(order("drift-filter east west app.items")).at("undo").get<std::string>();
  EXPECT_EQ(undo, "drift-filter east west app.*");
  const std::string feed = ticdc() + "/api/v2/changefeeds/t-east-to-west";
  EXPECT_TRUE(
      eventually([&] { return http("GET", feed).body.find("app.items") != std::string::npos; }));
  write("east", "filtered away");
  EXPECT_TRUE(eventually([] { return arrives("west", "east", "the other way"); }));
  EXPECT_NE(note_on("east", "west"), "filtered away");
  order(undo);
  EXPECT_TRUE(eventually([] { return arrives("east", "west", "unfiltered"); }));
}

TEST_F(Board, SinkOfAFeedDrifts) {
  order("drift-sink east west 2");
  order("kill west tidb-server 1");
  EXPECT_TRUE(eventually([] {
    write("east", "through the other");
    return lab_->sql("west", "SELECT note FROM app.orders WHERE id = 1", "dba", 2) ==
           "through the other";
  }));
  order("restart west tidb-server 1");
  order("drift-sink east west 1");
}

TEST_F(Board, StrangerCreatesAFeedAndItCanBeRemoved) {
  order("foreign-feed east west");
  EXPECT_TRUE(eventually([] { return status().find("foreign-east-west") != std::string::npos; }));
  order("remove-feed east foreign-east-west");
  EXPECT_TRUE(eventually([] { return status().find("foreign-east-west") == std::string::npos; }));
}

TEST_F(Board, SourceIdDriftsAndBack) {
  order("set-source-id east 5");
  EXPECT_EQ(lab_->sql("east", "SELECT @@global.tidb_source_id"), "5");
  order("heal east");
  EXPECT_EQ(lab_->sql("east", "SELECT @@global.tidb_source_id"), "1");
}

TEST_F(Board, ConflictingWritesLeaveTheClustersDifferent) {
  order("conflicting-writes east west 7");
  const std::string query = "SELECT note FROM app.orders WHERE id = 7";
  EXPECT_TRUE(eventually([&] {
    return lab_->sql("east", query) == "written on west" &&
           lab_->sql("west", query) == "written on east";
  }));
}

TEST_F(Board, ClockOfOneClusterIsAhead) {
  const auto ahead_ms = [] { return physical_ms(1) - physical_ms(0); };
  EXPECT_LT(std::abs(ahead_ms()), 3'000);
  order("clock-offset west 1m");
  EXPECT_GT(ahead_ms(), 50'000);
  order("clock-offset west 0");
}

TEST_F(Board, ClockIsTurnedForEverybody) {
  const long before = physical_ms(0);
  order("turn-clock 30m");
  EXPECT_GT(physical_ms(0) - before, 29 * 60'000);
  EXPECT_TRUE(eventually([] { return arrives("east", "west", "half an hour later"); }));
}

TEST_F(Board, GarbageIsCollectedPastAPosition) {
  const std::string tso = std::to_string(static_cast<unsigned long>(physical_ms(0)) << 18);
  order("gc-past east " + tso);
  const std::string old = std::to_string(std::stoull(tso) - (10ULL << 18));
  EXPECT_THAT(lab_->sql("east", "SET @@tidb_snapshot = '" + old + "'"), HasSubstr("ERROR 8055"));
  order("hold-gc east " + tso);
  EXPECT_THAT(
      http("GET", lab_->cluster(0).at("pd").get<std::string>() + "/pd/api/v1/gc/safepoint").body,
      HasSubstr("somebody-else"));
  EXPECT_THAT(order("gc-now east"), HasSubstr("collected"));
  order("heal");
}

TEST_F(Board, ServerHearsOfGrantsLateOrNever) {
  const std::string exempt = "RESTRICTED_REPLICA_WRITER_ADMIN ON *.*";
  const std::string statement = "UPDATE app.orders SET note = 'exempt' WHERE id = 1";
  const auto written = [&](int server) { return lab_->sql("east", statement, "app", server); };
  order("slow-grants east 2 never");
  EXPECT_EQ(lab_->sql("east", "GRANT " + exempt + " TO 'app'@'%'"), "");
  order("close-gate east");
  EXPECT_TRUE(eventually([&] { return written(2) == "ERROR 1836"; }));
  EXPECT_EQ(written(1), "");
  order("open-gate east");
  order("slow-grants east 2 0");
  EXPECT_EQ(lab_->sql("east", "GRANT " + exempt + " TO 'app'@'%'"), "");
  order("close-gate east");
  EXPECT_TRUE(eventually([&] { return written(2).empty(); }));
  order("open-gate east");
  EXPECT_EQ(lab_->sql("east", "REVOKE " + exempt + " FROM 'app'@'%'"), "");
}

TEST_F(Board, CommitsStandStillOrBreak) {
  order("hold-commits east 800ms");
  const auto begin = std::chrono::steady_clock::now();
  write("east", "slow commit");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(800));
  order("hold-commits east 0");
  order("lose-commits east committed 1");
  EXPECT_EQ(lab_->sql("east", "UPDATE app.orders SET note = 'unheard' WHERE id = 1"), "ERROR 2013");
  EXPECT_EQ(note_on("east", "east"), "unheard");
}

TEST_F(Board, DdlIsHeldRefusedDeniedAndRolledBack) {
  order("fail-ddl east 1 1105 dull");
  EXPECT_EQ(lab_->sql("east", "CREATE TABLE app.dull (id INT PRIMARY KEY)"), "ERROR 1105");
  EXPECT_EQ(lab_->sql("east", "CREATE TABLE app.dull (id INT PRIMARY KEY)"), "");
  order("deny-ddl east 1");
  EXPECT_EQ(lab_->sql("east", "ALTER TABLE app.dull ADD COLUMN a INT"), "ERROR 8263");
  order("roll-back-ddl east 1 1062");
  EXPECT_EQ(lab_->sql("east", "ALTER TABLE app.dull ADD INDEX by_id (id)"), "ERROR 1062");
  order("hold-ddl east dull");
  EXPECT_EQ(run_program({"/usr/bin/timeout", "1", BDR_LAB_BINARY, "sql", "east",
                         "DROP TABLE app.dull", "--dir", lab_->directory().string()})
                .code,
            124);
  EXPECT_THAT(status(), HasSubstr("FAULT"));
  order("heal");
  EXPECT_TRUE(eventually([] {
    return lab_->sql("east",
                     "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'dull'") ==
           "0";
  }));
}

TEST_F(Board, BackupFailsInTheMiddle) {
  const std::string place = (lab_->directory() / "backup one").string();
  order("fail-backup east backup 50 disk-full");
  EXPECT_THAT(lab_->sql("east", "BACKUP DATABASE app TO 'local://" + place + "'"),
              HasSubstr("ERROR"));
  const std::string second = (lab_->directory() / "backup two").string();
  EXPECT_THAT(lab_->sql("east", "BACKUP DATABASE app TO 'local://" + second + "'"),
              Not(HasSubstr("ERROR")));
  std::filesystem::remove_all(place);
  std::filesystem::remove_all(second);
}

TEST_F(Board, WordsAreCompletedByTheLabItself) {
  EXPECT_THAT(lab_->lab({"complete"}).out, HasSubstr("fault\n"));
  const auto complete = [](std::vector<std::string> words) {
    words.insert(words.begin(),
                 {BDR_LAB_BINARY, "complete", "--dir", lab_->directory().string(), "--"});
    return run_program(words).out;
  };
  EXPECT_EQ(complete({"fault", "kill", ""}), "east\nwest\n");
  EXPECT_EQ(complete({"fault", "kill", "east", "tic"}), "ticdc\n");
  EXPECT_EQ(complete({"sql", "e"}), "east\n");
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(lab_->lab({"completion", shell}).code, testing::AnyOf(0, 2));
    EXPECT_THAT(run_program({BDR_LAB_BINARY, "completion", shell}).out, HasSubstr("complete"));
  }
}

TEST_F(Board, DirectoryHoldsThePrograms) {
  EXPECT_THAT(run_program({(lab_->directory() / "bin" / "cdc").string(), "version"}).out,
              HasSubstr("Release Version"));
  EXPECT_THAT(lab_->output(), HasSubstr("mysql -h 127.0.0.1"));
}

}  // namespace
}  // namespace bdrmesh::lab::app
