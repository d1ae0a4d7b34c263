// Feeds with a redo log, and what `cdc redo apply` makes of it (checklist lines T17, T24).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "base/random_id.h"
#include "lab/feed/feed_rig.h"
#include "lab/redo/cdc_tool.h"
#include "lab/redo/recorded.h"
#include "lab/redo/redo_log.h"

namespace bdrmesh::lab {
namespace {

using ::testing::HasSubstr;

class RedoFeedTest : public FeedRigTest {
 protected:
  void SetUp() override {
    FeedRigTest::SetUp();
    if (IsSkipped()) return;
    config_ =
        R"({"consistent":{"level":"eventual","flush_interval":200,"meta_flush_interval":50,"storage":"file://)" +
        directory_.string() + R"("}})";
    feed_ = std::make_unique<RigFeed>(*east_, *west_, config_);
    feed_->plan().open_redo = [this](std::uint64_t from_ts) {
      const int version = profile().is_classic() ? 0 : 1;
      return open_redo_log(east_->state().clock, config_,
                           {"127.0.0.1:8300", "default", "e-w", version}, from_ts);
    };
  }
  void TearDown() override {
    feed_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::size_t logs(const char* kind) const { return redo_logs(directory_, kind).size(); }
  RedoMeta meta() const {
    try {
      return read_metas(directory_).sum;
    } catch (const Error&) {
      return {};  // between two meta files
    }
  }
  /// Holds rows in front of the west, so that what is in the log is not downstream.
  void hold_rows_back() { feed_->faults().set_delay(Millis{60000}); }
  int apply(std::string* out = nullptr, std::string* err = nullptr) {
    std::ostringstream stdout_text;
    std::ostringstream stderr_text;
    const SinkUri sink = west_->sink();
    const std::string uri = "mysql://" + sink.user + ":" + sink.password.reveal() +
                            "@127.0.0.1:" + std::to_string(sink.port) + "/";
    const int code = run_cdc_tool(
        {"redo", "apply", "--storage", "file://" + directory_.string(), "--sink-uri", uri},
        stdout_text, stderr_text, profile(), clock_);
    if (out != nullptr) *out = stdout_text.str();
    if (err != nullptr) *err = stderr_text.str();
    return code;
  }

  SystemClock clock_;
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("bdr-redo-feed-" + random_id(8));
  std::string config_;
  std::unique_ptr<RigFeed> feed_;
};

class NewRedoFeedTest : public RedoFeedTest {
  const Profile& profile() const override { return find_profile("new-8.5"); }
};

TEST_F(RedoFeedTest, T24_RowsAreInTheLogBeforeTheyAreDownstream) {
  feed_->start();
  const std::uint64_t ts = east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(eventually([&] { return rows_in_west() == "1:x"; }));
  EXPECT_EQ(logs("row"), 1U);
  ASSERT_TRUE(feed_->drained());
  ASSERT_TRUE(eventually([&] { return meta().checkpoint >= ts; }));
  EXPECT_GE(meta().resolved, meta().checkpoint);
}

TEST_F(RedoFeedTest, T24_ApplyBringsWhatTheFeedCouldNot) {
  feed_->start();
  east_->commit({"INSERT INTO app.t VALUES (1,'a'),(2,'b'),(3,'c')"});
  ASSERT_TRUE(feed_->drained());
  hold_rows_back();
  const std::uint64_t last =
      east_->commit({"INSERT INTO app.t VALUES (4,'d')", "UPDATE app.t SET v='B' WHERE id=2",
                     "DELETE FROM app.t WHERE id=3"});
  ASSERT_TRUE(eventually([&] { return meta().resolved >= last; }));
  EXPECT_LT(meta().checkpoint, last);
  feed_->stop();
  EXPECT_EQ(rows_in_west(), "1:a,2:b,3:c");
  std::string out;
  std::string err;
  EXPECT_EQ(apply(&out, &err), 0);
  EXPECT_EQ(err, read_data("real-classic-9.0dev-redo-apply-stderr.txt"));
  EXPECT_EQ(comparable(out), comparable(read_data("real-classic-9.0dev-redo-apply-stdout.txt")));
  EXPECT_EQ(rows_in_west(), "1:a,2:B,4:d");
  EXPECT_EQ(apply(), 0) << "it can be repeated";
  EXPECT_EQ(rows_in_west(), "1:a,2:B,4:d");
}

TEST_F(RedoFeedTest, T24_ClassicLogsNoDdlThatTheGateHoldsBack) {
  feed_->plan().bdr_mode = true;
  feed_->start();
  east_->ddl("ALTER TABLE t ADD COLUMN n INT", "add column", "app", "t", "");
  east_->ddl("ALTER TABLE t ADD COLUMN p INT", "add column", "app", "t", "primary");
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(logs("ddl"), 1U);
}

TEST_F(NewRedoFeedTest, T24_NewLogsDdlWithoutRoleAndAppliesIt) {
  feed_->plan().bdr_mode = true;
  feed_->start();
  const DdlJob job =
      east_->ddl("CREATE TABLE fresh (id INT PRIMARY KEY)", "create table", "app", "fresh", "");
  ASSERT_TRUE(eventually([&] { return meta().resolved > job.finished_ts; }));
  const auto tables = [&] {
    return west_->value("SELECT COUNT(*) FROM information_schema.tables WHERE table_name='fresh'");
  };
  EXPECT_EQ(logs("ddl"), 1U);
  EXPECT_EQ(tables(), "0");
  feed_->stop();
  // As if the checkpoint had not passed it yet.
  remove_redo_metas(directory_);
  write_redo_file(directory_ / redo_meta_name({"127.0.0.1:8300", "default", "e-w", 1}),
                  encode_meta({job.start_ts, job.finished_ts + 1, 1, "default/e-w"}));
  std::string out;
  EXPECT_EQ(apply(&out), 0);
  EXPECT_THAT(out, HasSubstr("[appliedDDLCount=1]"));
  EXPECT_EQ(comparable(out), comparable(recorded("real-new-9.0dev-redo-apply-ok.txt").out));
  EXPECT_EQ(tables(), "1");
  EXPECT_EQ(west_->value("SELECT COUNT(*) FROM tidb_cdc.ddl_ts_v1"), "1");
}

TEST_F(RedoFeedTest, T17_APausedFeedKeepsItsFiles) {
  feed_->start();
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(feed_->drained());
  feed_->stop();
  EXPECT_EQ(read_metas(directory_).files.size(), 1U);
  EXPECT_EQ(logs("row"), 1U);
}

TEST_F(RedoFeedTest, T17_DeletingARunningFeedRemovesThem) {
  feed_->start();
  east_->commit({"INSERT INTO app.t VALUES (1,'x')"});
  ASSERT_TRUE(feed_->drained());
  feed_->worker().forget();
  feed_->stop();
  EXPECT_TRUE(read_metas(directory_).files.empty());
  EXPECT_EQ(logs("row"), 0U);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "delete_e-w"));
}

TEST_F(RedoFeedTest, ATruncatedLogEndsApplyWithAnError) {
  feed_->start();
  hold_rows_back();
  const std::uint64_t last = east_->commit({"INSERT INTO app.t VALUES (1,'a')"});
  ASSERT_TRUE(eventually([&] { return meta().resolved >= last; }));
  feed_->stop();
  EXPECT_NE(truncate_last_redo_file(directory_), "");
  std::string err;
  EXPECT_EQ(apply(nullptr, &err), 1);
  EXPECT_THAT(err, HasSubstr("unexpected EOF"));
  EXPECT_EQ(rows_in_west(), "");
}

TEST_F(RedoFeedTest, AFullDiskEndsTheRun) {
  feed_->start();
  ASSERT_TRUE(feed_->drained());
  feed_->faults().set_redo_disk_full(true);
  east_->commit({"INSERT INTO app.t VALUES (1,'a')"});
  ASSERT_TRUE(eventually([&] { return feed_->progress().ended_by.has_value(); }));
  EXPECT_EQ(feed_->progress().ended_kind, FeedFailure::Kind::retryable);
  EXPECT_EQ(rows_in_west(), "");
  feed_->stop();
  feed_->faults().set_redo_disk_full(false);
  feed_->start();
  ASSERT_TRUE(feed_->drained());
  EXPECT_EQ(rows_in_west(), "1:a");
}

}  // namespace
}  // namespace bdrmesh::lab
