// Statements that write rows downstream as TiCDC's MySQL sink does (ticdc-api §5.5). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lab/changes/upstream_reader.h"

namespace bdrmesh::lab {

/// Columns that tell the rows of a table apart, as indexes into its columns.
using RowKey = std::vector<std::size_t>;

struct KeyedChange {
  RowChange change;
  RowKey key;
  bool replace = false;  ///< may have been delivered before: REPLACE, and updates split
};

/// A statement, and the same with `?` for its values, as errors show it.
struct RowStatement {
  std::string sql;
  std::string shape;
};

/// The statements for `changes`, in their order; neighbours of one kind and table share a
/// statement.
std::vector<RowStatement> row_statements(const std::vector<KeyedChange>& changes);

/// An identifier in backticks.
std::string quoted(const std::string& identifier);

}  // namespace bdrmesh::lab
