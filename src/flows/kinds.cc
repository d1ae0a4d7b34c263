#include "flows/kinds.h"

#include <functional>
#include <map>

#include "flows/backup/backup_kinds.h"
#include "flows/ddl/ddl_kinds.h"
#include "flows/ddl/ddl_open_healthy.h"
#include "flows/dr/bootstrap.h"
#include "flows/dr/dr_kinds.h"
#include "flows/gate/blockers.h"
#include "flows/gate/by_hand_kinds.h"
#include "flows/gate/gate_steps.h"
#include "flows/group/group_apply.h"
#include "flows/group/verify_links.h"
#include "flows/hook/hook_plan.h"
#include "flows/kind_args.h"
#include "flows/link/late_feed.h"
#include "flows/link/link_changes.h"
#include "flows/link/link_operations.h"
#include "flows/link/rotate_password.h"
#include "flows/members/join.h"
#include "flows/members/members_kinds.h"
#include "flows/seen.h"
#include "flows/stop/certificate_step.h"
#include "flows/stop/stop_kinds.h"
#include "flows/tables/tables_change.h"
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
  refuse_late_feeds(ports, planned.plan, args, call);
  planned.seen = seen_of(ports.desired, snapshot);
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
  static const std::map<std::string, Planner> kKinds{
      {"group.apply", group_apply},
      {"dr.bootstrap", dr_bootstrap},
      {"cluster.join", cluster_join},
      {"group.stop", group_stop},
      {"group.start", group_start},
      {"group.tables", group_tables_request},
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
      {"cluster.rotate_sink_password", rotate_password_request},
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
