#include "flows/stop/stop_kinds.h"

#include <algorithm>

#include "flows/ddl/paused_ddl.h"
#include "flows/stop/stop_plan.h"
#include "flows/verify/verify_kinds.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

std::string known_names(const GroupSnapshot& snapshot) {
  std::string names;
  for (const ClusterName& name : snapshot.names())
    names += (names.empty() ? "" : ", ") + name.value();
  return names;
}

std::vector<ClusterName> opened(const GroupSnapshot& snapshot, const Json& args) {
  const auto words = get_or<std::vector<std::string>>(args, "open", {});
  if (words == std::vector<std::string>{"all"}) return snapshot.names();
  if (words == std::vector<std::string>{"none"}) return {};
  std::vector<ClusterName> open;
  for (const std::string& word : words) {
    const auto names = snapshot.names();
    const auto found = std::ranges::find(names, ClusterName(word));
    if (found == names.end()) {
      throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                  "'" + word + "' in open is no member of group " + snapshot.group.name.value(),
                  "all, none, or some of: " + known_names(snapshot));
    }
    if (std::ranges::find(open, *found) == open.end()) open.push_back(*found);
  }
  if (open.empty()) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                "open does not say which clusters take writes afterwards",
                "all, none, or some of: " + known_names(snapshot));
  }
  return open;
}

Millis span_from(const Json& args, const char* key, Millis fallback) {
  const Millis span{get_or<std::int64_t>(args, key, fallback.count())};
  if (span >= Millis{1} && span <= Millis{30LL * 86400000}) return span;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              std::string(key) + " must lie between 1 ms and 30 days");
}

StopOptions options_from(const GroupSnapshot& snapshot, const Json& args) {
  StopOptions options;
  options.open = opened(snapshot, args);
  options.keep_feeds_paused = get_or(args, "keep_feeds_paused", false);
  options.accept_unproven = get_or(args, "accept_unproven", false);
  options.kill = get_or(args, "kill", false);
  options.max_pause = span_from(args, "max_pause_ms", options.max_pause);
  options.grace = span_from(args, "txn_wait_ms", options.grace);
  options.rows = rows_options_from(args);
  return options;
}

/// A pair has one link and a gate that stands: its ways are others.
void require_mesh(const GroupSnapshot& snapshot) {
  if (snapshot.group.kind == GroupKind::multi_active) return;
  const std::string group = snapshot.group.name.value();
  throw Error(ErrorKind::precondition, "STOP_OF_A_PAIR",
              "group " + group +
                  " is a pair of primary and secondary: group stop and group start "
                  "are for multi-active groups",
              "bdrmesh dr status " + group + "; to stop its changefeed: bdrmesh link pause");
}

}  // namespace

PlannedOperation plan_stop_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                   const Json& args, const Call& call) {
  require_mesh(snapshot);
  PlannedOperation planned;
  const StopOptions options = options_from(snapshot, args);
  planned.plan = plan_group_stop(snapshot, tables_of_group(ports, snapshot, {}, call), options);
  std::vector<Tso> now;
  for (const ClusterName& name : snapshot.names())
    now.push_back(ports.world.tidb(name).current_tso(call));
  planned.outlook["expected_pause_ms"] = expected_pause(snapshot, now).count();
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  return planned;
}

PlannedOperation plan_start_request(const FlowPorts&, const GroupSnapshot& snapshot) {
  require_mesh(snapshot);
  std::map<ClusterName, std::string> held;
  const std::string owner = standing_owner(stopped_member_role(snapshot.group.name.value()));
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (seen.token && note_of(*seen.token, owner)) held[seen.name] = owner;
  }
  PlannedOperation planned;
  planned.plan = plan_group_start(snapshot, held);
  return planned;
}

}  // namespace bdrmesh::flows
