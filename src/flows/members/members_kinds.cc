#include "flows/members/members_kinds.h"

#include <algorithm>

#include "flows/dr/failover_steps.h"
#include "flows/gate/blockers.h"
#include "flows/members/evacuate_plan.h"
#include "flows/members/evict_plan.h"
#include "flows/members/leave_plan.h"
#include "flows/seen.h"
#include "flows/survivors.h"
#include "flows/verify/verify_kinds.h"

namespace bdrmesh::flows {
namespace {

Error bad_argument(const std::string& what, const std::string& remedy) {
  return {ErrorKind::invalid, "BAD_ARGUMENT", what, remedy};
}

ClusterName cluster_from(const FlowPorts& ports, const Json& args) {
  return ports.desired.cluster(ClusterName(get_or<std::string>(args, "cluster", ""))).name;
}

/// The mesh that the cluster is in; there is at most one (design §2 rule 3).
GroupName group_from(const FlowPorts& ports, const Json& args, const ClusterName& cluster) {
  const std::string named = get_or<std::string>(args, "group", "");
  for (const GroupSpec& group : ports.desired.groups) {
    if (!named.empty() && group.name.value() != named) continue;
    if (group.kind != GroupKind::multi_active) {
      if (named.empty()) continue;
      throw bad_argument("group " + named + " is a pair of primary and secondary",
                         "its members change places: bdrmesh dr switchover");
    }
    const bool member = std::ranges::find(group.members, cluster) != group.members.end();
    if (member || !named.empty()) return group.name;
  }
  if (!named.empty()) return ports.desired.group(GroupName(named)).name;  // throws UNKNOWN_GROUP
  throw bad_argument(cluster.value() + " is in no multi-active group",
                     "bdrmesh group status shows the groups");
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

Millis millis_from(const Json& args, const char* key, Millis fallback) {
  const Millis value{get_or<std::int64_t>(args, key, fallback.count())};
  if (value >= Millis{1} && value <= Millis{86400000}) return value;
  throw bad_argument(std::string(key) + " must lie between 1 ms and a day", "");
}

GroupSnapshot look_at_ours(const FlowPorts& ports, const GroupName& group, const Call& call) {
  GroupSnapshot snapshot = look_at_group(ports, group, call);
  refuse_held_by_others(ports, snapshot);
  return snapshot;
}

/// What the pause of `member` waits for: its transactions and the slowest link that starts there.
void add_outlook(const FlowPorts& ports, const GroupSnapshot& snapshot, const ClusterName& member,
                 PlannedOperation& planned, const Call& call) {
  static constexpr Millis kGateAndLook{400};
  const Tso now = ports.world.tidb(member).current_tso(call);
  Millis slowest{0};
  for (const LinkSnapshot& link : snapshot.outgoing(member)) {
    if (link.feed) slowest = std::max(slowest, lag_between(link.feed->checkpoint, now));
  }
  planned.outlook["expected_pause_ms"] = (slowest + kGateAndLook).count();
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  planned.outlook["blockers"] = blockers_of(ports, {member}, {}, call);
}

}  // namespace

PlannedOperation cluster_evict(const FlowPorts& ports, const Json& args, const Call& call) {
  static constexpr Millis kPatience{2000};
  const ClusterName cluster = cluster_from(ports, args);
  const GroupName group = group_from(ports, args, cluster);
  const GroupSnapshot survivors = look_at_survivors(ports, group, cluster, call);
  EvictOptions options;
  options.confirm = get_or<std::string>(args, "confirm", "");
  options.because = get_or<std::string>(args, "although_alive_because", "");
  options.compare = get_or(args, "compare", true);
  options.tables = tables_of_group(ports, survivors, {}, call);
  PlannedOperation planned{plan_evict(ports.desired, survivors, cluster, options), Json::object(),
                           seen_of(ports.desired, survivors)};
  const std::vector<std::string> signs = signs_of_life(ports, cluster, kPatience, call);
  if (!signs.empty() && options.because.empty()) {
    throw Error(ErrorKind::precondition, "MEMBER_ANSWERS",
                cluster.value() + " is not dead: " + joined(signs) + " answered just now",
                "bdrmesh cluster leave " + cluster.value() + " --group " + group.value() +
                    " loses nothing; to evict it nevertheless: --although-alive-because \"why\"");
  }
  planned.outlook["signs_of_life"] = signs;
  if (ports.desired.group(group).ddl_primary == cluster) {
    planned.outlook["roles"] = cluster.value() +
                               " is the ddl_primary: give ddl_primary to a survivor in the "
                               "configuration afterwards, then bdrmesh group apply " +
                               group.value();
  }
  return planned;
}

PlannedOperation cluster_leave(const FlowPorts& ports, const Json& args, const Call& call) {
  const ClusterName cluster = cluster_from(ports, args);
  const GroupName group = group_from(ports, args, cluster);
  const GroupSnapshot snapshot = look_at_ours(ports, group, call);
  LeaveOptions options;
  options.keep_serving = get_or(args, "keep_serving", false);
  options.kill = get_or(args, "kill", false);
  options.max_pause = millis_from(args, "max_pause_ms", options.max_pause);
  PlannedOperation planned{plan_leave(snapshot, ports.desired.group(group), cluster, options),
                           Json::object(), seen_of(ports.desired, snapshot)};
  add_outlook(ports, snapshot, cluster, planned, call);
  return planned;
}

PlannedOperation cluster_evacuate(const FlowPorts& ports, const Json& args, const Call& call) {
  const ClusterName cluster = cluster_from(ports, args);
  const GroupSnapshot snapshot = look_at_ours(ports, group_from(ports, args, cluster), call);
  EvacuateOptions options;
  options.reason = get_or<std::string>(args, "reason", "");
  if (options.reason.empty() || options.reason.size() > 500) {
    throw bad_argument("a reason of 1 to 500 bytes is needed",
                       "say why: whoever is called at night reads it");
  }
  options.kill = get_or(args, "kill", false);
  options.max_pause = millis_from(args, "max_pause_ms", options.max_pause);
  PlannedOperation planned{plan_evacuate(snapshot, cluster, options), Json::object(),
                           seen_of(ports.desired, snapshot)};
  add_outlook(ports, snapshot, cluster, planned, call);
  return planned;
}

PlannedOperation cluster_return(const FlowPorts& ports, const Json& args, const Call& call) {
  const ClusterName cluster = cluster_from(ports, args);
  const GroupSnapshot snapshot = look_at_ours(ports, group_from(ports, args, cluster), call);
  return {plan_return(snapshot, cluster), Json::object(), seen_of(ports.desired, snapshot)};
}

}  // namespace bdrmesh::flows
