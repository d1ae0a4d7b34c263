#include "flows/verify/verify_kinds.h"

#include <algorithm>
#include <map>
#include <set>

#include "model/table_filter.h"

namespace bdrmesh::flows {
namespace {

template <class Number>
Number number_from(const Json& args, const char* key, Number fallback, Number least, Number most) {
  const auto value = get_or<Number>(args, key, fallback);
  if (value >= least && value <= most) return value;
  throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
              std::string(key) + " must lie between " + std::to_string(least) + " and " +
                  std::to_string(most));
}

Millis span_from(const Json& args, const char* key, Millis fallback, Millis most) {
  return Millis{number_from<std::int64_t>(args, key, fallback.count(), 1, most.count())};
}

std::vector<std::string> rules_from(const Json& args) {
  return get_or<std::vector<std::string>>(args, "tables", {});
}

using ListNames = std::vector<TableName> (TidbCluster::*)(const Call&);

/// What any member has, the group's rules match, and `wanted` too if there are any.
std::vector<TableName> names_of_group(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                      const std::vector<std::string>& wanted, ListNames list,
                                      const Call& call) {
  const TableFilter group(snapshot.group.tables);
  const TableFilter asked = wanted.empty() ? TableFilter() : TableFilter(wanted);
  std::set<TableName> names;
  for (const ClusterName& member : snapshot.names()) {
    for (const TableName& name : (ports.world.tidb(member).*list)(call)) {
      const bool ours = name.schema == kTokenSchema || name.schema == kMarkerSchema;
      if (!ours && group.matches(name) && asked.matches(name)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

VerifyRowsOptions rows_options_from(const Json& args) {
  VerifyRowsOptions options;
  const std::string mode = get_or<std::string>(args, "mode", "live");
  static const std::map<std::string, RowsMode> kModes{{"live", RowsMode::live},
                                                      {"snapshot", RowsMode::snapshot},
                                                      {"syncpoint", RowsMode::syncpoint}};
  const auto known = kModes.find(mode);
  if (known == kModes.end()) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "there is no mode '" + mode + "'",
                "modes: live, snapshot, syncpoint");
  }
  constexpr Millis kDay{86400000};
  options.mode = known->second;
  options.max_pause = span_from(args, "max_pause_ms", options.max_pause, kDay);
  options.hold_history = span_from(args, "hold_history_ms", options.hold_history, kDay * 30);
  options.patience = span_from(args, "patience_ms", options.patience, kDay);
  options.kill = get_or(args, "kill", false);
  options.readers = number_from<std::size_t>(args, "readers", options.readers, 1, 16);
  options.rows_per_second =
      number_from<std::uint64_t>(args, "rows_per_second", 0, 0, 1'000'000'000);
  options.max_load = number_from<std::uint64_t>(args, "max_load", 100, 1, 100);
  return options;
}

std::vector<TableName> tables_of_group(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                       const std::vector<std::string>& wanted, const Call& call) {
  return names_of_group(ports, snapshot, wanted, &TidbCluster::tables, call);
}

PlannedOperation plan_rows_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                   const Json& args, const Call& call) {
  const auto tables = tables_of_group(ports, snapshot, rules_from(args), call);
  PlannedOperation planned;
  VerifyRowsOptions options = rows_options_from(args);
  options.whole_group = rules_from(args).empty();
  planned.plan = plan_verify_rows(snapshot, tables, options);
  return planned;
}

PlannedOperation plan_schema_request(const FlowPorts& ports, const GroupSnapshot& snapshot,
                                     const Json& args, const Call& call) {
  const auto tables = tables_of_group(ports, snapshot, rules_from(args), call);
  std::vector<TableName> objects =
      names_of_group(ports, snapshot, rules_from(args), &TidbCluster::views_and_sequences, call);
  // What is a table somewhere is compared as one.
  std::erase_if(objects, [&](const TableName& name) {
    return std::ranges::find(tables, name) != tables.end();
  });
  PlannedOperation planned;
  planned.plan = plan_verify_schema(snapshot, tables, objects);
  return planned;
}

}  // namespace bdrmesh::flows
