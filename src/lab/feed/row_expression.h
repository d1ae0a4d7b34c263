// A condition over the values of one row, as expression filters use it: comparisons of columns with
// literals, IN, IS NULL, AND, OR, NOT and parentheses (ticdc-api §1.6). Functions and arithmetic
// are not known. Immutable.
#pragma once

#include <memory>
#include <string>

#include "lab/binlog/rows.h"

namespace bdrmesh::lab {

class RowExpression {
 public:
  /// @param text  empty: never holds.
  /// @throws ApiError 400 CDC:ErrExpressionParseFailed.
  explicit RowExpression(const std::string& text);
  ~RowExpression();

  /// Unknown counts as false, as in WHERE. A column that the table lacks makes it false.
  bool holds(const TableMap& table, const Row& row) const;

  struct Node;

 private:
  std::unique_ptr<const Node> root_;
};

}  // namespace bdrmesh::lab
