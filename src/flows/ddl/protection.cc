#include "flows/ddl/protection.h"

#include <algorithm>

#include "model/table_filter.h"

namespace bdrmesh::flows {
namespace {

bool takes_rows(ddl::Kind kind) {
  switch (kind) {
    case ddl::Kind::drop_schema:
    case ddl::Kind::drop_table:
    case ddl::Kind::truncate_table:
    case ddl::Kind::drop_partition:
    case ddl::Kind::truncate_partition:
      return true;
    default:
      return false;
  }
}

bool takes_rows(const ddl::Statement& statement) {
  return takes_rows(statement.kind) ||
         std::ranges::any_of(statement.clauses, [](ddl::Kind kind) { return takes_rows(kind); });
}

}  // namespace

std::vector<std::string> names_to_type(const std::vector<ddl::Statement>& script,
                                       const GroupSpec& group,
                                       const std::vector<std::string>& typed) {
  std::vector<std::string> names;
  if (group.protected_tables.empty()) return names;
  const TableFilter protects(group.protected_tables);
  const auto is_among = [](const std::vector<std::string>& all, const std::string& name) {
    return std::ranges::find(all, name) != all.end();
  };
  const auto want = [&](const std::string& name) {
    if (!is_among(names, name) && !is_among(typed, name)) names.push_back(name);
  };
  for (const ddl::Statement& one : script) {
    if (!takes_rows(one)) continue;
    for (const std::string& schema : one.schemas) {
      if (protects.matches_schema(schema)) want(schema);
    }
    for (const TableName& table : one.tables) {
      if (protects.matches(table)) want(to_string(table));
    }
  }
  return names;
}

}  // namespace bdrmesh::flows
