// A result set as values: copied from the connector at once, so that nothing of it outlives its
// statement. Columns are found by name, whatever their case: versions differ in number and order
// (tidb-sql §4.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh {

struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;

  std::size_t size() const { return rows.size(); }
  bool empty() const { return rows.empty(); }
  bool has_column(std::string_view name) const { return find_column(name).has_value(); }

  /// @return the text of a cell; NULL reads as the empty text.
  /// @throws Error invalid `TIDB_BAD_ANSWER` when there is no such row or column.
  std::string text(std::size_t row, std::string_view column) const;
  /// The same by position, for answers whose column names vary.
  std::string text(std::size_t row, std::size_t column) const;
  /// The text, or the empty text when the version has no such column.
  std::string text_if_there(std::size_t row, std::string_view column) const;
  /// @throws Error invalid `TIDB_BAD_ANSWER` when the cell is no unsigned integer.
  std::uint64_t number(std::size_t row, std::string_view column) const;

 private:
  std::optional<std::size_t> find_column(std::string_view name) const;
};

}  // namespace bdrmesh
