// What a change of a table wants of the rows that are there. Values.
#pragma once

#include <string>
#include <vector>

#include "model/names.h"

namespace bdrmesh {

struct RowNeed {
  enum class Kind {
    unique,    ///< no two rows agree in all columns; rows with a NULL among them do not count
    not_null,  ///< no column is NULL
    length,    ///< the column has at most `high` characters
    between,   ///< the column lies between `low` and `high`, numbers
  };
  TableName table;
  Kind kind = Kind::unique;
  std::vector<std::string> columns;  ///< one for length and between
  std::string low{};
  std::string high{};
  bool operator==(const RowNeed&) const = default;
};

}  // namespace bdrmesh
