#include "lab/feed/table_filter.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/error.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// The model's complaint in TiCDC's words.
std::string words_for(const std::string& complaint) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kWords = {
      {{"the [ is not closed", "syntax error: failed to parse character class"},
       {"an empty set", "syntax error: failed to parse character class"},
       {"runs backwards", "syntax error: failed to parse character class"},
       {"is not closed", "syntax error: incomplete quoted identifier"},
       {"follows the backslash", "syntax error: cannot place \\ at end of line"},
       {"unexpected character", "syntax error: unexpected special character"},
       {"only punctuation", "syntax error: cannot escape a letter or number"},
       {"regular expressions", "invalid pattern: the lab reads no regular expressions"}}};
  for (const auto& [part, words] : kWords) {
    if (complaint.find(part) != std::string::npos) return std::string(words);
  }
  return "wrong table pattern";
}

bdrmesh::TableFilter parsed(const std::vector<std::string>& rules, bool case_sensitive) {
  using Model = bdrmesh::TableFilter;
  const auto letters = case_sensitive ? Model::Case::sensitive : Model::Case::insensitive;
  std::string all;
  for (const std::string& rule : rules) {
    all += (all.empty() ? "" : " ") + rule;
    try {
      Model({rule}, letters);
    } catch (const Error& e) {
      throw ApiError(400, "CDC:ErrFilterRuleInvalid",
                     "filter rule is invalid &{[" + all +
                         "] [] []}: at <cmdline>:1: " + words_for(e.message()));
    }
  }
  return Model(rules, letters);
}

}  // namespace

bool is_never_replicated(std::string_view schema) {
  static constexpr std::array<std::string_view, 10> kNever = {
      "mysql", "information_schema",  "performance_schema", "metrics_schema", "inspection_schema",
      "sys",   "lightning_task_info", "workload_schema",    "tidb_cdc",       "lab_meta"};
  return std::find(kNever.begin(), kNever.end(), lower(schema)) != kNever.end();
}

TableFilter::TableFilter(const std::vector<std::string>& rules, bool case_sensitive)
    : rules_(parsed(rules, case_sensitive)) {}

bool TableFilter::matches(std::string_view schema, std::string_view table) const {
  return !is_never_replicated(schema) && rules_.matches({std::string(schema), std::string(table)});
}

bool TableFilter::matches_schema(std::string_view schema) const {
  return !is_never_replicated(schema) && rules_.matches_schema(schema);
}

}  // namespace bdrmesh::lab
