// Reads recorded answers below tests/data, and the tables that a mysql client prints.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "clients/sql/sql_rows.h"

namespace bdrmesh::test {

inline std::string read_data(const std::filesystem::path& file) {
  std::ifstream in(std::filesystem::path(BDR_TEST_DATA) / file, std::ios::binary);
  if (!in) throw std::runtime_error("no test data: " + file.string());
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The cells of a line such as `| a | b |`; NULL becomes std::nullopt.
inline std::vector<std::optional<std::string>> cells_of(const std::string& line) {
  std::vector<std::optional<std::string>> cells;
  std::size_t from = 1;
  for (std::size_t bar = line.find('|', from); bar != std::string::npos;
       bar = line.find('|', from)) {
    std::string cell = line.substr(from, bar - from);
    const std::size_t begin = cell.find_first_not_of(' ');
    cell = begin == std::string::npos ? ""
                                      : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
    cells.push_back(cell == "NULL" ? std::nullopt : std::optional(cell));
    from = bar + 1;
  }
  return cells;
}

/// Every table of a recorded terminal session.
inline std::vector<SqlRows> tables_in(const std::string& text) {
  std::vector<SqlRows> tables;
  std::istringstream lines(text);
  int rules = 0;  // a table has three: above the header, below it, at the end
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
    if (line.starts_with("+-")) {
      rules = rules % 3 + 1;
      if (rules == 1) tables.emplace_back();
    } else if (line.starts_with("|") && rules == 1) {
      for (const auto& cell : cells_of(line))
        tables.back().columns.push_back(cell.value_or("NULL"));
    } else if (line.starts_with("|") && rules == 2) {
      // A cell with a line break takes several lines: such a row cannot be told apart, it is left
      // out.
      auto cells = cells_of(line);
      if (cells.size() == tables.back().columns.size())
        tables.back().rows.push_back(std::move(cells));
    } else if (rules != 2) {
      rules = 0;
    }
  }
  return tables;
}

}  // namespace bdrmesh::test
