// The tables that a query reads, with their places in it. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

/// One table in a FROM clause; places are indexes of tokens.
struct TableRef {
  ObjectName name;
  std::size_t first = 0;
  std::size_t last = 0;  ///< of the name
  bool has_alias = false;
  /// `AS OF TIMESTAMP expression`: from the AS to behind the expression.
  struct AsOf {
    std::size_t first = 0;
    std::size_t expression = 0;
    std::size_t end = 0;
  };
  std::optional<AsOf> as_of;
};

/// In the order of the text; names of common table expressions are left out.
std::vector<TableRef> table_refs(const std::vector<Token>& tokens);

/// A reference `schema.table.column`: the places of `schema` and of the dot behind it are to go
/// when that table is replaced.
/// @return true when the tokens at `i` begin such a reference to `table`.
bool is_column_of(const std::vector<Token>& tokens, std::size_t i, const ObjectName& table);

}  // namespace bdrmesh::lab
