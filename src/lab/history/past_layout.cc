#include "lab/history/past_layout.h"

#include <algorithm>

#include "lab/history/past_table.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{30'000};

bool is_one_of(const std::string& type, std::initializer_list<const char*> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// Exactly what sql_literal() of the binlog's values would give an INSERT.
std::string literal_expression(const PastColumn& column) {
  const std::string name = quote_name(column.name);
  std::string text;
  if (is_one_of(column.type, {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal"})) {
    text = name;
  } else if (is_one_of(column.type, {"float", "double", "bit", "enum", "set", "year"})) {
    text = is_one_of(column.type, {"float", "double"}) ? name + "+0e0" : name + "+0";
  } else if (is_one_of(column.type, {"date", "datetime", "timestamp", "time"})) {
    text = "QUOTE(" + name + ")";
  } else {
    text = "CONCAT('x''',HEX(" + name + "),'''')";
  }
  return "IFNULL(" + text + ",'NULL')";
}

std::vector<std::size_t> best_key(const PastLayout& layout,
                                  const std::vector<SqlSession::ResultRow>& parts) {
  // Rows: index, column, usable; PRIMARY comes first. The first index all of whose parts are
  // usable wins.
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < parts.size();) {
    const SqlSession::Cell index = parts[i][0];
    bool usable = true;
    key.clear();
    for (; i < parts.size() && parts[i][0] == index; ++i) {
      const auto column = std::find_if(layout.columns.begin(), layout.columns.end(),
                                       [&](const PastColumn& c) { return c.name == parts[i][1]; });
      usable = usable && parts[i][2] == "1" && column != layout.columns.end();
      if (usable) key.push_back(static_cast<std::size_t>(column - layout.columns.begin()));
    }
    if (usable) return key;
  }
  return {};
}

}  // namespace

std::string PastLayout::column_list() const {
  std::string list;
  for (const PastColumn& column : columns)
    list += (list.empty() ? "" : ",") + quote_name(column.name);
  return list;
}

std::string PastLayout::tuple_expression() const {
  std::string list;
  for (const PastColumn& column : columns)
    list += (list.empty() ? "" : ",") + literal_expression(column);
  return "CONCAT('(',CONCAT_WS(','," + list + "),')')";
}

PastLayout describe_table(SqlSession& session, const std::string& schema,
                          const std::string& table) {
  const std::string where =
      " WHERE c.table_schema=" + quote_text(schema) + " AND c.table_name=" + quote_text(table);
  PastLayout layout;
  for (const auto& row :
       session.query("SELECT c.column_name,c.data_type FROM information_schema.columns c" + where +
                         " AND IFNULL(c.generation_expression,'')='' ORDER BY c.ordinal_position",
                     kPatience)) {
    layout.columns.push_back({row[0].value_or(""), to_lower(row[1].value_or(""))});
  }
  layout.key = best_key(
      layout, session.query("SELECT c.index_name,c.column_name,c.sub_part IS NULL AND "
                            "IFNULL(c.nullable,'')<>'YES' FROM information_schema.statistics c" +
                                where +
                                " AND c.non_unique=0 ORDER BY c.index_name<>'PRIMARY',"
                                "c.index_name,c.seq_in_index",
                            kPatience));
  return layout;
}

std::string hidden_definition(const std::string& definition, const std::string& name) {
  const std::size_t body = definition.find(" (\n");
  if (body == std::string::npos) return "";
  std::string out = "CREATE TABLE " + quote_name(kPastSchema) + "." + quote_name(name) + " (";
  std::size_t at = body + 3;
  bool first = true;
  while (at < definition.size() && definition[at] == ' ') {
    std::size_t end = definition.find('\n', at);
    if (end == std::string::npos) end = definition.size();
    std::string line = definition.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == ',') line.pop_back();
    if (line.rfind("  CONSTRAINT ", 0) == 0 && line.find(" FOREIGN KEY ") != std::string::npos) {
      continue;
    }
    out += (first ? "\n" : ",\n") + line;
    first = false;
  }
  return out + "\n" + definition.substr(std::min(at, definition.size()));
}

}  // namespace bdrmesh::lab
