// Whether a DDL job is about a table or schema: job rows print names in lower case, and those of
// several as `a,b` (tidb-sql §4.1). Pure, functions only.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "clients/tidb_cluster.h"

namespace bdrmesh::flows {

inline bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Whether the list, or all of it as one name, is `name`.
inline bool lists_name(std::string_view list, std::string_view name) {
  if (same_word(list, name)) return true;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = list.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (same_word(one, name)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

inline bool is_about_schema(const DdlJob& job, const std::string& schema) {
  return lists_name(job.schema, schema);
}

inline bool is_about(const DdlJob& job, const TableName& table) {
  return is_about_schema(job, table.schema) && lists_name(job.table, table.table);
}

}  // namespace bdrmesh::flows
