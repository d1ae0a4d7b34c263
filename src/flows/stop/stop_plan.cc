#include "flows/stop/stop_plan.h"

#include <algorithm>

#include "flows/require.h"
#include "flows/step_args.h"
#include "flows/stop/certificate_step.h"

namespace bdrmesh::flows {
namespace {

Json names_of(const std::vector<ClusterName>& clusters) {
  Json names = Json::array();
  for (const ClusterName& name : clusters) names.push_back(name.value());
  return names;
}

std::string role_of(const ClusterSnapshot& seen) {
  return std::string(to_string(seen.role.value_or(BdrRole::none)));
}

PlannedStep on_manager(const std::string& type, Json args) {
  PlannedStep step;
  step.type = type;
  step.args = std::move(args);
  return step;
}

class StopPlan {
 public:
  StopPlan(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
           const StopOptions& options)
      : snapshot_(snapshot),
        names_(snapshot.names()),
        tables_(tables),
        table_list_(to_json(tables)),
        options_(options),
        group_(snapshot.group.name.value()),
        plan_("group.stop", "stop group " + group_ + " with proof") {}

  Plan build() {
    describe();
    prepare();
    prove_with_gates_open();
    pause_and_prove();
    plan_.point_of_no_return("the first changefeed is confirmed to be stopped");
    stop_feeds();
    open_gates_as_asked();
    prove_at_the_cut();
    take_apart();
    return plan_.build();
  }

 private:
  void each(const std::string& stage, const std::string& type, const Json& args = Json::object()) {
    plan_.stage(stage);
    for (const ClusterName& name : names_) plan_.step(on_cluster(type, name, args));
  }

  void each_link(const std::string& stage, const std::string& type, const Json& args = {},
                 const std::string& skip_means = "") {
    plan_.stage(stage);
    links(type, args, skip_means);
  }

  void links(const std::string& type, const Json& more, const std::string& skip_means = "") {
    for (const LinkSnapshot& link : snapshot_.links) {
      Json args{{"group", group_}, {"changefeed", link.changefeed.value()}};
      if (more.is_object()) args.update(more);
      PlannedStep step = on_link(type, link.link, std::move(args));
      step.skip_means = skip_means;
      plan_.step(std::move(step));
    }
  }

  void describe() {
    plan_.subject({{"group", group_},
                   {"members", names_of(names_)},
                   {"open", names_of(options_.open)},
                   {"keep_feeds_paused", options_.keep_feeds_paused},
                   {"accept_unproven", options_.accept_unproven},
                   {"tables", table_list_},
                   {"reason", "group stop: all links are drained and stopped at one cut"}});
    plan_.lock("group:" + group_);
    plan_.lock("verify:" + group_);
    for (const ClusterName& name : names_) plan_.lock("cluster:" + name.value());
  }

  /// What is read at the cut must still be there then: history is held before anything else.
  void prepare() {
    each("claim", "claim_token");
    each("hold history", "hold_history", {{"life_ms", options_.rows.hold_history.count()}});
    each("quiet DDL queues", "require_quiet_ddl_queue");
    each("note clusters", "note_cluster");
    each_link("healthy links", "require_healthy_link", {{"max_lag_ms", 10000}});
    each_link("whole links", "require_whole_link",
              {{"tables", table_list_}, {"fact", "link_before"}});
  }

  void prove_with_gates_open() {
    each("note DDL jobs", "note_ddl_jobs");
    each("digest definitions", "digest_schema",
         {{"tables", table_list_}, {"fact", "schema_before"}});
    PlannedStep schemas =
        on_manager("require_equal_schemas",
                   {{"group", group_}, {"members", names_of(names_)}, {"tables", table_list_}});
    schemas.lane = LaneKind::slow;
    plan_.stage("equal definitions").step(std::move(schemas));
    VerifyRowsOptions live = options_.rows;
    live.mode = RowsMode::live;
    live.run = "live";
    compare_rows_stages(plan_, snapshot_, tables_, live);
    report_rows_stage(plan_, snapshot_, tables_, live);
    plan_.stage("equal rows")
        .step(on_manager(
            "require_rows_proven",
            {{"group", group_}, {"run", "live"}, {"accept_unproven", options_.accept_unproven}}));
  }

  void pause_and_prove() {
    // The gates close only when the links are near: what they lag now is what the pause waits for.
    each_link("links near", "require_healthy_link", {{"max_lag_ms", 3000}});
    plan_.pause_budget_from_next_stage(options_.max_pause);
    close_gates(plan_, names_);
    each("drain transactions", "drain_transactions",
         {{"kill", options_.kill}, {"grace_ms", options_.grace.count()}});
    each("fence and mark", "take_fence");
    for (const ClusterName& name : names_) plan_.step(on_cluster("write_marker", name));
    each_link("drain links", "drain_link");
    // While the links drain: it asks the databases, and they have nothing else to do.
    for (const ClusterName& name : names_)
      plan_.step(
          on_cluster("digest_schema", name,
                     {{"tables", table_list_}, {"fact", "schema"}, {"same_as", "schema_before"}}));
    look_again();
  }

  void look_again() {
    plan_.stage("look again");
    for (const ClusterSnapshot& seen : snapshot_.clusters) {
      Json outgoing = Json::array();
      for (const LinkSnapshot& link : snapshot_.outgoing(seen.name))
        outgoing.push_back({{"to", link.link.to.value()}, {"changefeed", link.changefeed.value()}});
      plan_.step(
          on_cluster("look_again", seen.name,
                     {{"tables", table_list_}, {"links", outgoing}, {"role", role_of(seen)}}));
    }
    links("require_whole_link", {{"fact", "link"}});
    // In the same stage, so that it costs the pause nothing; if the sweep refuses, all is undone.
    for (const ClusterName& name : names_) plan_.step(on_cluster("announce_line", name));
  }

  void stop_feeds() {
    each_link("stop changefeeds", "stop_link", {},
              "nothing says that this changefeed has stopped: the stop is not proven, the "
              "changefeeds stay as they are and group start lets them go on");
    each("cut", "take_cut");
  }

  bool opens(const ClusterName& name) const {
    return std::ranges::find(options_.open, name) != options_.open.end();
  }

  void open_gates_as_asked() {
    plan_.stage("open gates");
    for (const ClusterName& name : names_) {
      PlannedStep step = opens(name) ? on_cluster("open_gate", name)
                                     : on_cluster("keep_stopped_gate", name, {{"group", group_}});
      step.lane = LaneKind::gate;
      plan_.step(std::move(step));
    }
    std::vector<ClusterName> opened;
    std::ranges::copy_if(names_, std::back_inserter(opened),
                         [&](const ClusterName& name) { return opens(name); });
    if (!opened.empty()) name_left_transactions_of(plan_, opened, options_.kill);
  }

  void prove_at_the_cut() {
    VerifyRowsOptions at_cut = options_.rows;
    at_cut.mode = RowsMode::snapshot;
    at_cut.skip_means =
        "the rows of this table are not compared at the cut: nothing is proven, nothing is "
        "removed, and group start lets the changefeeds go on";
    compare_rows_stages(plan_, snapshot_, tables_, at_cut);
    report_rows_stage(plan_, snapshot_, tables_, at_cut);
    Json links = Json::array();
    for (const LinkSnapshot& link : snapshot_.links) links.push_back(to_string(link.link));
    plan_.stage("conclude")
        .step(on_manager("conclude_stop", {{"group", group_},
                                           {"members", names_of(names_)},
                                           {"links", links},
                                           {"tables", table_list_},
                                           {"accept_unproven", options_.accept_unproven}}));
  }

  void take_apart() {
    if (!options_.keep_feeds_paused) {
      each_link("remove changefeeds", "remove_proven_link");
      plan_.stage("roles: none");
      for (const ClusterSnapshot& seen : snapshot_.clusters) {
        if (seen.role_supported) plan_.step(on_cluster("unset_proven_role", seen.name));
      }
    }
    each("give history back", "release_history");
    plan_.stage("history of paused changefeeds");
    for (const ClusterName& name : names_) {
      Json feeds = Json::array();
      for (const LinkSnapshot& link : snapshot_.outgoing(name))
        feeds.push_back(link.changefeed.value());
      plan_.step(
          on_cluster("tell_gc_budget", name,
                     {{"group", group_}, {"feeds", feeds}, {"kept", options_.keep_feeds_paused}}));
    }
    plan_.stage("certificate")
        .step(issue_certificate(
            {{"group", group_},
             {"members", names_of(names_)},
             {"opened", names_of(options_.open)},
             {"changefeeds", options_.keep_feeds_paused ? "kept paused" : "removed if proven"},
             {"tables", table_list_}},
            {"cluster", "link_before", "link", "schemas", "schema_before", "schema", "fence",
             "marker", "drained", "stopped", "snapshot", "verification"}));
  }

  const GroupSnapshot& snapshot_;
  std::vector<ClusterName> names_;
  const std::vector<TableName>& tables_;
  Json table_list_;
  const StopOptions& options_;
  std::string group_;
  PlanBuilder plan_;
};

/// SECONDARY before PRIMARY: at no moment two clusters send DDL.
void set_wanted_roles(PlanBuilder& plan, const GroupSnapshot& snapshot) {
  for (const BdrRole role : {BdrRole::none, BdrRole::secondary, BdrRole::primary}) {
    bool begun = false;
    for (const ClusterSnapshot& seen : snapshot.clusters) {
      if (!seen.role_supported || wanted_role(snapshot.group, seen.name) != role) continue;
      const std::string word(to_string(role));
      if (!begun) plan.stage("roles: " + (word.empty() ? "none" : word));
      begun = true;
      plan.step(on_cluster("set_role", seen.name, {{"role", word}}));
    }
  }
}

bool can_go_on(const LinkSnapshot& link) {
  return link.feed && link.feed->state != "stopped" && link.feed->state != "failed" &&
         link.feed->state != "finished";
}

/// Says what a proven stop has left, where none is there.
void require_feeds_to_go_on(const GroupSnapshot& snapshot) {
  std::string missing;
  std::size_t count = 0;
  for (const LinkSnapshot& link : snapshot.links) {
    if (link.feed) continue;
    ++count;
    missing += (missing.empty() ? "" : ", ") + to_string(link.link);
  }
  if (count == 0) return;
  const std::string group = snapshot.group.name.value();
  if (count < snapshot.links.size()) {
    throw Error(ErrorKind::precondition, "LINK_MISSING", "links without a changefeed: " + missing,
                "bdrmesh group plan " + group);
  }
  throw Error(
      ErrorKind::precondition, "FEEDS_REMOVED",
      "group " + group +
          " has no changefeeds to go on: a stop that was proven has removed them, or it was "
          "never brought up",
      "if all members still have the same rows: bdrmesh group apply " + group +
          ", then bdrmesh verify run --group " + group + " --level rows");
}

}  // namespace

Plan plan_group_stop(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                     const StopOptions& options) {
  const std::string& group = snapshot.group.name.value();
  if (tables.empty()) {
    throw Error(ErrorKind::invalid, "NO_TABLES", "group " + group + " has no tables to prove equal",
                "bdrmesh group status " + group + " shows its rules");
  }
  require_managed(snapshot);
  require_feeds(snapshot, snapshot.links);
  return StopPlan(snapshot, tables, options).build();
}

Plan plan_group_start(const GroupSnapshot& snapshot,
                      const std::map<ClusterName, std::string>& held) {
  require_feeds_to_go_on(snapshot);
  require_managed(snapshot);
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("group.start", "let group " + group + " replicate on");
  plan.subject({{"group", group}, {"reason", "group start"}});
  plan.lock("group:" + group);
  for (const ClusterName& name : snapshot.names()) plan.lock("cluster:" + name.value());
  plan.stage("claim");
  for (const ClusterName& name : snapshot.names()) plan.step(on_cluster("claim_token", name));
  const auto link_step = [&](const std::string& type, const LinkSnapshot& link) {
    return on_link(type, link.link, {{"group", group}, {"changefeed", link.changefeed.value()}});
  };
  if (!std::ranges::all_of(snapshot.links, can_go_on)) {
    plan.stage("resume");
    for (const LinkSnapshot& link : snapshot.links) {
      if (!can_go_on(link)) plan.step(link_step("resume_link", link));
    }
  }
  plan.stage("mark");
  for (const ClusterName& name : snapshot.names()) plan.step(on_cluster("write_marker", name));
  plan.stage("prove");
  for (const LinkSnapshot& link : snapshot.links) plan.step(link_step("await_marker", link));
  set_wanted_roles(plan, snapshot);
  if (held.empty()) return plan.build();
  // Last: whoever writes there now finds every row of the others. And for good: what is written
  // there must not meet changefeeds that were paused again.
  plan.point_of_no_return("a gate that the stop left closed is opened");
  plan.stage("open gates");
  for (const auto& [name, operation] : held) {
    PlannedStep open = on_cluster("reopen_for_good", name, {{"operation", operation}});
    open.lane = LaneKind::gate;
    plan.step(std::move(open));
  }
  return plan.build();
}

}  // namespace bdrmesh::flows
