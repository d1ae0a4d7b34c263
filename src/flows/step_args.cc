#include "flows/step_args.h"

#include <algorithm>
#include <array>

namespace bdrmesh::flows {
namespace {

/// Their calls to TiCDC take up to 90 s by nature (ticdc-api §9.8): longer than a work lane lets
/// a step wait for an answer.
bool changes_a_feed(const std::string& type) {
  static constexpr std::array kTypes{
      "create_link", "pause_link",   "resume_link",        "resume_once",   "remove_link",
      "stop_link",   "abandon_link", "remove_proven_link", "carry_on_link",
  };
  return std::ranges::find(kTypes, type) != kTypes.end();
}

}  // namespace

PlannedStep on_cluster(const std::string& type, const ClusterName& cluster, Json args) {
  args["cluster"] = cluster.value();
  PlannedStep step;
  step.type = type;
  step.target = cluster.value();
  step.args = std::move(args);
  return step;
}

PlannedStep on_link(const std::string& type, const Link& link, Json args) {
  args["from"] = link.from.value();
  args["to"] = link.to.value();
  PlannedStep step;
  step.type = type;
  step.target = link.from.value();
  step.args = std::move(args);
  if (changes_a_feed(type)) step.lane = LaneKind::slow;
  return step;
}

void close_gates(PlanBuilder& plan, const std::vector<ClusterName>& clusters) {
  plan.stage("close gates");
  for (const ClusterName& name : clusters) {
    PlannedStep close = on_cluster("close_gate", name);
    close.guards_resume = true;
    close.undo_lane = LaneKind::gate;
    plan.step(std::move(close));
  }
}

void open_gates(PlanBuilder& plan, const std::vector<ClusterName>& clusters, bool kill) {
  plan.stage("open gates");
  for (const ClusterName& name : clusters) {
    PlannedStep open = on_cluster("open_gate", name);
    open.lane = LaneKind::gate;
    plan.step(std::move(open));
  }
  name_left_transactions_of(plan, clusters, kill);
}

void name_left_transactions_of(PlanBuilder& plan, const std::vector<ClusterName>& clusters,
                               bool kill) {
  plan.stage("transactions left open");
  for (const ClusterName& name : clusters)
    plan.step(on_cluster("name_left_transactions", name, {{"kill", kill}}));
}

PlainStep::PlainStep(FlowPorts ports, const PlannedStep& planned)
    : ports_(ports), args_(planned.args), type_(planned.type) {}

ClusterStep::ClusterStep(FlowPorts ports, const PlannedStep& planned)
    : ports_(ports),
      args_(planned.args),
      type_(planned.type),
      cluster_(get_required<std::string>(planned.args, "cluster")) {}

LinkStep::LinkStep(FlowPorts ports, const PlannedStep& planned)
    : ports_(ports),
      args_(planned.args),
      type_(planned.type),
      link_{ClusterName(get_required<std::string>(planned.args, "from")),
            ClusterName(get_required<std::string>(planned.args, "to"))},
      changefeed_(get_or<std::string>(planned.args, "changefeed", "")) {}

std::optional<FeedSummary> LinkStep::look_at_feed(const Call& call) const {
  // A checkpoint only grows, so an answer asked for a moment ago proves as much as a new one.
  static constexpr Millis kShared{15};
  return ports_.feeds.look(link_.from, ports_.clock.mono() - kShared, call)->find(changefeed_);
}

bool LinkStep::missing_for_long(const std::optional<FeedSummary>& seen) {
  static constexpr Millis kGone{3000};
  if (seen) {
    missing_since_.reset();
    return false;
  }
  if (!missing_since_) missing_since_ = ports_.clock.mono();
  return ports_.clock.mono() - *missing_since_ >= kGone;
}

Json tso_fact(const char* key, Tso tso) { return {{key, to_string(tso)}}; }

Tso tso_of(const Json& fact, const char* key) {
  return parse_tso(get_required<std::string>(fact, key));
}

Json require_fact(const StepContext& ctx, const std::string& name, const std::string& scope) {
  if (auto fact = ctx.fact(name, scope)) return *fact;
  throw Error(ErrorKind::bug, "FACT_MISSING",
              "no earlier step left the fact '" + name + "' of " + scope);
}

std::vector<TableName> tables_from(const Json& list) {
  std::vector<TableName> tables;
  for (const Json& one : list) {
    tables.push_back(
        {get_required<std::string>(one, "schema"), get_required<std::string>(one, "table")});
  }
  return tables;
}

Json to_json(const std::vector<TableName>& tables) {
  Json list = Json::array();
  for (const TableName& name : tables)
    list.push_back({{"schema", name.schema}, {"table", name.table}});
  return list;
}

}  // namespace bdrmesh::flows
