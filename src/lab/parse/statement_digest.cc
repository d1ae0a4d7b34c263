#include "lab/parse/statement_digest.h"

#include <set>
#include <string_view>
#include <vector>

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kEnough = 500;  // parts: a batch of rows looks the same all the way

bool is_keyword(const Token& token) {
  static const std::set<std::string, std::less<>> words = {
      "select",    "from",        "where",       "and",        "or",         "not",      "in",
      "is",        "null",        "like",        "between",    "exists",     "insert",   "into",
      "values",    "value",       "replace",     "update",     "set",        "delete",   "begin",
      "start",     "commit",      "rollback",    "order",      "by",         "group",    "having",
      "limit",     "offset",      "asc",         "desc",       "distinct",   "as",       "on",
      "using",     "join",        "left",        "right",      "inner",      "outer",    "cross",
      "natural",   "union",       "all",         "for",        "share",      "lock",     "mode",
      "duplicate", "key",         "ignore",      "with",       "case",       "when",     "then",
      "else",      "end",         "count",       "sum",        "min",        "max",      "avg",
      "interval",  "transaction", "pessimistic", "optimistic", "consistent", "snapshot", "if",
      "cast",      "convert",     "alter",       "create",     "drop",       "table",    "index",
      "add",       "column",      "admin",       "show",       "savepoint",  "explain"};
  return token.kind == TokenKind::word && words.count(token.value) > 0;
}

bool is_literal(const Token& token) {
  return token.kind == TokenKind::number || token.kind == TokenKind::text;
}

std::string spelled(const Token& token) {
  if (is_keyword(token) || !token.is_name()) return token.value;
  return "`" + to_lower(token.name) + "`";
}

/// A list of literals in parentheses becomes `...`.
void add_literal(std::vector<std::string>& parts, int depth) {
  const std::size_t n = parts.size();
  const bool goes_on =
      n >= 2 && parts[n - 1] == "," && (parts[n - 2] == "?" || parts[n - 2] == "...");
  if (goes_on && depth > 0) {
    parts.pop_back();
    parts.back() = "...";
  } else {
    parts.emplace_back("?");
  }
}

}  // namespace

std::string digest_text(const Statement& statement) {
  std::vector<std::string> parts;
  int depth = 0;
  for (const Token& token : statement.tokens) {
    if (token.kind == TokenKind::hint) continue;
    if (parts.size() > kEnough) break;
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')')) --depth;
    const bool star_of_count = token.is_symbol('*') && parts.size() >= 2 && parts.back() == "(" &&
                               parts[parts.size() - 2] == "count";
    if (is_literal(token) || star_of_count) {
      add_literal(parts, depth);
    } else {
      parts.push_back(spelled(token));
    }
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
  return text;
}

}  // namespace bdrmesh::lab
