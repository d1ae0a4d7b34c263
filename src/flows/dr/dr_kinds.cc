#include "flows/dr/dr_kinds.h"

#include <algorithm>

#include "flows/ddl/paused_ddl.h"
#include "flows/dr/failover_plan.h"
#include "flows/dr/rebuild_plan.h"
#include "flows/dr/switchover_plan.h"
#include "flows/gate/blockers.h"
#include "flows/seen.h"
#include "flows/step_args.h"
#include "flows/verify/verify_kinds.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

GroupName group_of(const Json& args) {
  const auto name = get_or<std::string>(args, "group", "");
  if (!name.empty()) return GroupName(name);
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "the request names no group", "give args.group");
}

Millis span_of(const Json& args, const char* key, Millis fallback) {
  const Millis span{get_or<std::int64_t>(args, key, fallback.count())};
  if (span >= Millis{1} && span <= Millis{3600000}) return span;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              std::string(key) + " must lie between 1 ms and an hour");
}

std::string what_failover_loses(const FlowPorts& ports, const GroupName& group, const Call& call) {
  try {
    return look_for_failover(ports, group, {}, call).loss.at("text").get<std::string>();
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled) throw;
    return "what it would lose is not known: " + e.message();
  }
}

[[noreturn]] void refuse_unhealthy(const FlowPorts& ports, const GroupName& group,
                                   const std::string& why, const Call& call) {
  const std::string name = group.value();
  throw Error(ErrorKind::precondition, "SWITCHOVER_UNHEALTHY",
              "a switchover loses nothing, and that cannot be had now: " + why,
              "bdrmesh dr status " + name + "; when the primary is lost: bdrmesh dr failover " +
                  name + " --primary NAME; " + what_failover_loses(ports, group, call));
}

GroupSnapshot healthy_pair(const FlowPorts& ports, const GroupName& group, const Call& call) {
  if (ports.desired.group(group).kind != GroupKind::primary_secondary) {
    GroupSnapshot none;
    none.group = ports.desired.group(group);
    require_pair_link(none);
  }
  try {
    GroupSnapshot snapshot = look_at_group(ports, group, call);
    refuse_held_by_others(ports, snapshot);
    return snapshot;
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::transient) throw;
    refuse_unhealthy(ports, group, e.message(), call);
  }
}

void require_carrying(const FlowPorts& ports, const GroupSnapshot& snapshot,
                      const SwitchoverOptions& options, const Call& call) {
  const LinkSnapshot& link = require_pair_link(snapshot);
  const std::string words = "changefeed " + link.changefeed.value();
  if (link.feed->state != "normal") {
    refuse_unhealthy(ports, snapshot.group.name,
                     words + " is " + link.feed->state +
                         (link.feed->error ? ": " + link.feed->error->message : ""),
                     call);
  }
  const Tso now = ports.world.tidb(link.link.from).current_tso(call);
  const Millis lag = lag_between(link.feed->checkpoint, now);
  if (lag <= options.max_lag) return;
  refuse_unhealthy(ports, snapshot.group.name,
                   words + " lags by " + std::to_string(lag.count() / 1000) + " s", call);
}

void require_turn(const GroupSnapshot& snapshot, const std::string& wanted) {
  const ClusterName& secondary = snapshot.group.members.back();
  if (wanted.empty() || wanted == secondary.value()) return;
  const bool is_primary = wanted == snapshot.group.members.front().value();
  throw Error(ErrorKind::precondition, is_primary ? "ALREADY_PRIMARY" : "NOT_A_MEMBER",
              wanted + (is_primary ? " is the primary of " : " is no member of ") +
                  snapshot.group.name.value() + (is_primary ? " already" : ""),
              "bdrmesh dr status " + snapshot.group.name.value());
}

}  // namespace

PlannedOperation dr_switchover(const FlowPorts& ports, const Json& args, const Call& call) {
  SwitchoverOptions options;
  options.kill = get_or(args, "kill", false);
  options.max_pause = span_of(args, "max_pause_ms", options.max_pause);
  options.grace = span_of(args, "txn_wait_ms", options.grace);
  options.ttl = !get_or(args, "keep_ttl", false);
  const GroupSnapshot snapshot = healthy_pair(ports, group_of(args), call);
  require_pair_link(snapshot);
  require_turn(snapshot, get_or<std::string>(args, "to", ""));
  require_carrying(ports, snapshot, options, call);
  PlannedOperation planned;
  planned.plan = plan_switchover(snapshot, tables_of_group(ports, snapshot, {}, call), options);
  std::vector<Tso> now;
  for (const ClusterName& name : snapshot.names())
    now.push_back(ports.world.tidb(name).current_tso(call));
  planned.outlook["expected_pause_ms"] = expected_pause(snapshot, now).count();
  planned.outlook["blockers"] = blockers_of(ports, {snapshot.names().front()}, {}, call);
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  planned.seen = seen_of(ports.desired, snapshot);
  return planned;
}

PlannedOperation dr_failover(const FlowPorts& ports, const Json& args, const Call& call) {
  FailoverOptions options;
  options.primary = get_or<std::string>(args, "primary", "");
  options.fenced_because = get_or<std::string>(args, "fenced_because", "");
  options.changefeed = get_or<std::string>(args, "changefeed", "");
  options.without_redo = get_or(args, "without_redo", false);
  options.kill = get_or(args, "kill", false);
  const FailoverView view = look_for_failover(ports, group_of(args), options, call);
  PlannedOperation planned;
  planned.plan = plan_failover(ports.desired, view, options);
  planned.outlook["loss"] = view.loss;
  planned.outlook["answers"] = view.signs;
  planned.seen = seen_of_gates(view.group.members.back(), view.token);
  return planned;
}

PlannedOperation dr_reads(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSnapshot snapshot = look_at_group(ports, group_of(args), call);
  refuse_held_by_others(ports, snapshot);
  const LinkSnapshot& link = require_pair_link(snapshot);
  const ClusterName& secondary = link.link.to;
  const bool on = get_or(args, "on", false);
  const std::string& group = snapshot.group.name.value();
  if (on && !snapshot.group.syncpoint_interval) {
    throw Error(
        ErrorKind::precondition, "READS_UNSAFE",
        "the feed of " + group +
            " writes no syncpoints, so there is no position at which "
            "the secondary is consistent",
        "give the group syncpoint = { interval = \"10m\" }, then bdrmesh group apply " + group);
  }
  std::vector<std::string> writers;
  bool has_own =
      false;  // what the feeds before this one wrote lies before the last change of roles
  for (const Syncpoint& one : ports.world.read_point(secondary).newest_syncpoints(call)) {
    const ChangefeedId id(one.changefeed.substr(one.changefeed.rfind('/') + 1));
    if (incarnation_of(id, snapshot.group.name, link.link) == 0) writers.push_back(id.value());
    has_own = has_own || id == link.changefeed;
  }
  if (on && !writers.empty()) {
    throw Error(ErrorKind::precondition, "READS_UNSAFE",
                "changefeed " + writers.front() + " has written syncpoints to " +
                    secondary.value() + " too: each moves the one point at which everybody reads",
                "take enable-sync-point off that changefeed and its rows out of "
                "tidb_cdc.syncpoint_v1; or read with SET SESSION tidb_snapshot");
  }
  if (on && !has_own) {
    throw Error(ErrorKind::precondition, "NO_SYNCPOINT_YET",
                "changefeed " + link.changefeed.value() + " has written no syncpoint to " +
                    secondary.value() + " yet",
                "wait for one interval; bdrmesh dr reads status " + group);
  }
  PlanBuilder plan("dr.reads", std::string("readers of ") + secondary.value() +
                                   (on ? " see the newest syncpoint" : " see what is there now"));
  plan.subject({{"group", group}, {"cluster", secondary.value()}, {"past", on}});
  plan.lock("cluster:" + secondary.value());
  plan.stage(on ? "read at syncpoints" : "read now")
      .step(on_cluster("set_reads", secondary, {{"past", on}}));
  if (!on) plan.stage("readers of the past").step(on_cluster("name_past_readers", secondary));
  return {plan.build(), Json::object(), Json::object()};
}

PlannedOperation dr_rebuild(const FlowPorts& ports, const Json& args, const Call& call) {
  const RebuildView view = look_for_rebuild(ports, group_of(args), call);
  PlannedOperation planned;
  planned.plan = plan_rebuild(ports.desired, view, get_or<std::string>(args, "cluster", ""));
  planned.seen = seen_of(ports.desired, view.snapshot);
  return planned;
}

}  // namespace bdrmesh::flows
