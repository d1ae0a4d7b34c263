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

/// The primary key first.
std::vector<TableKeys::Index> TableKeys::unique_indexes(const std::string& schema,
                                                        const std::string& table) {
  std::vector<Index> indexes;
  std::optional<std::string> current;
  try {
    for (const auto& row : session().query(
             "SELECT index_name, column_name, nullable FROM information_schema.statistics"
             " WHERE table_schema = " +
                 text_literal(schema) + " AND table_name = " + text_literal(table) +
                 " AND non_unique = 0 ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index",
             kPatience)) {
      if (row[0] != current) indexes.emplace_back();
      current = row[0];
      indexes.back().columns.push_back(row[1].value_or(""));
      indexes.back().nullable = indexes.back().nullable || row[2] == "YES";
    }
  } catch (const Error&) {
    session_.reset();
    throw;
  }
  return indexes;
}

const TableKeySet& TableKeys::keys_of(const TableMap& map) {
  const auto name = std::make_pair(map.schema, map.name);
  const auto known = known_.find(name);
  if (known != known_.end() && known->second.first == map.columns.size()) {
    return known->second.second;
  }
  TableKeySet keys;
  keys.handle = map.primary_key;
  if (!keys.handle.empty()) keys.uniques.push_back(keys.handle);
  for (const Index& index : unique_indexes(map.schema, map.name)) {
    RowKey key;
    for (const std::string& column : index.columns) {
      const auto found = std::find_if(map.columns.begin(), map.columns.end(),
                                      [&](const Column& c) { return c.name == column; });
      if (found == map.columns.end()) break;
      key.push_back(static_cast<std::size_t>(found - map.columns.begin()));
    }
    if (key.size() != index.columns.size()) continue;  // the table changed since
    if (keys.handle.empty() && !index.nullable) keys.handle = key;
    if (std::find(keys.uniques.begin(), keys.uniques.end(), key) == keys.uniques.end()) {
      keys.uniques.push_back(std::move(key));
    }
  }
  auto& entry = known_[name];
  entry = {map.columns.size(), std::move(keys)};
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
  const std::vector<Index> indexes = unique_indexes(schema, table);
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const Index& index) { return !index.nullable; });
}

}  // namespace bdrmesh::lab
