// One running lab: its clusters with their parts, and the handles by which parts are looked at and
// broken. start and stop belong to one owner; the rest is for the control thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/app/lab_plan.h"
#include "lab/core/cluster_state.h"

namespace bdrmesh::lab {
class FeedFaults;
}

namespace bdrmesh::lab::app {

/// A part of a cluster that can be killed and suspended.
struct Part {
  enum class Kind { tidb_server, ticdc, mariadb } kind = Kind::tidb_server;
  std::size_t server = 0;  ///< index of a tidb-server
};

class Lab {
 public:
  Lab(const Clock& clock, LabOptions options, std::string id);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  /// Starts and fills all clusters at once. Blocks about two seconds.
  /// @throws Error precondition, naming the cluster and what did not start.
  void start();
  /// Ends every part; nothing of ours runs or listens afterwards.
  void stop();

  const LabView& view() const { return view_; }
  Json status() const;

  /// These throw Error invalid `UNKNOWN_CLUSTER` for a name that is none of ours.
  ClusterState& state(const std::string& cluster);
  void kill(const std::string& cluster, Part part);
  void suspend(const std::string& cluster, Part part);
  void resume(const std::string& cluster, Part part);
  /// Starts a killed part again on its old address and data.
  void restart(const std::string& cluster, Part part);
  /// As user dba through the first tidb-server. @throws Error transient `LAB_SQL_FAILED`
  void run_sql(const std::string& cluster, const std::string& statement);
  /// The next request to TiCDC whose method and path contain `match` takes effect unheard.
  void lose_ticdc_answer(const std::string& cluster, const std::string& match);
  /// Faults of the feed of the link, and its id.
  /// @throws Error invalid `LAB_NO_SUCH_FEED` when no changefeed of `from` writes to `to`.
  std::shared_ptr<FeedFaults> feed(const std::string& from, const std::string& to, std::string& id);

 private:
  struct Node;
  Node& node(const std::string& cluster) const;
  static Json status_of(Node& node, const ClusterView& view);
  void start_node(Node& node, ClusterView& view, const std::filesystem::path& template_data);
  void provision(Node& node, const ClusterView& view);

  const Clock& clock_;
  LabOptions options_;
  LabView view_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace bdrmesh::lab::app
