// What SHOW CREATE prints: the engine's text in TiDB's words, with what only TiDB has (tidb-sql
// §4.3, measured A21). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/schema/features.h"

namespace bdrmesh::lab {

/// @param definition  the engine's SHOW CREATE TABLE.
std::string tidb_create_table(std::string_view definition, const TableFeatures& features);
/// @param columns  names of the view's columns.
std::string tidb_create_view(std::string_view definition, const std::vector<std::string>& columns);
/// @param placement  the schema's policy, or "".
std::string tidb_create_schema(std::string_view definition, const std::string& placement);

}  // namespace bdrmesh::lab
