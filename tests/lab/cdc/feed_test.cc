// Changefeeds between real MariaDB servers: what arrives, what must not, and what the checkpoint
// may claim.
#include <gtest/gtest.h>
#include <thread>

#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

constexpr const char* kBdr = R"({"bdr_mode":false,"filter":{"rules":["app.*"]}})";

class FeedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    east_ = std::make_unique<TestCluster>("east", 1);
    west_ = std::make_unique<TestCluster>("west", 2);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
  }

  std::string west_value(int id) {
    return west_->value("SELECT v FROM app.t WHERE id=" + std::to_string(id));
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(FeedTest, CarriesInsertsUpdatesAndDeletes) {
  east_->feed_to(*west_, "e-w", kBdr);
  east_->commit({"INSERT INTO app.t VALUES (1,'one'),(2,'two'),(3,'three')"});
  east_->commit({"UPDATE app.t SET v='zwei' WHERE id=2", "DELETE FROM app.t WHERE id=3"});
  east_->commit({"UPDATE app.t SET id=10 WHERE id=1"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT GROUP_CONCAT(id,':',v ORDER BY id) FROM app.t"), "2:zwei,10:one");
}

TEST_F(FeedTest, BeginsBehindItsStartTs) {
  east_->commit({"INSERT INTO app.t VALUES (1,'before')"});
  const std::uint64_t start = east_->state().oracle.next();
  east_->commit({"INSERT INTO app.t VALUES (2,'after')"});
  east_->feed_to(*west_, "e-w", kBdr, start);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(1), "");
  EXPECT_EQ(west_value(2), "after");
}

TEST_F(FeedTest, LeavesOutWhatTheFilterDoesNotName) {
  for (TestCluster* cluster : {east_.get(), west_.get()}) {
    cluster->silently("CREATE TABLE app.tmp (id INT PRIMARY KEY)");
    cluster->silently("CREATE TABLE app.keyless (id INT)");
  }
  east_->feed_to(*west_, "e-w",
                 R"({"ignore_ineligible_table":true,"filter":{"rules":["app.*","!app.tmp"]}})");
  east_->commit({"INSERT INTO app.tmp VALUES (1)", "INSERT INTO app.keyless VALUES (1)",
                 "INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(1), "x");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.tmp"), "0");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.keyless"), "0");
}

TEST_F(FeedTest, DropsTaggedTransactionsOnlyInBdrMode) {
  east_->feed_to(*west_, "plain", kBdr);
  east_->commit({"INSERT INTO app.t VALUES (1,'tagged')"}, 2);
  ASSERT_TRUE(east_->drained("plain"));
  EXPECT_EQ(west_value(1), "tagged");
}

TEST_F(FeedTest, UsesAUniqueKeyWhereThereIsNoPrimaryOne) {
  for (TestCluster* cluster : {east_.get(), west_.get()}) {
    cluster->silently(
        "CREATE TABLE app.u (a INT NOT NULL, b INT NOT NULL, c INT, UNIQUE KEY k(b,a))");
  }
  east_->feed_to(*west_, "e-w", kBdr);
  east_->commit({"INSERT INTO app.u VALUES (1,1,1),(1,2,2)"});
  ASSERT_TRUE(east_->drained("e-w"));
  east_->commit({"UPDATE app.u SET c=9 WHERE b=2", "DELETE FROM app.u WHERE b=1"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT GROUP_CONCAT(a,b,c) FROM app.u"), "129");
}

TEST_F(FeedTest, NeverClaimsACheckpointBeforeItsRowsAreThere) {
  east_->feed_to(*west_, "e-w", kBdr);
  std::jthread writer([&](const std::stop_token& stop) {
    for (int id = 1; !stop.stop_requested(); ++id) {
      east_->commit({"INSERT INTO app.t VALUES (" + std::to_string(id) + ",'x')"});
    }
  });
  std::vector<std::uint64_t> wrong;
  SqlSession reader(engine_login(west_->state()), Millis{5000});
  SqlSession source(engine_login(east_->state()), Millis{5000});
  for (int round = 0; round < 100; ++round) {
    // All rows that are committed when the fence is taken must be there when the checkpoint is
    // beyond it.
    const std::string before = *source.query("SELECT COUNT(*) FROM app.t", Millis{5000})[0][0];
    const std::uint64_t fence = east_->state().oracle.next();
    ASSERT_TRUE(eventually([&] { return east_->checkpoint("e-w") > fence; }))
        << "round " << round << " " << east_->call("GET", "changefeeds/e-w/status").body;
    const std::string arrived = *reader.query("SELECT COUNT(*) FROM app.t", Millis{5000})[0][0];
    if (std::stoll(arrived) < std::stoll(before)) wrong.push_back(fence);
  }
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " of 100 fences were passed too early";
}

TEST_F(FeedTest, StaysNormalWhileTheSinkFailsAndHealsByItself) {
  east_->feed_to(*west_, "e-w", kBdr);
  west_->silently("ALTER TABLE app.t DROP COLUMN v");
  const std::uint64_t commit_ts = east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  SystemClock().wait_for(Millis{600}, {});
  EXPECT_EQ(east_->state_of("e-w"), "normal");
  EXPECT_LT(east_->checkpoint("e-w"), commit_ts);
  west_->silently("ALTER TABLE app.t ADD COLUMN v VARCHAR(40)");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(1), "x");
}

TEST_F(FeedTest, TurnsPendingWhenTheSinksPatienceIsOverAndNormalWhenItPasses) {
  east_->feed_to(*west_, "e-w", kBdr);
  west_->silently("RENAME TABLE app.t TO app.away");
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "pending"; }));
  const Json listed = east_->call("GET", "changefeeds").json();
  EXPECT_EQ(listed["items"][0]["state"], "warning");
  EXPECT_EQ(listed["items"][0]["error"]["code"], "CDC:ErrReachMaxTry");
  west_->silently("RENAME TABLE app.away TO app.t");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_TRUE(eventually([&] { return east_->state_of("e-w") == "normal"; }));
  EXPECT_EQ(west_value(1), "x");
}

TEST_F(FeedTest, WarnsOfADuplicateOnceAndThenOverwrites) {
  east_->feed_to(*west_, "e-w", kBdr);
  west_->silently("INSERT INTO app.t VALUES (1,'local')");
  east_->commit({"INSERT INTO app.t VALUES (1,'remote')"});
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "warning"; }));
  const Json status = east_->call("GET", "changefeeds/e-w/status").json();
  EXPECT_EQ(status["last_warning"]["code"], "CDC:ErrMySQLDuplicateEntry") << status;
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(1), "remote");
  EXPECT_TRUE(eventually([&] { return east_->state_of("e-w") == "normal"; }));
}

TEST_F(FeedTest, FinishesExactlyAtItsTarget) {
  const std::uint64_t start = east_->state().oracle.next();
  east_->commit({"INSERT INTO app.t VALUES (1,'in')"});
  const std::uint64_t target = east_->state().oracle.next();
  east_->commit({"INSERT INTO app.t VALUES (2,'beyond')"});
  const HttpAnswer made = east_->call("POST", "changefeeds",
                                      R"({"changefeed_id":"e-w","sink_uri":")" + west_->sink_uri() +
                                          R"(","start_ts":)" + std::to_string(start) +
                                          R"(,"target_ts":)" + std::to_string(target) +
                                          R"(,"replica_config":{"filter":{"rules":["app.*"]}}})");
  ASSERT_EQ(made.status, 200) << made.body;
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "finished"; }));
  EXPECT_EQ(east_->checkpoint("e-w"), target);
  EXPECT_EQ(west_value(1), "in");
  EXPECT_EQ(west_value(2), "");
}

TEST_F(FeedTest, GoesOnWhereItWasAfterAPause) {
  east_->feed_to(*west_, "e-w", kBdr);
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  east_->commit({"INSERT INTO app.t VALUES (2,'y')"});
  west_->silently("INSERT INTO app.t VALUES (2,'local')");
  const std::uint64_t stood = east_->checkpoint("e-w");
  SystemClock().wait_for(Millis{300}, {});
  EXPECT_EQ(east_->checkpoint("e-w"), stood);
  EXPECT_EQ(west_value(2), "local");
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(2), "y") << "rows written before the restart come as REPLACE";
}

TEST_F(FeedTest, SkipsRowsWhenItsCheckpointIsOverwrittenForward) {
  east_->feed_to(*west_, "e-w", kBdr);
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  ASSERT_TRUE(eventually([&] { return east_->state_of("e-w") == "stopped"; }));
  east_->commit({"INSERT INTO app.t VALUES (1,'skipped')"});
  const std::uint64_t beyond = east_->state().oracle.next();
  east_->commit({"INSERT INTO app.t VALUES (2,'kept')"});
  const std::string body = R"({"overwrite_checkpoint_ts":)" + std::to_string(beyond) + "}";
  ASSERT_EQ(east_->call("POST", "changefeeds/e-w/resume", body).status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(1), "");
  EXPECT_EQ(west_value(2), "kept");
}

TEST_F(FeedTest, SurvivesItsUpstreamsEngine) {
  east_->feed_to(*west_, "e-w", kBdr);
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(east_->drained("e-w"));
  east_->engine().restart();
  EXPECT_EQ(east_->state_of("e-w"), "normal");
  east_->reconnect();
  east_->commit({"INSERT INTO app.t VALUES (2,'y')"});
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_value(2), "y");
}

TEST_F(FeedTest, KeepsUpWithThousandRowsASecond) {
  east_->feed_to(*west_, "e-w", kBdr);
  const MonoTime start = MonoTime::clock::now();
  for (int block = 0; block < 50; ++block) {
    std::string rows;
    for (int i = 0; i < 100; ++i) {
      rows += (i == 0 ? "(" : ",(") + std::to_string(block * 100 + i) + ",'some text')";
    }
    east_->commit({"INSERT INTO app.t VALUES " + rows});
  }
  for (int id = 0; id < 2000; ++id) {
    east_->commit({"UPDATE app.t SET v='new' WHERE id=" + std::to_string(id)});
  }
  const auto written = MonoTime::clock::now() - start;
  ASSERT_TRUE(east_->drained("e-w", Millis{60000}));
  const auto total = MonoTime::clock::now() - start;
  RecordProperty("write_ms", std::to_string(std::chrono::duration_cast<Millis>(written).count()));
  RecordProperty("total_ms", std::to_string(std::chrono::duration_cast<Millis>(total).count()));
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.t WHERE v='new'"), "2000");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM app.t"), "5000");
}

}  // namespace
}  // namespace bdrmesh::lab
