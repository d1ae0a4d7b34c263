#include "lab/parse/product_rows.h"

#include <algorithm>
#include <array>

namespace bdrmesh::lab {

namespace {

constexpr std::string_view kReading = "/* bdrmesh:verify */";
constexpr std::string_view kRepair = "/* bdrmesh:repair */";

constexpr std::array<std::string_view, 13> kFunctions = {
    "count",  "sum",    "cast",   "conv",      "substring", "sha1",       "hex",
    "length", "isnull", "concat", "concat_ws", "values",    "char_length"};
constexpr std::array<std::string_view, 7> kForbidden = {"union",     "join",   "into", "procedure",
                                                        "intersect", "except", "limit"};

bool tagged(const Statement& statement, std::string_view tag) {
  return statement.text.substr(0, tag.size()) == tag;
}

bool is_listed(const auto& list, const Token& token) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view word) { return token.is(word); });
}

/// Words before a parenthesis that are no functions.
bool opens_a_list(const Token& token) {
  return token.is("and") || token.is("or") || token.is("where") || token.is("in") ||
         token.kind != TokenKind::word;
}

bool calls_known_functions_only(const std::vector<Token>& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!tokens[i + 1].is_symbol('(') || opens_a_list(tokens[i])) continue;
    if (!is_listed(kFunctions, tokens[i])) return false;
  }
  return true;
}

std::size_t count_of(const std::vector<Token>& tokens, std::string_view word) {
  return static_cast<std::size_t>(
      std::count_if(tokens.begin(), tokens.end(), [&](const Token& t) { return t.is(word); }));
}

}  // namespace

bool is_row_reading(const Statement& statement) {
  if (!tagged(statement, kReading) || statement.verb != Verb::select) return false;
  const bool foreign = std::any_of(
      statement.tokens.begin(), statement.tokens.end(),
      [](const Token& token) { return !token.is("limit") && is_listed(kForbidden, token); });
  return !foreign && count_of(statement.tokens, "select") == 1 &&
         count_of(statement.tokens, "from") == 1 && calls_known_functions_only(statement.tokens);
}

bool is_row_repair(const Statement& statement) {
  if (!tagged(statement, kRepair) || !statement.writes_rows()) return false;
  const bool foreign = std::any_of(
      statement.tokens.begin(), statement.tokens.end(),
      [](const Token& token) { return !token.is("into") && is_listed(kForbidden, token); });
  return !foreign && count_of(statement.tokens, "select") == 0 &&
         calls_known_functions_only(statement.tokens);
}

}  // namespace bdrmesh::lab
