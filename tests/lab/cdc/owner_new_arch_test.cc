// Feeds of the new architecture that meet errors: real rows, states as measured.
#include <gtest/gtest.h>

#include "lab/cdc/test_cluster.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

constexpr const char* kPlain = R"({"filter":{"rules":["app.*"]}})";

TicdcOptions impatient() {
  TicdcOptions options = TestCluster::quick_options();
  options.election.reset();
  options.pace = 0.05;
  options.owner.begin_delay = Millis{50};
  options.owner.halt_delay = Millis{20};
  options.owner.report_every = Millis{200};
  options.owner.feed.backoff_first = Millis{1000};
  options.owner.feed.sink_patience = Millis{300};
  return options;
}

class NewArchFeeds : public ::testing::Test {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    const Profile& profile = find_profile("new-8.5");
    east_ = std::make_unique<TestCluster>("east", 1, impatient(), profile);
    west_ = std::make_unique<TestCluster>("west", 2, impatient(), profile);
    for (TestCluster* cluster : {east_.get(), west_.get()}) {
      cluster->silently("CREATE DATABASE app");
      cluster->silently("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
    east_->feed_to(*west_, "e-w", kPlain);
    ASSERT_TRUE(east_->drained("e-w"));
  }
  Json status() { return east_->call("GET", "changefeeds/e-w/status").json(); }
  Json listed() { return east_->call("GET", "changefeeds").json()["items"][0]; }
  bool becomes(const std::string& state) {
    return eventually([&] { return east_->state_of("e-w") == state; });
  }

  std::unique_ptr<TestCluster> east_;
  std::unique_ptr<TestCluster> west_;
};

TEST_F(NewArchFeeds, T15_AStuckRowFlipsTheStateAndOnlyTheCheckpointTells) {
  west_->silently("RENAME TABLE app.t TO app.away");
  const std::uint64_t commit_ts = east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(becomes("warning"));
  const Json warning = status();
  EXPECT_EQ(warning["last_warning"]["code"], "CDC:ErrChangefeedRetryable");
  EXPECT_LT(warning["checkpoint_ts"].get<std::uint64_t>(), commit_ts);
  ASSERT_TRUE(becomes("normal"));
  EXPECT_TRUE(listed()["error"].is_null());
  ASSERT_TRUE(becomes("warning"));
  west_->silently("RENAME TABLE app.away TO app.t");
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_TRUE(becomes("normal"));
  EXPECT_EQ(west_->value("SELECT v FROM app.t"), "x");
}

TEST_F(NewArchFeeds, T15_ADdlErrorIsReportedAgainAndEachReportDoublesThePause) {
  west_->silently("RENAME TABLE app.t TO app.away");
  east_->ddl("ALTER TABLE t ADD COLUMN w INT", "add column", "app", "t");
  ASSERT_TRUE(becomes("warning"));
  EXPECT_EQ(status()["last_warning"]["code"], "CDC:ErrChangefeedRetryable");
  const std::string first = status()["last_warning"]["time"];
  ASSERT_TRUE(eventually([&] { return status()["last_warning"]["time"] != first; }));
  // Repaired, it sleeps on: pauses grew to minutes. Pause and resume forget them.
  SystemClock().wait_for(Millis{1500}, {});
  west_->silently("RENAME TABLE app.away TO app.t");
  EXPECT_FALSE(east_->drained("e-w", Millis{800}));
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 400);
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "{}").status, 200);
  EXPECT_TRUE(east_->drained("e-w"));
}

TEST_F(NewArchFeeds, T15_ACoordinatorChangeCutsTheText) {
  west_->silently("RENAME TABLE app.t TO app.away");
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(becomes("warning"));
  const std::string full = listed()["error"]["message"];
  ASSERT_GT(full.size(), 103U);
  east_->node().resign();
  const std::string cut = full.substr(0, 100) + "...";
  EXPECT_TRUE(eventually([&] {
    const auto feeds = east_->node().feeds();
    return feeds[0].info.error && feeds[0].info.error->message == cut;
  })) << listed().dump();
}

TEST_F(NewArchFeeds, T12_APauseIsOverWhenItAnswersAndWorksFromFailed) {
  east_->node().feed_book().meet_error("e-w", {east_->clock().now(), "CDC:ErrDispatcherFailed",
                                               "[CDC:ErrDispatcherFailed]dispatcher failed"});
  EXPECT_EQ(status()["state"], "failed");
  EXPECT_EQ(status()["last_error"]["code"], "CDC:ErrChangefeedUnretryable");
  const HttpAnswer paused = east_->call("POST", "changefeeds/e-w/pause");
  EXPECT_EQ(paused.status, 200);
  EXPECT_EQ(status()["state"], "stopped");
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "").status, 200);
  EXPECT_TRUE(east_->drained("e-w"));
}

TEST_F(NewArchFeeds, T16_ALateResumeIsSavedByOneJumpToThePresent) {
  east_->state().gc.run_now();
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/pause").status, 200);
  east_->commit({"INSERT INTO app.t VALUES (1,'late')"});
  const std::uint64_t stood = east_->checkpoint("e-w");
  east_->clock().turn(std::chrono::hours{50});
  east_->state().gc.run_now();
  EXPECT_LE(east_->state().gc.safe_point(), stood) << "held for as long as a coordinator lives";
  EXPECT_EQ(east_->state_of("e-w"), "stopped");
  EXPECT_EQ(east_->call("POST", "changefeeds/e-w/resume", "").status, 200);
  ASSERT_TRUE(east_->drained("e-w"));
  EXPECT_EQ(west_->value("SELECT v FROM app.t"), "late");
  bool resuming = false;
  for (const ServiceSafepoint& entry : east_->state().safepoints.list()) {
    resuming = resuming || entry.service_id.ends_with("-resuming-default_e-w");
  }
  EXPECT_TRUE(resuming) << "it stays for its hour";
}

}  // namespace
}  // namespace bdrmesh::lab
