#include "flows/ddl/seen_tables.h"

namespace bdrmesh::flows {

const std::optional<std::string>& SeenTables::definition(const TableName& table) {
  const auto known = read_.find(table);
  if (known != read_.end()) return known->second;
  return read_.emplace(table, tidb_.create_statement(table, call_)).first->second;
}

std::map<TableName, std::string> SeenTables::definitions(const std::vector<TableName>& tables) {
  std::map<TableName, std::string> found;
  for (const TableName& table : tables) {
    if (const std::optional<std::string>& text = definition(table)) found[table] = *text;
  }
  return found;
}

}  // namespace bdrmesh::flows
