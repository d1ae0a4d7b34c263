#include "flows/gate/by_hand_kinds.h"

#include <algorithm>

#include "flows/gate/gate_close.h"
#include "flows/gate/maintenance.h"
#include "flows/snapshot.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

Error bad_argument(const std::string& what, const std::string& remedy) {
  return {ErrorKind::invalid, "BAD_ARGUMENT", what, remedy};
}

ClusterName cluster_from(const FlowPorts& ports, const Json& args) {
  return ports.desired.cluster(ClusterName(get_or<std::string>(args, "cluster", ""))).name;
}

std::string reason_from(const Json& args) {
  const std::string reason = get_or<std::string>(args, "reason", "");
  if (reason.empty())
    throw bad_argument("no reason is given", "say why: whoever is called at night reads it");
  if (reason.size() > 500) throw bad_argument("the reason is longer than 500 bytes", "shorten it");
  return reason;
}

Millis span_from(const Json& args, Millis shortest, Millis longest) {
  const Millis span{get_or<std::int64_t>(args, "for_ms", 0)};
  if (span < shortest || span > longest) {
    throw bad_argument("for_ms must lie between " + std::to_string(shortest.count()) + " and " +
                           std::to_string(longest.count()),
                       "it ends by itself then: give as long as it is really needed");
  }
  return span;
}

}  // namespace

PlannedOperation gate_close(const FlowPorts& ports, const Json& args, const Call&) {
  PlannedOperation planned;
  const ClusterName cluster = cluster_from(ports, args);
  const Millis span = span_from(args, Millis{1000}, Millis{24LL * 3600 * 1000});
  planned.plan = plan_close_gate(cluster, reason_from(args), span);
  planned.outlook["expected_pause_ms"] = span.count();
  return planned;
}

PlannedOperation maintenance_start(const FlowPorts& ports, const Json& args, const Call& call) {
  PlannedOperation planned;
  const ClusterName cluster = cluster_from(ports, args);
  MaintenanceOptions options;
  options.reason = reason_from(args);
  options.span = span_from(args, Millis{1000}, Millis{7LL * 24 * 3600 * 1000});
  options.upgrade = get_or(args, "upgrade", false);
  std::vector<GroupSnapshot> groups;
  for (const GroupSpec& group : ports.desired.groups) {
    const bool member = std::ranges::find(group.members, cluster) != group.members.end();
    const bool has_roles = group.kind == GroupKind::multi_active;
    if (options.upgrade && member && has_roles)
      groups.push_back(look_at_group(ports, group.name, call));
  }
  planned.plan = plan_maintenance(cluster, groups, options);
  return planned;
}

PlannedOperation maintenance_end(const FlowPorts& ports, const Json& args, const Call& call) {
  PlannedOperation planned;
  const ClusterName cluster = cluster_from(ports, args);
  const std::optional<TokenRow> row = ports.world.tidb(cluster).token(call);
  const auto note = row ? maintenance_note(*row) : std::nullopt;
  if (!note) {
    throw Error(ErrorKind::precondition, "NO_MAINTENANCE",
                "no maintenance is noted on " + cluster.value(), "bdrmesh op list");
  }
  planned.plan = plan_end_maintenance(cluster, note->operation);
  return planned;
}

std::string owner_to_open(const ClusterName& cluster, const std::optional<TokenRow>& row,
                          const std::string& wanted) {
  const std::vector<GateNote> notes = row ? gate_notes(*row) : std::vector<GateNote>{};
  const auto standing = std::ranges::find(notes, true, &GateNote::standing);
  const auto own = std::ranges::find(notes, false, &GateNote::standing);
  const bool role_wanted = standing != notes.end() && standing->operation == wanted;
  const std::string command =
      standing == notes.end() ? std::string() : command_to_open(cluster, *standing);
  if (command == "bdrmesh gate open " + cluster.value() && (wanted.empty() || role_wanted))
    return standing->operation;
  if (standing != notes.end() && (role_wanted || (wanted.empty() && own == notes.end()))) {
    throw Error(ErrorKind::precondition, "GATE_STANDING",
                "the gate of " + cluster.value() + " stands closed because " + standing->reason +
                    ": it opens only when the cluster takes another role",
                command.empty()
                    ? "writes belong on the primary; to change roles: bdrmesh dr switchover"
                    : command);
  }
  if (!wanted.empty()) return wanted;
  if (own != notes.end()) return own->operation;
  throw Error(ErrorKind::precondition, "GATE_NOT_OURS",
              "no closed gate of ours stands on " + cluster.value(),
              "if the cluster is read-only, somebody else made it so: SELECT "
              "@@global.tidb_super_read_only on each tidb-server");
}

}  // namespace bdrmesh::flows
