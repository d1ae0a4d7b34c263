// One column of the engine's SHOW CREATE TABLE in TiDB's form. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/schema/features.h"

namespace bdrmesh::lab {

struct TableCharset {
  std::string charset;
  std::string collation;
};

/// `utf8mb3` is `utf8` in TiDB, alone and in front of a collation.
std::string tidb_charset_name(std::string name);
bool is_default_collation(const std::string& charset, const std::string& collation);

/// An expression of the engine as TiDB restores it: `json_extract(j, _utf8mb4'$.a')`.
std::string tidb_expression(const std::string& text);

/// @param line    without blanks in front and comma behind.
/// @param checks  conditions that stand in the column's line and are constraints of the table in
/// TiDB.
std::string tidb_column(const std::string& line, const TableCharset& table,
                        const TableFeatures& features, std::vector<std::string>& checks);

}  // namespace bdrmesh::lab
