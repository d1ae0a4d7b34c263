#include "lab/feed/table_keys.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{5000};

std::string text_literal(const std::string& text) {
  return sql_literal({Value::Kind::bytes, text});
}

/// Unique indexes over columns that are all NOT NULL, as (schema, table, index).
constexpr const char* kUsableKeys =
    "SELECT table_schema, table_name, index_name FROM information_schema.statistics"
    " WHERE non_unique = 0 GROUP BY table_schema, table_name, index_name"
    " HAVING SUM(nullable = 'YES') = 0";

}  // namespace

std::vector<TableFacts> tables_of(SqlSession& session, const TableFilter& filter) {
  const auto rows = session.query(
      std::string("SELECT t.table_schema, t.table_name, t.table_type,"
                  " MAX(k.index_name IS NOT NULL) FROM information_schema.tables t LEFT JOIN (") +
          kUsableKeys +
          ") k ON k.table_schema = t.table_schema AND k.table_name = t.table_name"
          " WHERE t.table_type IN ('BASE TABLE', 'VIEW')"
          " GROUP BY t.table_schema, t.table_name, t.table_type"
          " ORDER BY t.table_schema, t.table_name",
      kPatience);
  std::vector<TableFacts> tables;
  for (const auto& row : rows) {
    TableFacts facts{row[0].value_or(""), row[1].value_or(""), row[2] == "VIEW", row[3] == "1"};
    if (filter.matches(facts.schema, facts.name)) tables.push_back(std::move(facts));
  }
  return tables;
}

SqlSession& TableKeys::session() {
  if (!session_) session_.emplace(login_, kPatience);
  return *session_;
}

std::vector<std::string> TableKeys::columns_of_unique_key(const std::string& schema,
                                                          const std::string& table) {
  try {
    const auto rows = session().query(
        "SELECT index_name, column_name FROM information_schema.statistics s"
        " WHERE table_schema = " +
            text_literal(schema) + " AND table_name = " + text_literal(table) +
            " AND non_unique = 0 AND NOT EXISTS (SELECT 1 FROM information_schema.statistics n"
            " WHERE n.table_schema = s.table_schema AND n.table_name = s.table_name"
            " AND n.index_name = s.index_name AND n.nullable = 'YES')"
            " ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index",
        kPatience);
    std::vector<std::string> columns;
    for (const auto& row : rows) {
      if (row[0] == rows[0][0]) columns.push_back(row[1].value_or(""));
    }
    return columns;
  } catch (const Error&) {
    session_.reset();
    throw;
  }
}

const RowKey& TableKeys::key_of(const TableMap& map) {
  if (!map.primary_key.empty()) return map.primary_key;
  const auto name = std::make_pair(map.schema, map.name);
  const auto known = known_.find(name);
  if (known != known_.end() && known->second.first == map.columns.size()) {
    return known->second.second;
  }
  RowKey key;
  for (const std::string& column : columns_of_unique_key(map.schema, map.name)) {
    const auto found = std::find_if(map.columns.begin(), map.columns.end(),
                                    [&](const Column& c) { return c.name == column; });
    if (found == map.columns.end()) {
      key.clear();  // the table changed since: then it had no such key
      break;
    }
    key.push_back(static_cast<std::size_t>(found - map.columns.begin()));
  }
  auto& entry = known_[name];
  entry = {map.columns.size(), std::move(key)};
  return entry.second;
}

std::optional<bool> TableKeys::has_key(const std::string& schema, const std::string& table) {
  try {
    const auto rows =
        session().query("SELECT table_type FROM information_schema.tables WHERE table_schema = " +
                            text_literal(schema) + " AND table_name = " + text_literal(table),
                        kPatience);
    if (rows.empty()) return std::nullopt;
    if (rows[0][0] == "VIEW") return true;
  } catch (const Error&) {
    session_.reset();
    throw;
  }
  return !columns_of_unique_key(schema, table).empty();
}

}  // namespace bdrmesh::lab
