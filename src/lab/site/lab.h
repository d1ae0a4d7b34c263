// One running lab: its clusters with their parts, and the handles by which parts are looked at and
// broken. start and stop belong to one owner; the rest is for the control thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/core/cluster_state.h"
#include "lab/core/turnable_clock.h"
#include "lab/site/lab_plan.h"

namespace bdrmesh::lab {
class FeedFaults;
}

namespace bdrmesh::lab::site {

/// A part of a cluster that can be killed and suspended.
struct Part {
  enum class Kind { tidb_server, ticdc, mariadb, pd, region } kind = Kind::tidb_server;
  std::optional<std::size_t> index;  ///< of a tidb-server or TiCDC node; none: all of them
};

class Lab {
 public:
  Lab(TurnableClock& clock, LabOptions options, std::string id);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  /// Starts and fills all clusters at once. Blocks about two seconds.
  /// @throws Error precondition, naming the cluster and what did not start.
  void start();
  /// Ends every part; nothing of ours runs or listens afterwards.
  void stop();

  const LabView& view() const { return view_; }
  /// Where the lab's own HTTP API is, for lab.json.
  void announce_control(const std::string& url) { view_.control = url; }
  TurnableClock& clock() { return clock_; }
  Json status() const;

  /// These throw Error invalid `UNKNOWN_CLUSTER` for a name that is none of ours.
  struct Node;
  Node& node(const std::string& cluster) const;
  ClusterState& state(const std::string& cluster);
  void kill(const std::string& cluster, Part part);
  void suspend(const std::string& cluster, Part part);
  void resume(const std::string& cluster, Part part);
  /// Starts a killed part again on its old address and data.
  void restart(const std::string& cluster, Part part);
  /// As user dba through the first tidb-server that is up.
  /// @throws Error transient `LAB_SQL_FAILED`
  void run_sql(const std::string& cluster, const std::string& statement);
  /// Faults of the feed of the link, and its id.
  /// @throws Error invalid `LAB_NO_SUCH_FEED` when no changefeed of `from` writes to `to`.
  std::shared_ptr<FeedFaults> feed(const std::string& from, const std::string& to, std::string& id);

 private:
  static Json status_of(Node& node, const ClusterView& view);
  void start_node(Node& node, ClusterView& view, const std::filesystem::path& template_data);
  void provision(Node& node, const ClusterView& view);

  TurnableClock& clock_;
  LabOptions options_;
  LabView view_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace bdrmesh::lab::site
