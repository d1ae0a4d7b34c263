// Feeds between whole clusters, through their tidb-servers: what depends on TiDB itself (checklist
// lines T19, T23).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random_id.h"
#include "lab/cluster/lab_cluster.h"
#include "lab/feed/feed_rig.h"

namespace bdrmesh::lab {
namespace {

using ::testing::HasSubstr;

constexpr Millis kPatience{60000};

class FrontEndFeedTest : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    if (!mariadb_is_installed()) return;
    home_ = std::filesystem::temp_directory_path() / ("bdr-feed-front-" + random_id(8));
    std::filesystem::create_directories(home_);
    ensure_template(home_ / "template");
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    if (!home_.empty()) std::filesystem::remove_all(home_, ignored);
  }

  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
    const Profile& profile = find_profile(GetParam());
    for (unsigned number : {1U, 2U}) {
      auto cluster = std::make_unique<LabCluster>(clock_, "c" + std::to_string(number),
                                                  home_ / random_id(6), number, profile);
      cluster->start(home_ / "template");
      cluster->add_user({"root",
                         Secret("r"),
                         {"ALL PRIVILEGES ON *.* WITH GRANT OPTION",
                          "SYSTEM_VARIABLES_ADMIN ON *.* WITH GRANT OPTION"}});
      cluster->add_user({"sink",
                         Secret("s"),
                         {"SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON app.*"}});
      cluster->state().variables.set_everywhere("tidb_source_id", std::to_string(number));
      clusters_.push_back(std::move(cluster));
      sql(number - 1, "CREATE DATABASE app");
      sql(number - 1, "CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
    }
    sampler_ = std::make_unique<PositionSampler>(clusters_[0]->state(), Millis{50});
    sampler_->start();
    times_ = quick_times();
    plan_.id = "e-w";
    plan_.filter = std::make_shared<TableFilter>(std::vector<std::string>{"app.*"}, false);
    plan_.from_ts = clusters_[0]->state().oracle.next();
    use_sink("root:r");
  }
  void TearDown() override {
    worker_.reset();
    sampler_.reset();
    sessions_.clear();
    clusters_.clear();
  }

  std::uint16_t port(std::size_t cluster) {
    const std::string address = clusters_[cluster]->sql_address(0);
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
  }
  std::vector<SqlSession::ResultRow> sql(std::size_t cluster, const std::string& statement) {
    sessions_.resize(2);
    if (!sessions_[cluster]) {
      sessions_[cluster] = std::make_unique<SqlSession>(
          SqlLogin{"", "127.0.0.1", port(cluster), "root", Secret("r")}, kPatience);
    }
    return sessions_[cluster]->query(statement, kPatience);
  }
  std::string value(std::size_t cluster, const std::string& query) {
    const auto rows = sql(cluster, query);
    return rows.empty() ? "" : rows[0][0].value_or("NULL");
  }
  void use_sink(const std::string& login) {
    plan_.sink = parse_sink_uri("mysql://" + login + "@127.0.0.1:" + std::to_string(port(1)) + "/");
  }
  void start() {
    plan_.replace_up_to = clusters_[0]->state().oracle.next();
    worker_ =
        std::make_unique<FeedWorker>(clusters_[0]->state(), *sampler_, times_, faults_, plan_);
  }
  bool drained() {
    const std::uint64_t fence = clusters_[0]->state().oracle.next();
    return eventually([&] { return worker_->progress().checkpoint > fence; });
  }
  bool is_classic() const { return find_profile(GetParam()).is_classic(); }

  SystemClock clock_;
  static inline std::filesystem::path home_;
  std::vector<std::unique_ptr<LabCluster>> clusters_;
  std::vector<std::unique_ptr<SqlSession>> sessions_;
  std::unique_ptr<PositionSampler> sampler_;
  FeedTimes times_;
  FeedPlan plan_;
  std::shared_ptr<FeedFaults> faults_ = std::make_shared<FeedFaults>();
  std::unique_ptr<FeedWorker> worker_;
};

TEST_P(FrontEndFeedTest, CarriesRowsAndDdl) {
  start();
  sql(0, "INSERT INTO app.t VALUES (1,'a'),(2,'ü')");
  sql(0, "ALTER TABLE app.t ADD COLUMN w INT DEFAULT 3");
  sql(0, "UPDATE app.t SET v=CONCAT(v,'!') WHERE id<3");
  sql(0, "DELETE FROM app.t WHERE id=1");
  ASSERT_TRUE(drained());
  EXPECT_EQ(value(1, "SELECT CONCAT(id,v,w) FROM app.t"), "2ü!3");
}

TEST_P(FrontEndFeedTest, T19_ClassicTagsWithItsSourceIdAndStumblesAboveEight) {
  clusters_[0]->state().variables.set_everywhere("tidb_source_id", "9");
  start();
  sql(0, "ALTER TABLE app.t ADD COLUMN w INT");
  ASSERT_TRUE(drained()) << "DDL works";
  sql(0, "INSERT INTO app.t VALUES (1,'a',1)");
  if (!is_classic()) {
    ASSERT_TRUE(drained()) << "always tagged with 1";
    return;
  }
  ASSERT_TRUE(eventually([&] { return worker_->progress().ended_by.has_value(); }));
  EXPECT_THAT(worker_->progress().ended_by->message,
              HasSubstr("Error 1105 (HY000): value 9 is out of TiCDC write source range, should be "
                        "in [1, 15]"));
}

TEST_P(FrontEndFeedTest, T23_SyncpointsAreAlignedAndSetTheExternalTimestamp) {
  plan_.sync_points = {true, Millis{1000}, Millis{3600000}};
  start();
  for (int id = 1; id <= 15; ++id) {
    sql(0, "INSERT INTO app.t VALUES (" + std::to_string(id) + ",'a')");
    clock_.wait_for(Millis{150}, {});
  }
  ASSERT_TRUE(eventually([&] {
    return value(1,
                 "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema='tidb_cdc' "
                 "AND table_name='syncpoint_v1'") == "1" &&
           std::stoi(value(1, "SELECT COUNT(*) FROM tidb_cdc.syncpoint_v1")) >= 2;
  })) << (worker_->progress().ended_by ? worker_->progress().ended_by->message : "");
  const auto rows = sql(1,
                        "SELECT ticdc_cluster_id, changefeed, primary_ts, secondary_ts FROM "
                        "tidb_cdc.syncpoint_v1 ORDER BY primary_ts");
  for (const auto& row : rows) {
    EXPECT_EQ(row[0], "default");
    EXPECT_EQ(row[1], is_classic() ? "e-w" : "default/e-w");
    const std::uint64_t primary = std::stoull(*row[2]);
    EXPECT_EQ(primary & 0x3ffff, 0U);
    if (find_profile(GetParam()).ticdc >= Version{8, 2, 0}) {
      EXPECT_EQ((primary >> 18) % 1000, 0U);
    }
  }
  EXPECT_TRUE(eventually([&] {
    return value(1, "SELECT MAX(secondary_ts) FROM tidb_cdc.syncpoint_v1") ==
           value(1, "SELECT @@global.tidb_external_ts");
  }));
}

TEST_P(FrontEndFeedTest, T23_WithoutRightsTheFeedStandsAtThePoint) {
  plan_.sync_points = {true, Millis{1000}, Millis{3600000}};
  use_sink("sink:s");
  start();
  ASSERT_TRUE(eventually([&] { return worker_->progress().ended_by.has_value(); }));
  EXPECT_EQ(worker_->progress().ended_by->code,
            is_classic() ? "CDC:ErrMySQLTxnError" : "CDC:ErrChangefeedRetryable");
  EXPECT_THAT(worker_->progress().ended_by->message,
              HasSubstr("[CDC:ErrMySQLTxnError]MySQL txn error: failed to create syncpoint table;: "
                        "Error 1044 (42000): Access denied for user 'sink'@'%' to database "
                        "'tidb_cdc'"));
  EXPECT_EQ(worker_->progress().checkpoint & 0x3ffff, 0U);
}

TEST_P(FrontEndFeedTest, AReadOnlyTargetLooksHealthyUntilThePatienceIsOver) {
  start();
  clusters_[1]->state().variables.set_everywhere("tidb_super_read_only", "ON");
  sql(0, "INSERT INTO app.t VALUES (1,'a')");
  EXPECT_FALSE(worker_->progress().ended_by);
  ASSERT_TRUE(eventually([&] { return worker_->progress().ended_by.has_value(); }));
  EXPECT_THAT(worker_->progress().ended_by->message, HasSubstr("Error 1836 (HY000)"));
}

INSTANTIATE_TEST_SUITE_P(Profiles, FrontEndFeedTest,
                         ::testing::Values("classic-7.5", "classic-8.5", "new-8.5"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) {
                             if (c == '-' || c == '.') c = '_';
                           }
                           return name;
                         });

TEST(SyncPoints, AreAtFullIntervalsSinceEightTwo) {
  const std::uint64_t begin = std::uint64_t{1234567} << 18;
  EXPECT_EQ(next_sync_point(begin + 5, begin, Millis{30000}, {8, 5, 0}) >> 18, 1260000U);
  EXPECT_EQ(next_sync_point(std::uint64_t{1260000} << 18, begin, Millis{30000}, {8, 5, 0}) >> 18,
            1290000U);
  EXPECT_EQ(next_sync_point(begin, begin, Millis{30000}, {7, 5, 0}) >> 18, 1264567U);
}

}  // namespace
}  // namespace bdrmesh::lab
