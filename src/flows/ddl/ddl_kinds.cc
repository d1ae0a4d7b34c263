#include "flows/ddl/ddl_kinds.h"

#include "ddl/view.h"
#include "flows/ddl/ddl_plan.h"
#include "flows/ddl/dead_member.h"
#include "flows/ddl/paused_ddl.h"
#include "flows/ddl/protection.h"
#include "flows/dr/failover_steps.h"
#include "flows/gate/blockers.h"
#include "flows/seen.h"
#include "flows/survivors.h"

namespace bdrmesh::flows {
namespace {

Error bad_argument(const std::string& what, const std::string& remedy) {
  return {ErrorKind::invalid, "BAD_ARGUMENT", what, remedy};
}

Millis millis_from(const Json& args, const char* key, Millis fallback) {
  const Millis value{get_or<std::int64_t>(args, key, fallback.count())};
  if (value >= Millis{1} && value <= Millis{86400000}) return value;
  throw bad_argument(std::string(key) + " must lie between 1 ms and a day", "");
}

std::optional<ddl::Strategy> strategy_from(const Json& args) {
  const std::string word = get_or<std::string>(args, "strategy", "");
  if (word.empty()) return std::nullopt;
  const auto strategy = ddl::strategy_from(word);
  if (strategy) return strategy;
  throw bad_argument("there is no strategy '" + word + "'",
                     "strategies: replicated, everywhere, paused");
}

DdlOptions options_from(const Json& args) {
  DdlOptions options;
  options.schema = get_or<std::string>(args, "schema", "");
  options.max_pause = millis_from(args, "max_pause_ms", options.max_pause);
  options.grace = millis_from(args, "txn_wait_ms", options.grace);
  options.kill = get_or(args, "kill", false);
  options.undo = get_or<std::string>(args, "undo", "");
  options.strategy = strategy_from(args);
  return options;
}

const GroupSpec& group_of(const Desired& desired, const Json& args) {
  const std::string name = get_or<std::string>(args, "group", "");
  if (name.empty()) throw bad_argument("the request names no group", "give args.group");
  return desired.group(GroupName(name));
}

/// The feed of a pair carries every DDL by itself.
void refuse_ddl_of_pair(const GroupSpec& group) {
  if (group.kind != GroupKind::primary_secondary) return;
  throw Error(
      ErrorKind::precondition, "DDL_OF_A_PAIR",
      "group " + group.name.value() + " is a pair: its changefeed carries schema changes by itself",
      "run the statement on " + group.members.front().value() + ", which is the primary");
}

void refuse_living(const FlowPorts& ports, const ClusterName& member, const Call& call) {
  static constexpr Millis kPatience{2000};
  const std::vector<std::string> signs = signs_of_life(ports, member, kPatience, call);
  if (signs.empty()) return;
  throw Error(
      ErrorKind::precondition, "MEMBER_ANSWERS",
      member.value() + " is not dead: " + signs.front() + " answered just now",
      "leave --without-member out: a member that answers takes part in every schema change");
}

/// The members that take part; a dead one is left out of them, and described in `options`.
GroupSnapshot look_at_takers(const FlowPorts& ports, const GroupName& name, const Json& args,
                             DdlOptions& options, const Call& call) {
  const std::string without = get_or<std::string>(args, "without_member", "");
  if (without.empty()) {
    GroupSnapshot snapshot = look_at_group(ports, name, call);
    refuse_held_by_others(ports, snapshot);
    return snapshot;
  }
  const ClusterName lost = ports.desired.cluster(ClusterName(without)).name;
  GroupSnapshot survivors = look_at_survivors(ports, name, lost, call);
  refuse_living(ports, lost, call);
  // Feeds and roles of a mesh that is not whole carry nothing safely.
  options.strategy = ddl::Strategy::paused;
  options.dead = dead_member(ports.desired, survivors, lost);
  return survivors;
}

std::vector<TableName> tables_of(const std::vector<ddl::Statement>& script) {
  std::vector<TableName> tables;
  for (const ddl::Statement& one : script)
    tables.insert(tables.end(), one.tables.begin(), one.tables.end());
  return tables;
}

/// The script is judged by the definitions that the first member has now.
Json seen_definitions(SeenTables& seen, const std::vector<TableName>& tables) {
  Json all = Json::object();
  for (const TableName& table : tables) {
    const std::optional<std::string>& text = seen.definition(table);
    all[seen.cluster().value() + ".table." + to_string(table)] =
        text ? settled_definition(*text) : "not there";
  }
  return all;
}

void expect_pause(const FlowPorts& ports, const GroupSnapshot& snapshot, PlannedOperation& planned,
                  const Call& call) {
  std::vector<Tso> now;
  for (const ClusterName& name : snapshot.names())
    now.push_back(ports.world.tidb(name).current_tso(call));
  planned.outlook["expected_pause_ms"] = expected_pause(snapshot, now).count();
  planned.plan.subject["expected_pause_ms"] = planned.outlook["expected_pause_ms"];
}

}  // namespace

PlannedOperation ddl_run(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupSpec& group = group_of(ports.desired, args);
  refuse_ddl_of_pair(group);
  DdlOptions options = options_from(args);
  const GroupSnapshot snapshot = look_at_takers(ports, group.name, args, options, call);
  SeenTables seen(ports, snapshot.names().front(), call);
  const auto script = with_strategies(
      classify_for_group(seen, snapshot, get_or<std::string>(args, "script", ""), options),
      options);
  PlannedOperation planned{plan_ddl(snapshot, script, options), Json::object(),
                           seen_of(ports.desired, snapshot)};
  if (pauses(script)) expect_pause(ports, snapshot, planned, call);
  Json classification = Json::array();
  for (const ddl::Statement& statement : script) classification.push_back(ddl::to_json(statement));
  const std::vector<TableName> tables = tables_of(script);
  planned.outlook["classification"] = classification;
  planned.outlook["blockers"] = blockers_of(ports, snapshot.names(), tables, call);
  planned.outlook["names_to_type"] =
      names_to_type(script, group, get_or(args, "confirm", std::vector<std::string>{}));
  planned.seen.update(seen_definitions(seen, tables));
  return planned;
}

}  // namespace bdrmesh::flows
