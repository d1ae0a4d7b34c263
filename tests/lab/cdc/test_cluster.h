// A lab cluster for tests of its TiCDC: a MariaDB, the state that the front ends would keep, and
// its nodes, on a clock of its own that can be turned. Tests play the front end themselves: they
// stamp their transactions and DDL as it does.
#pragma once

#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/core/cluster_state.h"
#include "lab/core/turnable_clock.h"
#include "lab/engine/mariadb.h"
#include "lab/ticdc/ticdc_cluster.h"

namespace bdrmesh::lab {

struct HttpAnswer {
  int status = 0;  ///< 0: the connection was closed without an answer
  std::string content_type;
  std::string body;
  Json json() const { return parse_json(body, "answer"); }
};

/// One request on a connection of its own.
HttpAnswer http_call(const std::string& address, const std::string& method, const std::string& path,
                     const std::string& body = "", Millis patience = Millis{60000});

/// Polls until `holds` does. @return false when it did not within `patience`.
bool eventually(const std::function<bool()>& holds, Millis patience = Millis{60000});

class TestCluster {
 public:
  TestCluster(const std::string& name, unsigned number, TicdcOptions options = quick_options(),
              const Profile& profile = find_profile(kDefaultProfile));
  ~TestCluster();

  /// Times of a real node where they are short, shorter ones where tests would wait.
  static TicdcOptions quick_options();

  using Rows = std::vector<SqlSession::ResultRow>;
  Rows sql(const std::string& statement);
  /// Text of the first column of the first row, "" when there is none.
  std::string value(const std::string& query);
  /// A transaction as the front end makes it. @return its commit_ts.
  std::uint64_t commit(const std::vector<std::string>& statements, std::uint64_t write_source = 0);
  /// A DDL job as the front end makes it. @return it.
  DdlJob ddl(const std::string& statement, const std::string& type, const std::string& db,
             const std::string& table, const std::string& role = "");
  /// Forgets the session of sql(), after the engine was restarted.
  void reconnect() { session_.reset(); }
  /// Runs a statement that is no job and stands in no binlog.
  void silently(const std::string& statement);

  HttpAnswer call(const std::string& method, const std::string& path, const std::string& body = "",
                  std::size_t node = 0);
  /// The sink URI by which others write into this cluster.
  std::string sink_uri() const;
  /// Creates a feed to `target` and waits until it has a status.
  void feed_to(TestCluster& target, const std::string& id, const std::string& replica_config = "{}",
               std::uint64_t start_ts = 0);
  std::uint64_t checkpoint(const std::string& id);
  std::string state_of(const std::string& id);
  /// Waits until the feed's checkpoint is beyond a fresh timestamp.
  bool drained(const std::string& id, Millis patience = Millis{60000});

  ClusterState& state() { return state_; }
  TicdcCluster& node() { return *node_; }
  MariaDb& engine() { return engine_; }
  TurnableClock& clock() { return clock_; }

 private:
  SqlSession& session();

  SystemClock base_;
  TurnableClock clock_{base_};
  std::filesystem::path directory_;
  MariaDb engine_;
  ClusterState state_;
  std::unique_ptr<TicdcCluster> node_;
  std::unique_ptr<SqlSession> session_;
};

/// Skips a test where the SQL engine is not installed.
#define BDR_NEEDS_MARIADB()                                            \
  if (!mariadb_is_installed()) {                                       \
    GTEST_SKIP() << "mariadbd is not installed (mariadb-server-core)"; \
  }

}  // namespace bdrmesh::lab
