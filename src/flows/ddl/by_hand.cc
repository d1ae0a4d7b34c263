#include "flows/ddl/by_hand.h"

#include <algorithm>

#include "verify/schema_compare.h"

namespace bdrmesh::flows {
namespace {

using Definition = std::optional<std::string>;

bool differ(const TableName& table, const Definition& one, const Definition& other) {
  const auto differences = verify::compare_definitions(
      {{ClusterName("one"), one}, {ClusterName("other"), other}}, table);
  return std::ranges::any_of(differences, [](const verify::SchemaDifference& difference) {
    return difference.severity == verify::Severity::differs;
  });
}

Definition kept(const Json& left, const TableName& table) {
  const auto found = left.find(to_string(table));
  if (found == left.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

Json definitions_on(const FlowPorts& ports, const ClusterName& cluster,
                    const std::vector<TableName>& tables, const Call& call) {
  Json all = Json::object();
  for (const TableName& table : tables) {
    const Definition now = ports.world.tidb(cluster).create_statement(table, call);
    all[to_string(table)] = now ? Json(*now) : Json();
  }
  return all;
}

bool made_by_hand(const FlowPorts& ports, const ClusterName& cluster, const ClusterName& changed,
                  const std::vector<TableName>& tables, const Json& left, const Call& call) {
  bool has_changed = false;
  for (const TableName& table : tables) {
    const Definition now = ports.world.tidb(cluster).create_statement(table, call);
    if (differ(table, now, ports.world.tidb(changed).create_statement(table, call))) return false;
    has_changed = has_changed || differ(table, now, kept(left, table));
  }
  return has_changed;
}

}  // namespace bdrmesh::flows
