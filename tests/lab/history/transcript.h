// A recorded session with a real server: who said what, and the answer. Sections begin with `-- `.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bdrmesh::lab {

struct Exchange {
  std::string section;
  std::string who;
  std::string statement;
  std::string error;  ///< as TestClient::error_of() has it
  bool has_rows = false;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string warning;  ///< `1292 text`
};

/// `| a | b |` into its cells.
inline std::vector<std::string> table_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    if (begin == std::string::npos) {
      cells.emplace_back();
    } else {
      cells.push_back(cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
    }
  }
  if (!cells.empty() && cells.back().empty()) cells.pop_back();
  return cells;
}

inline std::vector<Exchange> read_transcript(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/" + name);
  if (!in) throw std::runtime_error("no fixture " + name);
  std::vector<Exchange> all;
  std::string section;
  bool first_row = true;
  for (std::string line; std::getline(in, line);) {
    const std::size_t prompt = line.find("> ");
    const bool is_prompt = prompt != std::string::npos && prompt < 6 && line[0] >= 'a';
    if (line.rfind("-- ", 0) == 0) {
      section = line.substr(3);
    } else if (is_prompt) {
      Exchange said;
      said.section = section;
      said.who = line.substr(0, prompt);
      said.statement = line.substr(prompt + 2);
      all.push_back(said);
      first_row = true;
    } else if (all.empty() || line.empty() || line[0] == '+') {
      continue;
    } else if (line[0] == '|') {
      for (std::string more; line.back() != '|' && std::getline(in, more);) line += "\n" + more;
      all.back().has_rows = true;
      (first_row ? all.back().columns : all.back().rows.emplace_back()) = table_cells(line);
      first_row = false;
    } else if (line.rfind("ERROR ", 0) == 0) {
      // ERROR 1105 (HY000): text
      const std::size_t state = line.find('(');
      all.back().error =
          line.substr(6, state - 6) + line.substr(state + 1, 5) + " " + line.substr(state + 9);
    } else if (line.rfind("Warning (Code ", 0) == 0) {
      const std::size_t end = line.find(')');
      all.back().warning = line.substr(14, end - 14) + " " + line.substr(end + 3);
    }
  }
  return all;
}

}  // namespace bdrmesh::lab
