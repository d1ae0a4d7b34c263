// Rows as a derived table: `(SELECT .. AS a, .. AS b UNION ALL SELECT ..)`. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

class RowsText {
 public:
  explicit RowsText(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Values are SQL expressions, as many as there are columns.
  void add(const std::vector<std::string>& values) {
    text_ += text_.empty() ? "SELECT " : " UNION ALL SELECT ";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      text_ += (i == 0 ? "" : ",") + values.at(i) + " AS " + quote_name(columns_[i]);
    }
  }

  /// Without rows the columns stay.
  std::string text() const {
    if (!text_.empty()) return "(" + text_ + ")";
    RowsText none(columns_);
    none.add(std::vector<std::string>(columns_.size(), "NULL"));
    return "(" + none.text_ + " LIMIT 0)";
  }

 private:
  std::vector<std::string> columns_;
  std::string text_;
};

}  // namespace bdrmesh::lab
