// Each fault of a TiCDC node does what it says, and nothing is lost for good where nothing was to
// be lost.
#include <gtest/gtest.h>

#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

constexpr const char* kPlain = R"({"filter":{"rules":["app.*"]}})";

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
    east_->feed_to(*west_, "e-w", kPlain);
  }

  std::string ids_in_west() {
    return west_->value("SELECT IFNULL(GROUP_CONCAT(id ORDER BY id),'') FROM app.t");
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(FaultsTest, AFrozenFeedStandsStillInStateNormal) {
  east_->node().feed("e-w")->freeze();
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  EXPECT_FALSE(east_->drained("e-w", Millis{500}));
  EXPECT_EQ(east_->state_of("e-w"), "normal");
  EXPECT_EQ(ids_in_west(), "");
  east_->node().feed("e-w")->thaw();
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
}

TEST_F(FaultsTest, ADroppedRowIsMissingWhileTheCheckpointPasses) {
  east_->node().feed("e-w")->drop_next("app", "t");
  east_->commit({"INSERT INTO app.t VALUES (1,'x'),(2,'y')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "2");
}

TEST_F(FaultsTest, ADuplicatedRowArrivesAllTheSame) {
  east_->node().feed("e-w")->duplicate_next("app", "*");
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
  EXPECT_EQ(east_->node().feeds()[0].rows, 2U);
}

TEST_F(FaultsTest, ADelayHoldsRowsBack) {
  east_->node().feed("e-w")->set_delay(Millis{400});
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  SystemClock().wait_for(Millis{100}, {});
  EXPECT_EQ(ids_in_west(), "");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
}

TEST_F(FaultsTest, AKilledNodeComesBackAndDeliversAgain) {
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  east_->node().kill(0);
  east_->node().kill(1);
  ASSERT_TRUE(eventually([&] { return east_->call("GET", "health").status == 0; }));
  east_->commit({"INSERT INTO app.t VALUES (2,'y')", "UPDATE app.t SET v='z' WHERE id=1"});
  east_->node().revive();
  ASSERT_TRUE(eventually([&] { return east_->call("GET", "changefeeds").status == 503; }));
  EXPECT_EQ(east_->call("GET", "changefeeds").json()["error_code"], "CDC:ErrServerIsNotReady");
  ASSERT_TRUE(eventually([&] { return east_->node().serves(); }));
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1,2");
  EXPECT_EQ(west_->value("SELECT v FROM app.t WHERE id=1"), "z");
}

TEST_F(FaultsTest, ASuspendedNodeAcceptsAndNeverAnswers) {
  east_->node().suspend(0);
  east_->node().suspend(1);
  const HttpAnswer silent =
      http_call(east_->node().address(), "GET", "/api/v2/health", "", Millis{300});
  EXPECT_EQ(silent.status, 0);
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  EXPECT_FALSE(east_->drained("e-w", Millis{300}));
  EXPECT_EQ(ids_in_west(), "");
  east_->node().unsuspend(0);
  east_->node().unsuspend(1);
  EXPECT_EQ(east_->call("GET", "health").status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
}

TEST_F(FaultsTest, ALostAnswerLeavesTheEffect) {
  east_->node().lose_answer_of_next("POST /api/v2/changefeeds/e-w/pause");
  EXPECT_EQ(east_->call("GET", "changefeeds").status, 200);
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 0);
  EXPECT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 200);
}

TEST_F(FaultsTest, AResignLeavesNobodyInChargeForAMoment) {
  EXPECT_EQ(east_->call("POST", "owner/resign").status, 200);
  EXPECT_EQ(east_->call("GET", "changefeeds").json()["error_code"], "CDC:ErrOwnerNotFound");
  ASSERT_TRUE(eventually([&] { return east_->call("GET", "changefeeds").status == 200; }));
  ASSERT_TRUE(east_->drained("e-w"));
}

TEST_F(FaultsTest, T26_AResignMovesTheOwnerAndNoRowTwice) {
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  const std::uint64_t before = east_->checkpoint("e-w");
  east_->node().resign();
  ASSERT_TRUE(eventually([&] { return east_->node().owner_node() == 1U; }));
  // A row of west's own: delivered anew it would be overwritten.
  west_->silently("UPDATE app.t SET v='west' WHERE id=1");
  east_->commit({"INSERT INTO app.t VALUES (2,'y')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT v FROM app.t WHERE id=1"), "west");
  EXPECT_EQ(ids_in_west(), "1,2");
  EXPECT_GE(east_->checkpoint("e-w"), before);
  // Forwarded now, once both nodes know of the new owner.
  EXPECT_TRUE(eventually(
      [&] { return east_->call("GET", "changefeeds/e-w/status", "", 0).status == 200; }));
}

TEST_F(FaultsTest, T26_AFeedOfADeadNodeStandsAndGoesOnElsewhereWithReplace) {
  ASSERT_EQ(east_->node().owner_node(), 0U);
  east_->node().kill(0);  // the owner, and it carries the only feed
  ASSERT_TRUE(eventually([&] { return !east_->node().owner_node(); }));
  const std::uint64_t stood = east_->checkpoint("e-w");
  // While the feed stands both sides insert one key: a conflict that INSERT would report.
  east_->commit({"INSERT INTO app.t VALUES (1,'east')"});
  west_->silently("INSERT INTO app.t VALUES (1,'west')");
  EXPECT_EQ(east_->checkpoint("e-w"), stood);
  ASSERT_TRUE(eventually([&] { return east_->node().owner_node() == 1U; }));
  ASSERT_TRUE(eventually([&] { return east_->node().serves(1); }));
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT v FROM app.t WHERE id=1"), "east");
  EXPECT_EQ(east_->state_of("e-w"), "normal");
}

TEST_F(FaultsTest, T26_AFeedDriftedBehindEverybodysBackReallyRunsOtherwise) {
  east_->node().feed_book().drift("e-w",
                                  [](ChangefeedInfo& info) { info.config.rules = {"nothing.*"}; });
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "");
}

TEST_F(FaultsTest, T16_AFeedStoppedForLongGoesOnWhileSomebodyElseHoldsHistory) {
  east_->state().gc.run_now();
  east_->state().safepoints.set("br", east_->state().safepoints.gc_worker() + 1,
                                std::chrono::hours{1000});
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  east_->commit({"INSERT INTO app.t VALUES (1,'late')"});
  east_->clock().turn(std::chrono::hours{30});
  east_->state().gc.run_now();
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
}

TEST_F(FaultsTest, T16_AFeedWhoseHistoryIsGoneCannotBeResumed) {
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  east_->clock().turn(std::chrono::hours{1});
  east_->state().gc.collect_up_to(east_->state().oracle.next());
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "failed"; }));
  const HttpAnswer answer = east_->call("POST", "changefeeds/e-w/resume", "{}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json()["error_code"], "CDC:ErrStartTsBeforeGC");
}

TEST_F(FaultsTest, AQuestionAboutANewbornFeedKillsTheNode) {
  const std::string body = R"({"changefeed_id":"baby","sink_uri":")" + west_->sink_uri() + "\"}";
  ASSERT_EQ(east_->call("POST", "changefeeds", body).status, 200);
  // Between the owner's first and second look at it; list is safe all the time.
  ASSERT_TRUE(eventually([&] { return east_->call("GET", "changefeeds/baby/synced").status == 0; },
                         Millis{1000}));
  ASSERT_TRUE(eventually([&] { return !east_->node().serves(); }));
  ASSERT_TRUE(eventually([&] { return east_->node().serves(); }));
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(ids_in_west(), "1");
}

}  // namespace
}  // namespace bdrmesh::lab
