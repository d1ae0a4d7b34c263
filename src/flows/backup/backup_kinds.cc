#include "flows/backup/backup_kinds.h"

#include <algorithm>

#include "flows/backup/group_tables.h"
#include "flows/backup/start_by_backup.h"
#include "flows/seen.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

Millis hold_from(const Json& args) {
  constexpr Millis kMinute{60'000};
  constexpr Millis kMonth{30LL * 86'400'000};
  const Millis hold{get_or<std::int64_t>(args, "hold_history_ms", Millis{86'400'000}.count())};
  if (hold >= kMinute * 10 && hold <= kMonth) return hold;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              "hold_history_ms must lie between 10 minutes and 30 days",
              "it must cover backup, restore and catching up");
}

/// Under a role no table can be dropped (tidb-sql §1.3).
std::string how_to_empty(TidbCluster& target, const ClusterName& name, const Call& call) {
  const BdrRole role = target.bdr_role(call).value_or(BdrRole::none);
  return "RESTORE makes the tables itself. Save what is in them and drop them on " + name.value() +
         (role == BdrRole::none ? "" : " (first ADMIN UNSET BDR ROLE there)") + ", then try again";
}

}  // namespace

Copy look_at_copy(const FlowPorts& ports, const GroupSpec& group, const ClusterName& source,
                  const std::vector<ClusterName>& targets, const Json& args, const Call& call) {
  Copy copy{group.name, source, targets, {}, hold_from(args)};
  copy.tables = group_tables(group, ports.world.tidb(source), call);
  for (const ClusterName& target : targets) {
    const std::vector<TableName> there = group_tables(group, ports.world.tidb(target), call);
    if (there.empty()) continue;
    throw Error(ErrorKind::precondition, "TARGET_NOT_EMPTY",
                target.value() + " has tables of group " + group.name.value() +
                    " already: " + listed(there),
                how_to_empty(ports.world.tidb(target), target, call));
  }
  return copy;
}

void add_outlook(const Copy& copy, Json& outlook) {
  outlook["tables"] = to_json(copy.tables);
  outlook["hold_history_ms"] = copy.hold.count();
  outlook["not_carried"] = not_carried();
  std::string names;
  for (const ClusterName& name : copy.targets) names += (names.empty() ? "" : ", ") + name.value();
  std::string lost;
  for (const Json& one : outlook.at("not_carried"))
    lost += (lost.empty() ? "" : ", ") + one.get<std::string>();
  outlook["notes"] = Json::array(
      {std::to_string(copy.tables.size()) + " tables are copied from " + copy.source.value() +
           ": " + listed(copy.tables),
       "no application can write on " + names + " until the end: the gate is for the whole cluster",
       "GC of " + copy.source.value() + " is held for " +
           std::to_string(copy.hold.count() / 60'000) +
           " min: backup, restore and catching up must fit in",
       "not carried: " + lost});
  Json closed = Json::array();
  for (const ClusterName& name : copy.targets) closed.push_back(name.value());
  outlook["closed_until_the_end"] = closed;
}

PlannedOperation group_from_backup(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupName name(get_or<std::string>(args, "group", ""));
  const GroupSnapshot snapshot = look_at_group(ports, name, call);
  refuse_held_by_others(ports, snapshot);
  if (snapshot.group.kind != GroupKind::multi_active) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                "group " + name.value() + " is a pair of primary and secondary",
                "bdrmesh dr bootstrap " + name.value());
  }
  const ClusterName source(get_or<std::string>(args, "from_backup_of", ""));
  std::vector<ClusterName> targets = snapshot.names();
  if (std::erase(targets, source) == 0) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                source.value() + " is no member of group " + name.value(),
                "name the member that has the data");
  }
  const Copy copy = look_at_copy(ports, snapshot.group, source, targets, args, call);
  PlannedOperation planned{plan_start_by_backup(ports.desired, snapshot, copy), Json::object(),
                           seen_of(ports.desired, snapshot)};
  add_outlook(copy, planned.outlook);
  return planned;
}

}  // namespace bdrmesh::flows
