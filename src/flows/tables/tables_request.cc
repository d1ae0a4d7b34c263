// From a request to change a group's tables to its plan: which rules, which tables, who is in the
// way.
#include <algorithm>
#include <set>

#include "flows/gate/blockers.h"
#include "flows/link/link_changes.h"
#include "flows/require.h"
#include "flows/seen.h"
#include "flows/tables/tables_change.h"
#include "flows/verify/verify_kinds.h"
#include "model/table_filter.h"

namespace bdrmesh::flows {
namespace {

/// Of any member: what only one side takes.
void sort_tables(const FlowPorts& ports, const GroupSnapshot& snapshot, TablesChange& change,
                 const Call& call) {
  const TableFilter before(change.rules.carried);
  const TableFilter wanted(snapshot.group.tables);
  std::set<TableName> entering;
  std::set<TableName> leaving;
  for (const ClusterName& member : snapshot.names()) {
    for (const TableName& table : ports.world.tidb(member).tables(call)) {
      if (table.schema == kTokenSchema || table.schema == kMarkerSchema) continue;
      const bool was = before.matches(table);
      const bool will = wanted.matches(table);
      if (will && !was) entering.insert(table);
      if (was && !will) leaving.insert(table);
    }
  }
  change.entering.assign(entering.begin(), entering.end());
  change.leaving.assign(leaving.begin(), leaving.end());
}

Millis pause_from(const Json& args, const char* key, Millis fallback) {
  const Millis value{get_or<std::int64_t>(args, key, fallback.count())};
  if (value >= Millis{1} && value <= Millis{3'600'000}) return value;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              std::string(key) + " must lie between 1 ms and an hour");
}

TablesOptions options_from(const Json& args) {
  TablesOptions options;
  options.max_pause = pause_from(args, "max_pause_ms", options.max_pause);
  options.grace = pause_from(args, "txn_wait_ms", options.grace);
  options.kill = get_or(args, "kill", false);
  options.accept_unproven = get_or(args, "accept_unproven", false);
  options.rows = rows_options_from(args);
  return options;
}

Json names_of(const std::vector<TableName>& tables) {
  Json names = Json::array();
  for (const TableName& table : tables) names.push_back(to_string(table));
  return names;
}

/// The pause waits for the slowest link and for changefeeds to stop and begin, one after the other
/// on each TiCDC.
Millis expected_pause(const FlowPorts& ports, const GroupSnapshot& snapshot, const Call& call) {
  static constexpr Millis kGatesAndSweep{400};
  static constexpr Millis kHandOver{1200};
  Millis slowest{0};
  std::size_t most = 0;
  for (const ClusterName& name : snapshot.names()) {
    const Tso now = ports.world.tidb(name).current_tso(call);
    const std::vector<LinkSnapshot> outgoing = snapshot.outgoing(name);
    most = std::max(most, outgoing.size());
    for (const LinkSnapshot& link : outgoing) {
      if (link.feed) slowest = std::max(slowest, lag_between(link.feed->checkpoint, now));
    }
  }
  return slowest + kGatesAndSweep + kHandOver * static_cast<std::int64_t>(most);
}

}  // namespace

PlannedOperation group_tables_request(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupName name(get_or<std::string>(args, "group", ""));
  GroupSnapshot snapshot = look_at_group(ports, name, call);
  refuse_held_by_others(ports, snapshot);
  require_feeds(snapshot, snapshot.links);
  look_at_feeds(ports, snapshot, call);
  const std::optional<RuleChange> rules = changed_rules(snapshot);
  require_named(snapshot, rules, get_or<std::vector<std::string>>(args, "add", {}),
                get_or<std::vector<std::string>>(args, "remove", {}));
  TablesChange change;
  change.rules = *rules;
  sort_tables(ports, snapshot, change, call);

  PlannedOperation planned{plan_tables_change(ports.desired, snapshot, change, options_from(args)),
                           Json::object(), seen_of(ports.desired, snapshot)};
  planned.outlook["entering"] = names_of(change.entering);
  planned.outlook["leaving"] = names_of(change.leaving);
  planned.outlook["expected_pause_ms"] = expected_pause(ports, snapshot, call).count();
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
  planned.outlook["expected_pause_rests_on"] =
      Json::array({"the lag of the slowest link now", "400 ms for gates and looks",
                   "1.2 s for each changefeed of one TiCDC to stop and begin",
                   "transactions in the way come on top"});
  planned.outlook["blockers"] = blockers_of(ports, snapshot.names(), change.entering, call);
  return planned;
}

}  // namespace bdrmesh::flows
