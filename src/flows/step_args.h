// Arguments of steps as they are stored in plans, and the commonest shapes of a step: about a
// cluster, about a link, about neither.
#pragma once

#include <string>
#include <vector>

#include "engine/step.h"
#include "flows/ports.h"

namespace bdrmesh::flows {

/// A step of `type` on the lane of `cluster`.
PlannedStep on_cluster(const std::string& type, const ClusterName& cluster,
                       Json args = Json::object());
/// A step of `type` about `link`, on the lane of its origin, whose TiCDC is asked; one that changes
/// the feed on the slow lane.
PlannedStep on_link(const std::string& type, const Link& link, Json args = Json::object());

/// Stage `close gates`: every cluster's gate, guarding a resume, undone on the lane kept for
/// opening.
void close_gates(PlanBuilder& plan, const std::vector<ClusterName>& clusters);
/// Stage `open gates`, on that lane, and what must follow it.
/// @param kill  sessions left inside a transaction are ended
void open_gates(PlanBuilder& plan, const std::vector<ClusterName>& clusters, bool kill = false);
/// Stage `transactions left open`: once gates are open, who is still inside one of the pause.
void name_left_transactions_of(PlanBuilder& plan, const std::vector<ClusterName>& clusters,
                               bool kill);

/// A step about no single cluster or link; called as its type.
class PlainStep : public Step {
 public:
  PlainStep(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override { return type_; }

 protected:
  FlowPorts ports_;
  Json args_;

 private:
  std::string type_;
};

class ClusterStep : public Step {
 public:
  ClusterStep(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override { return type_ + ":" + cluster_.value(); }

 protected:
  TidbCluster& tidb() const { return ports_.world.tidb(cluster_); }
  const ClusterName& cluster() const { return cluster_; }
  const std::string& scope() const { return cluster_.value(); }

  FlowPorts ports_;
  Json args_;

 private:
  std::string type_;
  ClusterName cluster_;
};

class LinkStep : public Step {
 public:
  LinkStep(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override { return type_ + ":" + to_string(link_); }

 protected:
  const Link& link() const { return link_; }
  std::string scope() const { return to_string(link_); }
  const ChangefeedId& changefeed() const { return changefeed_; }
  /// The feed as its TiCDC's list tells it now; std::nullopt when it is not on the list.
  std::optional<FeedSummary> look_at_feed(const Call& call) const;
  /// Whether this step's looks have missed the feed for 3 s: for less, its TiCDC may have changed
  /// its owner (measured §2 A12). Remembers `seen`.
  bool missing_for_long(const std::optional<FeedSummary>& seen);

  FlowPorts ports_;
  Json args_;

 private:
  std::string type_;
  Link link_;
  ChangefeedId changefeed_;
  std::optional<MonoTime> missing_since_;
};

/// Facts with a TSO keep it as text: it does not fit a double.
Json tso_fact(const char* key, Tso tso);
Tso tso_of(const Json& fact, const char* key);
/// @throws Error bug `FACT_MISSING` when an earlier stage did not leave it.
Json require_fact(const StepContext& ctx, const std::string& name, const std::string& scope);

std::vector<TableName> tables_from(const Json& list);
Json to_json(const std::vector<TableName>& tables);

}  // namespace bdrmesh::flows
