#include "flows/verify/rows_plan.h"

#include <algorithm>

#include "base/error.h"
#include "flows/require.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

Json members_of(const GroupSnapshot& snapshot) {
  Json members = Json::array();
  for (const ClusterName& name : snapshot.names()) members.push_back(name.value());
  return members;
}

std::string word_for(RowsMode mode) {
  if (mode == RowsMode::live) return "live";
  return mode == RowsMode::snapshot ? "snapshot" : "syncpoint";
}

PlannedStep slow(const std::string& type, Json args) {
  PlannedStep step;
  step.type = type;
  step.args = std::move(args);
  step.lane = LaneKind::slow;
  return step;
}

Json table_args(const GroupSnapshot& snapshot, const TableName& table,
                const VerifyRowsOptions& options) {
  Json args{{"schema", table.schema},          {"table", table.table},
            {"members", members_of(snapshot)}, {"mode", word_for(options.mode)},
            {"readers", options.readers},      {"rows_per_second", options.rows_per_second}};
  if (options.max_load < 100) args["max_load"] = options.max_load;
  if (!options.run.empty()) args["run"] = options.run;
  return args;
}

PlannedStep skippable(PlannedStep step, const VerifyRowsOptions& options) {
  step.skip_means = options.skip_means;
  return step;
}

Json links_of(const GroupSnapshot& snapshot) {
  Json links = Json::array();
  for (const LinkSnapshot& link : snapshot.links)
    links.push_back({{"from", link.link.from.value()},
                     {"to", link.link.to.value()},
                     {"changefeed", link.changefeed.value()}});
  return links;
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
    if (in_the_past()) hold_history();
    if (options_.mode == RowsMode::snapshot) take_cut();
    if (options_.mode == RowsMode::syncpoint) take_syncpoint();
    compare_rows_stages(plan_, snapshot_, tables_, options_);
    if (in_the_past()) each("give history back", "release_history");
    report_rows_stage(plan_, snapshot_, tables_, options_);
    return plan_.build();
  }

 private:
  bool in_the_past() const { return options_.mode != RowsMode::live; }
  std::string mode() const { return word_for(options_.mode); }

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
    if (!in_the_past()) return;
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
    open_gates(plan_, snapshot_.names(), options_.kill);
  }

  /// The next one comes after an interval; the second is for what may delay it.
  void take_syncpoint() {
    const Millis interval = snapshot_.group.syncpoint_interval.value_or(Millis{600000});
    each_link("link near", "require_healthy_link", {{"max_lag_ms", 10000}});
    each_link("syncpoint", "take_syncpoint",
              {{"patience_ms", (2 * interval + options_.patience).count()}});
  }

  const GroupSnapshot& snapshot_;
  const std::vector<TableName>& tables_;
  const VerifyRowsOptions& options_;
  std::string group_;
  PlanBuilder plan_;
};

/// What a mode needs of the kind of group.
void require_mode(const GroupSnapshot& snapshot, RowsMode mode) {
  const std::string& group = snapshot.group.name.value();
  const bool mesh = snapshot.group.kind == GroupKind::multi_active;
  const std::string again = "bdrmesh verify run --group " + group + " --level rows --mode ";
  if (mode == RowsMode::syncpoint && mesh) {
    throw Error(ErrorKind::precondition, "SYNCPOINT_OF_A_MESH",
                "group " + group +
                    " is multi-active: at a syncpoint a member also has what it wrote itself and "
                    "what others sent, so it is not equal to the origin",
                again + "snapshot, or live");
  }
  if (mode == RowsMode::snapshot && !mesh) {
    throw Error(ErrorKind::precondition, "SNAPSHOT_OF_A_PAIR",
                "group " + group +
                    " is a pair: its secondary's gate stands closed, and no pause of the primary "
                    "is needed for a cut, as TiCDC leaves pairs of positions",
                again + "syncpoint, or live");
  }
  if (mode == RowsMode::syncpoint && !snapshot.group.syncpoint_interval) {
    throw Error(ErrorKind::precondition, "NO_SYNCPOINTS",
                "the changefeed of group " + group + " writes no syncpoints",
                "give the group syncpoint = { interval = \"10m\" }, then bdrmesh group apply " +
                    group + "; or " + again + "live");
  }
}

}  // namespace

/// Tables in waves: reading all at once would only divide what the servers can do.
void compare_rows_stages(PlanBuilder& plan, const GroupSnapshot& snapshot,
                         const std::vector<TableName>& tables, const VerifyRowsOptions& options) {
  const std::string suffix = options.run.empty() ? "" : ", " + options.run;
  const std::size_t wave = std::max<std::size_t>(options.tables_at_once, 1);
  for (std::size_t from = 0; from < tables.size(); from += wave) {
    const std::string number =
        tables.size() > wave ? " " + std::to_string(from / wave + 1) : std::string();
    const std::size_t end = std::min(tables.size(), from + wave);
    plan.stage("compare" + number + suffix);
    for (std::size_t i = from; i < end; ++i)
      plan.step(skippable(slow("compare_rows", table_args(snapshot, tables[i], options)), options));
    plan.stage("find rows" + number + suffix);
    for (std::size_t i = from; i < end; ++i) {
      Json args = table_args(snapshot, tables[i], options);
      args["links"] = links_of(snapshot);
      args["patience_ms"] = options.patience.count();
      plan.step(skippable(slow("settle_rows", args), options));
    }
  }
}

void report_rows_stage(PlanBuilder& plan, const GroupSnapshot& snapshot,
                       const std::vector<TableName>& tables, const VerifyRowsOptions& options) {
  PlannedStep step;
  step.type = "report_rows";
  step.args = {{"group", snapshot.group.name.value()},
               {"mode", word_for(options.mode)},
               {"members", members_of(snapshot)},
               {"tables", to_json(tables)}};
  if (!options.run.empty()) step.args["run"] = options.run;
  if (options.whole_group) step.args["whole_group"] = true;
  plan.stage(options.run.empty() ? "report" : "report, " + options.run).step(step);
}

Plan plan_verify_rows(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                      const VerifyRowsOptions& options) {
  if (tables.empty()) {
    throw Error(ErrorKind::invalid, "NO_TABLES",
                "no table of group " + snapshot.group.name.value() + " fits",
                "bdrmesh group status " + snapshot.group.name.value() + " shows its rules");
  }
  require_mode(snapshot, options.mode);
  require_managed(snapshot);
  require_feeds(snapshot, snapshot.links);
  return RowsPlan(snapshot, tables, options).build();
}

Plan plan_verify_schema(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                        const std::vector<TableName>& objects) {
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("verify.schema", "verify the definitions of group " + group);
  plan.subject({{"group", group}, {"level", "schema"}, {"tables", to_json(tables)}});
  PlannedStep step;
  step.type = "compare_definitions";
  step.args = {{"group", group},
               {"members", members_of(snapshot)},
               {"tables", to_json(tables)},
               {"objects", to_json(objects)},
               {"all_write", snapshot.group.kind == GroupKind::multi_active}};
  step.args["reference"] = snapshot.group.ddl_primary ? Json(snapshot.group.ddl_primary->value())
                                                      : Json(snapshot.names().front().value());
  step.lane = LaneKind::slow;
  plan.stage("compare definitions").step(step);
  return plan.build();
}

}  // namespace bdrmesh::flows
