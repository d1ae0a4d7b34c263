// From a request to join to its plan: who serves, who is new, what is copied.
#include <algorithm>

#include "flows/backup/backup_kinds.h"
#include "flows/gate/blockers.h"
#include "flows/link/link_changes.h"
#include "flows/members/join.h"
#include "flows/seen.h"

namespace bdrmesh::flows {
namespace {

bool is_among(const std::vector<ClusterName>& names, const ClusterName& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The mesh whose configuration names the newcomer.
const GroupSpec& group_from(const FlowPorts& ports, const Json& args, const ClusterName& newcomer) {
  const std::string named = get_or<std::string>(args, "group", "");
  if (!named.empty()) return ports.desired.group(GroupName(named));
  for (const GroupSpec& group : ports.desired.groups) {
    if (group.kind == GroupKind::multi_active && is_among(group.members, newcomer)) return group;
  }
  throw Error(ErrorKind::precondition, "NOT_IN_CONFIGURATION",
              newcomer.value() + " is in no multi-active group of the configuration",
              "add it to `members` of the group, restart the daemon, then join");
}

void refuse(const GroupSpec& group, const ClusterName& newcomer, const Json& args) {
  if (group.kind != GroupKind::multi_active) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                "group " + group.name.value() + " is a pair of primary and secondary",
                "bdrmesh dr bootstrap " + group.name.value());
  }
  if (!is_among(group.members, newcomer)) {
    throw Error(ErrorKind::precondition, "NOT_IN_CONFIGURATION",
                newcomer.value() + " is not among `members` of group " + group.name.value(),
                "add it there, restart the daemon, then join");
  }
  if (get_or(args, "no_cut", false)) {
    throw Error(
        ErrorKind::precondition, "NO_CUT_REFUSED",
        "without a cut, rows that two members touched around the backup would differ on " +
            newcomer.value() + " for good",
        "join with a cut: its pause is as short as a schema change's, --max-pause bounds it");
  }
}

void refuse_member(const GroupSnapshot& snapshot, const ClusterName& newcomer) {
  for (const LinkSnapshot& link : snapshot.links) {
    const bool its = link.link.from == newcomer || link.link.to == newcomer;
    if (!its || !link.feed) continue;
    throw Error(ErrorKind::precondition, "MEMBER_HAS_FEEDS",
                newcomer.value() + " is no newcomer: link " + to_string(link.link) +
                    " has changefeed " + link.changefeed.value(),
                "bdrmesh group plan " + snapshot.group.name.value());
  }
}

/// Members that replicate with somebody.
std::vector<ClusterName> serving(const GroupSnapshot& snapshot, const ClusterName& newcomer) {
  std::vector<ClusterName> found = snapshot.names();
  std::erase_if(found, [&](const ClusterName& name) {
    return name == newcomer || std::ranges::none_of(snapshot.links, [&](const LinkSnapshot& link) {
             const bool its = link.link.from == name || link.link.to == name;
             return its && (link.feed || link.ever_in_book);
           });
  });
  return found;
}

ClusterName source_from(const GroupSpec& group, const std::vector<ClusterName>& from,
                        const Json& args) {
  const std::string named = get_or<std::string>(args, "source", "");
  if (named.empty()) {
    if (group.ddl_primary && is_among(from, *group.ddl_primary)) return *group.ddl_primary;
    return from.front();
  }
  if (is_among(from, ClusterName(named))) return ClusterName(named);
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              named + " does not serve in group " + group.name.value(),
              "name a member that does, or leave --source out");
}

JoinOptions options_from(const Json& args, bool evicted) {
  JoinOptions options;
  options.evicted = evicted;
  options.max_pause = Millis{get_or<std::int64_t>(args, "max_pause_ms", options.max_pause.count())};
  options.kill = get_or(args, "kill", false);
  if (options.max_pause >= Millis{1} && options.max_pause <= Millis{3'600'000}) return options;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "max_pause_ms must lie between 1 ms and an hour");
}

/// The pause waits for open transactions and for the slowest link.
Millis expected_pause(const FlowPorts& ports, const GroupSnapshot& snapshot, const Call& call) {
  static constexpr Millis kGateAndLook{400};
  Millis slowest{0};
  for (const ClusterName& name : snapshot.names()) {
    const Tso now = ports.world.tidb(name).current_tso(call);
    for (const LinkSnapshot& link : snapshot.outgoing(name)) {
      if (link.feed) slowest = std::max(slowest, lag_between(link.feed->checkpoint, now));
    }
  }
  return slowest + kGateAndLook;
}

}  // namespace

PlannedOperation cluster_join(const FlowPorts& ports, const Json& args, const Call& call) {
  const ClusterName newcomer =
      ports.desired.cluster(ClusterName(get_or<std::string>(args, "cluster", ""))).name;
  const GroupSpec& group = group_from(ports, args, newcomer);
  refuse(group, newcomer, args);
  const GroupSnapshot known = look_at_group(ports, group.name, call);
  refuse_member(known, newcomer);
  std::vector<ClusterName> members = serving(known, newcomer);
  if (members.empty()) {
    throw Error(ErrorKind::precondition, "GROUP_NOT_RUNNING",
                "no member of group " + group.name.value() + " replicates yet",
                "bdrmesh group apply " + group.name.value() + " --from-backup-of CLUSTER");
  }
  const ClusterName source = source_from(group, members, args);
  const std::vector<ClusterName> old = members;
  members.push_back(newcomer);
  GroupSnapshot snapshot = look_at_members(ports, group.name, members, call);
  std::erase_if(snapshot.links,
                [&](const LinkSnapshot& link) { return !is_among(members, link.link.to); });
  refuse_held_by_others(ports, snapshot);
  look_at_feeds(ports, snapshot, call);
  refuse_changed_rules(snapshot, "a join");

  const Copy copy = look_at_copy(ports, group, source, {newcomer}, args, call);
  const bool evicted = std::ranges::any_of(known.ended, [&](const EndedMembership& one) {
    return one.cluster == newcomer && one.how == "evicted";
  });
  PlannedOperation planned{plan_join(ports.desired, snapshot, copy, options_from(args, evicted)),
                           Json::object(), seen_of(ports.desired, snapshot)};
  add_outlook(copy, planned.outlook);
  planned.outlook["expected_pause_ms"] = expected_pause(ports, snapshot, call).count();
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  planned.outlook["expected_pause_rests_on"] =
      Json::array({"the lag of the slowest link now", "400 ms for gates and looks",
                   "transactions in the way come on top"});
  planned.outlook["blockers"] = blockers_of(ports, old, {}, call);
  return planned;
}

}  // namespace bdrmesh::flows
