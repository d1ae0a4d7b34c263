#include "flows/verify/rows_plan.h"

#include <algorithm>

#include "base/error.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

void require_links(const GroupSnapshot& snapshot) {
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token_ours && seen.marker_schema) continue;
    throw Error(ErrorKind::precondition, "NOT_MANAGED",
                "cluster " + seen.name.value() + " is not managed by this manager yet",
                "bdrmesh group apply " + snapshot.group.name.value());
  }
  for (const LinkSnapshot& link : snapshot.links) {
    if (link.feed) continue;
    throw Error(ErrorKind::precondition, "LINK_MISSING",
                "link " + to_string(link.link) + " has no changefeed",
                "bdrmesh group plan " + snapshot.group.name.value());
  }
}

Json members_of(const GroupSnapshot& snapshot) {
  Json members = Json::array();
  for (const ClusterName& name : snapshot.names()) members.push_back(name.value());
  return members;
}

class RowsPlan {
 public:
  RowsPlan(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
           const VerifyRowsOptions& options)
      : snapshot_(snapshot),
        tables_(tables),
        options_(options),
        group_(snapshot.group.name.value()),
        plan_("verify.rows", "verify the rows of group " + group_ + ", " + mode()) {}

  Plan build() {
    describe();
    if (cut()) {
      hold_history();
      take_cut();
    }
    compare();
    if (cut()) each("give history back", "release_history");
    report();
    return plan_.build();
  }

 private:
  bool cut() const { return options_.mode == RowsMode::snapshot; }
  std::string mode() const { return cut() ? "snapshot" : "live"; }

  void each(const std::string& stage, const std::string& type, const Json& args = Json::object()) {
    plan_.stage(stage);
    for (const ClusterName& name : snapshot_.names()) plan_.step(on_cluster(type, name, args));
  }

  void each_link(const std::string& stage, const std::string& type, Json args = Json::object()) {
    plan_.stage(stage);
    args["group"] = group_;
    for (const LinkSnapshot& link : snapshot_.links) {
      args["changefeed"] = link.changefeed.value();
      plan_.step(on_link(type, link.link, args));
    }
  }

  void describe() {
    plan_.subject({{"group", group_},
                   {"level", "rows"},
                   {"mode", mode()},
                   {"tables", to_json(tables_)},
                   {"reason", "row verification: a cut of all members is taken"}});
    // A live comparison changes nothing; only a second one of the same group would double the load.
    plan_.lock("verify:" + group_);
    if (!cut()) return;
    plan_.lock("group:" + group_);
    for (const ClusterName& name : snapshot_.names()) plan_.lock("cluster:" + name.value());
  }

  void hold_history() {
    each("claim", "claim_token");
    // Before the cut is taken: a life time that is raised later does not bring history back.
    each("hold history", "hold_history", {{"life_ms", options_.hold_history.count()}});
  }

  void take_cut() {
    each_link("links near", "require_healthy_link", {{"max_lag_ms", 3000}});
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, snapshot_.names());
    each("drain transactions", "drain_transactions", {{"kill", options_.kill}});
    // A restart while rows are compared, with open gates, must not take these anew.
    const Json lasting{{"durable", true}};
    each("fence", "take_fence", lasting);
    each("mark", "write_marker", lasting);
    each_link("drain links", "drain_link", lasting);
    each("cut", "take_fence", {{"fact", "snapshot"}, {"durable", true}});
    each("gates still closed", "require_gate_closed");
    open_gates(plan_, snapshot_.names());
  }

  Json table_args(const TableName& table) const {
    return {{"schema", table.schema},           {"table", table.table},
            {"members", members_of(snapshot_)}, {"mode", mode()},
            {"readers", options_.readers},      {"rows_per_second", options_.rows_per_second}};
  }

  Json links() const {
    Json links = Json::array();
    for (const LinkSnapshot& link : snapshot_.links)
      links.push_back({{"from", link.link.from.value()},
                       {"to", link.link.to.value()},
                       {"changefeed", link.changefeed.value()}});
    return links;
  }

  /// Tables in waves: reading all at once would only divide what the servers can do.
  void compare() {
    const std::size_t wave = std::max<std::size_t>(options_.tables_at_once, 1);
    for (std::size_t from = 0; from < tables_.size(); from += wave) {
      const std::string number =
          tables_.size() > wave ? " " + std::to_string(from / wave + 1) : std::string();
      const std::size_t end = std::min(tables_.size(), from + wave);
      plan_.stage("compare" + number);
      for (std::size_t i = from; i < end; ++i)
        plan_.step(slow("compare_rows", table_args(tables_[i])));
      plan_.stage("find rows" + number);
      for (std::size_t i = from; i < end; ++i) {
        Json args = table_args(tables_[i]);
        args["links"] = links();
        args["patience_ms"] = options_.patience.count();
        plan_.step(slow("settle_rows", args));
      }
    }
  }

  static PlannedStep slow(const std::string& type, Json args) {
    PlannedStep step;
    step.type = type;
    step.args = std::move(args);
    step.lane = LaneKind::slow;
    return step;
  }

  void report() {
    PlannedStep step;
    step.type = "report_rows";
    step.args = {{"group", group_},
                 {"mode", mode()},
                 {"members", members_of(snapshot_)},
                 {"tables", to_json(tables_)}};
    plan_.stage("report").step(step);
  }

  const GroupSnapshot& snapshot_;
  const std::vector<TableName>& tables_;
  const VerifyRowsOptions& options_;
  std::string group_;
  PlanBuilder plan_;
};

}  // namespace

Plan plan_verify_rows(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                      const VerifyRowsOptions& options) {
  if (tables.empty()) {
    throw Error(ErrorKind::invalid, "NO_TABLES",
                "no table of group " + snapshot.group.name.value() + " fits",
                "bdrmesh group status " + snapshot.group.name.value() + " shows its rules");
  }
  require_links(snapshot);
  return RowsPlan(snapshot, tables, options).build();
}

Plan plan_verify_schema(const GroupSnapshot& snapshot, const std::vector<TableName>& tables) {
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("verify.schema", "verify the definitions of group " + group);
  plan.subject({{"group", group}, {"level", "schema"}, {"tables", to_json(tables)}});
  PlannedStep step;
  step.type = "compare_definitions";
  step.args = {{"group", group}, {"members", members_of(snapshot)}, {"tables", to_json(tables)}};
  step.args["reference"] = snapshot.group.ddl_primary ? Json(snapshot.group.ddl_primary->value())
                                                      : Json(snapshot.names().front().value());
  step.lane = LaneKind::slow;
  plan.stage("compare definitions").step(step);
  return plan.build();
}

}  // namespace bdrmesh::flows
