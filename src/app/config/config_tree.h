// A TOML document as plain values that know their line: keeps the parser's heavy header out of
// everybody else. Values; thread-safe as values are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"

namespace bdrmesh {

struct ConfigNode {
  enum class Type { table, array, text, integer, number, boolean, date };

  Type type = Type::table;
  int line = 0;
  std::string key;  ///< empty for items of arrays
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<ConfigNode> children;  ///< members of a table, items of an array

  const ConfigNode* find(std::string_view wanted) const;
};

/// `a text`, `an integer`, ...: for messages.
std::string_view in_words(ConfigNode::Type type);

/// Reads TOML. A syntax error becomes the only problem; its message never shows the value of a line
/// that names a password.
/// @return a table; empty when there was a problem.
ConfigNode parse_toml(std::string_view text, std::vector<ConfigProblem>& problems);

}  // namespace bdrmesh
