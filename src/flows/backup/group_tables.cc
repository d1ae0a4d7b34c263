#include "flows/backup/group_tables.h"

#include <algorithm>

#include "model/table_filter.h"

namespace bdrmesh::flows {

std::vector<TableName> group_tables(const GroupSpec& group, TidbCluster& tidb, const Call& call) {
  const TableFilter filter(group.tables);
  std::vector<TableName> found = tidb.tables(call);
  std::erase_if(found, [&](const TableName& table) {
    return table.schema == kTokenSchema || table.schema == kMarkerSchema || !filter.matches(table);
  });
  return found;
}

std::string listed(const std::vector<TableName>& tables) {
  constexpr std::size_t kNamed = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(tables.size(), kNamed); ++i)
    text += (i == 0 ? "" : ", ") + to_string(tables[i]);
  if (tables.size() <= kNamed) return text;
  return text + " and " + std::to_string(tables.size() - kNamed) + " more";
}

}  // namespace bdrmesh::flows
