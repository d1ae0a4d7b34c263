#include "lab/cdc/api_tables.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "lab/changes/position_sampler.h"
#include "lab/feed/api_error.h"
#include "lab/feed/table_keys.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{5000};

/// Stable and unlikely to meet another one's.
std::int64_t number_of(const std::string& schema, const std::string& table) {
  const std::size_t hash = std::hash<std::string>{}(schema + "." + table);
  return static_cast<std::int64_t>(hash % 1000000 + 1000);
}

/// What information_schema tells beyond keys: sequences, which TiCDC lists but never reads, and
/// partitions.
void add_kinds(SqlSession& session, const TableFilter& filter, std::vector<NumberedTable>& tables) {
  const auto rows = session.query(
      "SELECT table_schema, table_name, table_type, IFNULL(create_options, '')"
      " FROM information_schema.tables",
      kPatience);
  for (const auto& row : rows) {
    const std::string schema = row[0].value_or("");
    const std::string name = row[1].value_or("");
    const auto known = std::find_if(tables.begin(), tables.end(), [&](const NumberedTable& table) {
      return table.schema == schema && table.name == name;
    });
    if (known != tables.end()) {
      known->is_partitioned = row[3]->find("partitioned") != std::string::npos;
    } else if (row[2] == "SEQUENCE" && filter.matches(schema, name)) {
      tables.push_back({schema, name, number_of(schema, name), false, true, false, false});
    }
  }
}

}  // namespace

std::vector<NumberedTable> numbered_tables(const ClusterState& cluster,
                                           const ReplicaConfig& config) {
  const TableFilter filter(config.rules, config.case_sensitive);
  SqlSession session(engine_login(cluster), kPatience);
  std::vector<NumberedTable> tables;
  for (const TableFacts& table : tables_of(session, filter)) {
    tables.push_back({table.schema, table.name, number_of(table.schema, table.name), table.is_view,
                      false, false, table.has_key});
  }
  add_kinds(session, filter, tables);
  std::sort(tables.begin(), tables.end(), [](const NumberedTable& a, const NumberedTable& b) {
    return std::tie(a.schema, a.name) < std::tie(b.schema, b.name);
  });
  return tables;
}

std::vector<std::int64_t> replicated_table_ids(const ClusterState& cluster,
                                               const ReplicaConfig& config) {
  std::vector<std::int64_t> ids;
  for (const NumberedTable& table : numbered_tables(cluster, config)) {
    if (table.has_key && !table.is_view) ids.push_back(table.id);
  }
  return ids;
}

void require_eligible_tables(const ClusterState& cluster, const ReplicaConfig& config) {
  std::string names;
  for (const NumberedTable& table : numbered_tables(cluster, config)) {
    if (table.is_eligible() || table.is_sequence) continue;
    names += (names.empty() ? "" : " ") + table.schema + "." + table.name;
  }
  if (names.empty() || config.force_replicate || config.ignore_ineligible_table) return;
  throw ApiError(400, "CDC:ErrTableIneligible",
                 "some tables are not eligible to replicate([" + names +
                     "]), if you want to ignore these tables, please set ignore_ineligible_table "
                     "to true");
}

}  // namespace bdrmesh::lab
