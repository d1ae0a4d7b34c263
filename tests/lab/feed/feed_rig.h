// Clusters and feeds for tests of the data path alone: a MariaDB each, the state that front ends
// would keep, and feed workers that a test starts and restarts itself. Tests play the front end:
// they stamp their transactions and DDL as it does.
#pragma once

#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "lab/changes/position_sampler.h"
#include "lab/core/cluster_state.h"
#include "lab/engine/mariadb.h"
#include "lab/engine/template_data.h"
#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {

/// Polls until `holds` does. @return false when it did not within `patience`.
inline bool eventually(const std::function<bool()>& holds, Millis patience = Millis{60000}) {
  const SystemClock clock;
  const MonoTime until = clock.mono() + patience;
  while (!holds()) {
    if (clock.mono() >= until) return false;
    clock.wait_for(Millis{5}, {});
  }
  return true;
}

class RigCluster {
 public:
  RigCluster(const std::string& name, unsigned number,
             const Profile& profile = find_profile(kDefaultProfile));
  ~RigCluster();

  using Rows = std::vector<SqlSession::ResultRow>;
  Rows sql(const std::string& statement);
  /// Text of the first column of the first row, "" when there is none.
  std::string value(const std::string& query);
  /// A transaction as the front end makes it. @return its commit_ts.
  std::uint64_t commit(const std::vector<std::string>& statements, std::uint64_t write_source = 0);
  /// A DDL job as the front end makes it. @return it.
  DdlJob ddl(const std::string& statement, const std::string& type, const std::string& db,
             const std::string& table, const std::string& role = "");
  /// Runs a statement that is no job and stands in no binlog.
  void silently(const std::string& statement);
  /// The sink URI by which others write into this cluster.
  SinkUri sink(const std::string& parameters = "") const;
  std::unique_ptr<SqlSession> connect();

  ClusterState& state() { return state_; }
  PositionSampler& sampler() { return sampler_; }
  MariaDb& engine() { return engine_; }

 private:
  SqlSession& session();

  SystemClock clock_;
  std::filesystem::path directory_;
  MariaDb engine_;
  ClusterState state_;
  PositionSampler sampler_;
  std::unique_ptr<SqlSession> session_;
};

/// Times that tests can wait for.
FeedTimes quick_times();

/// A feed from one cluster into another.
class RigFeed {
 public:
  RigFeed(RigCluster& from, RigCluster& to, const std::string& replica_config = "{}",
          const std::string& sink_parameters = "");

  FeedPlan& plan() { return plan_; }
  FeedTimes& times() { return times_; }
  FeedFaults& faults() { return *faults_; }
  /// Starts a worker at the checkpoint, or at the plan's from_ts.
  void start();
  /// Ends the worker as a pause does, and waits until it is gone.
  void stop();
  /// As kill -9: the last `lost` of the checkpoint was not saved.
  void crash(Millis lost);
  FeedWorker& worker() { return *worker_; }
  FeedWorker::Progress progress() const { return worker_->progress(); }
  /// Waits until the checkpoint is beyond a fresh timestamp.
  bool drained(Millis patience = Millis{60000});

 private:
  RigCluster& from_;
  FeedPlan plan_;
  FeedTimes times_ = quick_times();
  std::shared_ptr<FeedFaults> faults_ = std::make_shared<FeedFaults>();
  std::unique_ptr<FeedWorker> worker_;
};

/// Two clusters with a table `app.t (id, v)` in each.
class FeedRigTest : public ::testing::Test {
 protected:
  void SetUp() override;
  virtual const Profile& profile() const { return find_profile(kDefaultProfile); }
  /// Runs a statement in both without anybody noticing.
  void in_both(const std::string& statement);
  std::string rows_in_west(const std::string& table = "app.t");

  std::unique_ptr<RigCluster> east_;
  std::unique_ptr<RigCluster> west_;
};

}  // namespace bdrmesh::lab
