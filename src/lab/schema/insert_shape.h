// What an INSERT or REPLACE says about one column. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

struct InsertShape {
  bool names_value = false;  ///< a value other than DEFAULT, NULL and 0; a parameter is none
  std::uint64_t rows = 1;    ///< at most so many are inserted
};

/// @param ordinal  of the column in the table, for statements without a list of columns.
InsertShape insert_shape(const Statement& statement, const std::string& column,
                         std::size_t ordinal);

}  // namespace bdrmesh::lab
