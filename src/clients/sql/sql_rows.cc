#include "clients/sql/sql_rows.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace bdrmesh {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

[[noreturn]] void bad_answer(const std::string& what) {
  throw Error(ErrorKind::invalid, "TIDB_BAD_ANSWER", "unexpected result set: " + what);
}

}  // namespace

std::optional<std::size_t> SqlRows::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (same_word(columns[i], name)) return i;
  }
  return std::nullopt;
}

std::string SqlRows::text(std::size_t row, std::size_t column) const {
  if (row >= rows.size() || column >= rows[row].size()) bad_answer("too few rows or columns");
  return rows[row][column].value_or("");
}

std::string SqlRows::text(std::size_t row, std::string_view column) const {
  const auto found = find_column(column);
  if (!found) bad_answer("no column '" + std::string(column) + "'");
  return text(row, *found);
}

std::string SqlRows::text_if_there(std::size_t row, std::string_view column) const {
  const auto found = find_column(column);
  return found ? text(row, *found) : std::string();
}

std::uint64_t SqlRows::number(std::size_t row, std::string_view column) const {
  const std::string cell = text(row, column);
  std::uint64_t value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stopped, problem] = std::from_chars(cell.data(), end, value);
  if (cell.empty() || problem != std::errc() || stopped != end) {
    bad_answer("column '" + std::string(column) + "' holds no unsigned integer");
  }
  return value;
}

}  // namespace bdrmesh
