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
  bool replace = false;       ///< may have been delivered before: REPLACE, and updates split
  bool keyless = false;       ///< `key` is all columns, and several rows may be equal
  bool moves_unique = false;  ///< another unique value changes: earlier rows must be there first
};

/// A statement, and the same with `?` for its values, as errors show it.
struct RowStatement {
  std::string sql;
  std::string shape;
  std::size_t first = 0;  ///< of the changes that it writes
  std::size_t rows = 0;
};

struct RowSqlOptions {
  bool batch = true;                     ///< batch-dml-enable: several rows in one statement
  std::size_t rows_per_statement = 256;  ///< at most
  std::size_t updates_per_statement = 40;
};

/// The statements for `changes`, in their order; neighbours of one kind and table share a
/// statement. Several updates become one with CASE, where the column types allow it exactly.
std::vector<RowStatement> row_statements(const std::vector<KeyedChange>& changes,
                                         const RowSqlOptions& options = {});

/// The values that a statement carries, as new TiCDC shows them in errors: `[3 3 3]` per row.
std::string shown_values(const std::vector<KeyedChange>& changes, const RowStatement& statement,
                         const char* between);

/// An identifier in backticks.
std::string quoted(const std::string& identifier);

}  // namespace bdrmesh::lab
