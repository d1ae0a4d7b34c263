#include "flows/kinds.h"

#include <functional>
#include <map>

#include "ddl/view.h"
#include "flows/backup/backup_kinds.h"
#include "flows/ddl/ddl_open_healthy.h"
#include "flows/ddl/ddl_plan.h"
#include "flows/ddl/paused_ddl.h"
#include "flows/dr/bootstrap.h"
#include "flows/dr/dr_kinds.h"
#include "flows/gate/blockers.h"
#include "flows/gate/by_hand_kinds.h"
#include "flows/gate/gate_steps.h"
#include "flows/group/group_apply.h"
#include "flows/group/verify_links.h"
#include "flows/hook/hook_plan.h"
#include "flows/kind_args.h"
#include "flows/link/link_changes.h"
#include "flows/link/link_operations.h"
#include "flows/members/join.h"
#include "flows/members/members_kinds.h"
#include "flows/seen.h"
#include "flows/stop/certificate_step.h"
#include "flows/stop/stop_kinds.h"
#include "flows/verify/repair_steps.h"
#include "flows/verify/verify_kinds.h"

namespace bdrmesh::flows {
namespace {

GroupName group_from(const Json& args) {
  const std::string name = get_or<std::string>(args, "group", "");
  if (name.empty())
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "the request names no group",
                "give args.group");
  return GroupName(name);
}

GroupSnapshot look_at_ours(const FlowPorts& ports, const Json& args, const Call& call) {
  GroupSnapshot snapshot = look_at_group(ports, group_from(args), call);
  refuse_held_by_others(ports, snapshot);
  return snapshot;
}

Millis millis_from(const Json& args, const char* key, Millis fallback) {
  const Millis value{get_or<std::int64_t>(args, key, fallback.count())};
  if (value < Millis{1} || value > Millis{86400000}) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                std::string(key) + " must lie between 1 ms and a day");
  }
  return value;
}

DdlOptions ddl_options_from(const Json& args) {
  DdlOptions options;
  options.schema = get_or<std::string>(args, "schema", "");
  options.max_pause = millis_from(args, "max_pause_ms", options.max_pause);
  options.grace = millis_from(args, "txn_wait_ms", options.grace);
  options.kill = get_or(args, "kill", false);
  options.undo = get_or<std::string>(args, "undo", "");
  const std::string strategy = get_or<std::string>(args, "strategy", "");
  if (strategy.empty()) return options;
  options.strategy = ddl::strategy_from(strategy);
  if (!options.strategy) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "there is no strategy '" + strategy + "'",
                "strategies: replicated, everywhere, paused");
  }
  return options;
}

/// The script is judged by the definitions that the first member has now.
Json seen_definitions(const FlowPorts& ports, const GroupSnapshot& snapshot,
                      const std::vector<TableName>& tables, const Call& call) {
  const ClusterName first = snapshot.names().front();
  Json seen = Json::object();
  for (const TableName& table : tables) {
    const auto text = ports.world.tidb(first).create_statement(table, call);
    seen[first.value() + ".table." + to_string(table)] =
        text ? settled_definition(*text) : "not there";
  }
  return seen;
}

PlannedOperation group_apply(const FlowPorts& ports, const Json& args, const Call& call) {
  if (!get_or<std::string>(args, "from_backup_of", "").empty())
    return group_from_backup(ports, args, call);
  GroupSnapshot snapshot = look_at_ours(ports, args, call);
  look_at_feeds(ports, snapshot, call);
  ApplyOptions options;
  options.kill = get_or(args, "kill", false);
  options.pause_budget = millis_from(args, "max_pause_ms", options.pause_budget);
  return {plan_group_apply(ports.desired, snapshot, options), Json::object(),
          seen_of(ports.desired, snapshot)};
}

PlannedOperation group_stop(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  PlannedOperation planned = plan_stop_request(ports, snapshot, args, call);
  planned.outlook["blockers"] = blockers_of(ports, snapshot.names(), {}, call);
  planned.seen = seen_of(ports.desired, snapshot);
  return planned;
}

PlannedOperation group_start(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  PlannedOperation planned = plan_start_request(ports, snapshot);
  planned.seen = seen_of(ports.desired, snapshot);
  return planned;
}

/// The feed of a pair carries every DDL by itself.
void refuse_ddl_of_pair(const GroupSnapshot& snapshot) {
  if (snapshot.group.kind != GroupKind::primary_secondary) return;
  throw Error(
      ErrorKind::precondition, "DDL_OF_A_PAIR",
      "group " + snapshot.group.name.value() +
          " is a pair: its changefeed carries schema changes by itself",
      "run the statement on " + snapshot.group.members.front().value() + ", which is the primary");
}

PlannedOperation ddl_run(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  refuse_ddl_of_pair(snapshot);
  const DdlOptions options = ddl_options_from(args);
  const auto script = with_strategies(
      classify_for_group(ports, snapshot, get_or<std::string>(args, "script", ""), options, call),
      options);
  PlannedOperation planned{plan_ddl(snapshot, script, options), Json::object(),
                           seen_of(ports.desired, snapshot)};

  std::vector<Tso> now;
  for (const ClusterName& name : snapshot.names())
    now.push_back(ports.world.tidb(name).current_tso(call));
  if (pauses(script)) {
    planned.outlook["expected_pause_ms"] = expected_pause(snapshot, now).count();
    planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  }
  std::vector<TableName> tables;
  Json classification = Json::array();
  for (const ddl::Statement& statement : script) {
    tables.insert(tables.end(), statement.tables.begin(), statement.tables.end());
    classification.push_back(ddl::to_json(statement));
  }
  planned.outlook["classification"] = classification;
  planned.outlook["blockers"] = blockers_of(ports, snapshot.names(), tables, call);
  planned.seen.update(seen_definitions(ports, snapshot, tables, call));
  return planned;
}

PlannedOperation ddl_open_healthy(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  const auto failed = get_or<std::vector<std::string>>(args, "failed", {});
  return {plan_open_healthy(snapshot, get_or<std::string>(args, "operation", ""), failed),
          Json::object(), seen_of(ports.desired, snapshot)};
}

PlannedOperation verify_links(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  return {plan_verify_links(snapshot, millis_from(args, "patience_ms", Millis{30000})),
          Json::object(), seen_of(ports.desired, snapshot)};
}

PlannedOperation verify_rows(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  PlannedOperation planned = plan_rows_request(ports, snapshot, args, call);
  planned.seen = seen_of(ports.desired, snapshot);
  return planned;
}

PlannedOperation repair_plan(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  return {plan_repair_draft(snapshot, get_or(args, "rows", Json::array()),
                            get_or<std::string>(args, "right", "")),
          Json::object(), seen_of(ports.desired, snapshot)};
}

PlannedOperation repair_apply(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  return {plan_repair_apply(snapshot, get_or(args, "file", Json::object()),
                            get_or<std::size_t>(args, "deletes", 0)),
          Json::object(), seen_of(ports.desired, snapshot)};
}

PlannedOperation verify_schema(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_ours(ports, args, call);
  PlannedOperation planned = plan_schema_request(ports, snapshot, args, call);
  planned.seen = seen_of(ports.desired, snapshot);
  return planned;
}

PlannedOperation gate_open(const FlowPorts& ports, const Json& args, const Call& call) {
  const ClusterName cluster(get_or<std::string>(args, "cluster", ""));
  const auto row = ports.world.tidb(ports.desired.cluster(cluster).name).token(call);
  const std::string owner = owner_to_open(cluster, row, get_or<std::string>(args, "operation", ""));
  const std::string because = get_or<std::string>(args, "line_crossed_because", "");
  const std::optional<GateNote> note = row ? note_of(*row, owner) : std::nullopt;
  if (note && note->line_crossed && because.empty()) {
    throw Error(ErrorKind::precondition, "GATE_LINE_CROSSED",
                "operation " + owner +
                    " may have crossed its point of no return: schemas may differ between the "
                    "clusters, and rows written on " +
                    cluster.value() + " now could get stuck in the links",
                "bdrmesh op show " + owner + ", then bdrmesh op resume " + owner +
                    "; to open all the same: bdrmesh gate open " + cluster.value() +
                    " --although-line-crossed \"why\"");
  }
  PlannedOperation planned{plan_open_gate(cluster, owner), Json::object(),
                           seen_of_gates(cluster, row)};
  if (!because.empty()) planned.plan.subject["line_crossed_because"] = because;
  return planned;
}

}  // namespace

PlannedOperation plan_operation(const FlowPorts& ports, const std::string& kind, const Json& args,
                                const Call& call) {
  using Planner = std::function<PlannedOperation(const FlowPorts&, const Json&, const Call&)>;
  static const std::map<std::string, Planner> kKinds{{"group.apply", group_apply},
                                                     {"dr.bootstrap", dr_bootstrap},
                                                     {"cluster.join", cluster_join},
                                                     {"group.stop", group_stop},
                                                     {"group.start", group_start},
                                                     {"ddl.run", ddl_run},
                                                     {"dr.switchover", dr_switchover},
                                                     {"dr.failover", dr_failover},
                                                     {"dr.reads", dr_reads},
                                                     {"dr.rebuild", dr_rebuild},
                                                     {"ddl.open_healthy", ddl_open_healthy},
                                                     {"verify.links", verify_links},
                                                     {"repair.plan", repair_plan},
                                                     {"repair.apply", repair_apply},
                                                     {"verify.rows", verify_rows},
                                                     {"verify.schema", verify_schema},
                                                     {"link.adopt", link_adopt},
                                                     {"link.pause", link_pause},
                                                     {"link.repair", link_repair},
                                                     {"link.resume", link_resume},
                                                     {"gate.open", gate_open},
                                                     {"gate.close", gate_close},
                                                     {"maintenance.start", maintenance_start},
                                                     {"maintenance.end", maintenance_end},
                                                     {"cluster.leave", cluster_leave},
                                                     {"cluster.evacuate", cluster_evacuate},
                                                     {"cluster.return", cluster_return},
                                                     {"cluster.evict", cluster_evict}};
  const auto found = kKinds.find(kind);
  if (found != kKinds.end()) {
    require_known_args(kind, args);
    PlannedOperation planned = found->second(ports, args, call);
    // A kind that names nothing of its own rests on what its arguments name.
    if (planned.seen.empty()) planned.seen = look_again(ports, args, call);
    const std::vector<HookSpec> hooks = hooks_for(ports.desired, planned.plan);
    planned.plan = with_plan_digest(with_hooks(std::move(planned.plan), hooks, kind));
    planned.seen["config.hooks"] = told_hooks(planned.plan);
    return planned;
  }
  std::string known;
  for (const auto& [name, planner] : kKinds) known += (known.empty() ? "" : ", ") + name;
  throw Error(ErrorKind::invalid, "UNKNOWN_KIND", "no operation is called '" + kind + "'",
              "kinds: " + known);
}

}  // namespace bdrmesh::flows
