#include "lab/feed/table_filter.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

// A pattern is kept as written, but with every literal that could be taken for a wildcard escaped
// by a backslash.

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

class RuleParser {
 public:
  explicit RuleParser(const std::string& rule) : rule_(rule) {}

  bool take(char c) {
    if (at_ >= rule_.size() || rule_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool at_end() const { return at_ == rule_.size(); }

  std::string pattern() {
    std::string out;
    while (at_ < rule_.size() && rule_[at_] != '.') {
      const char c = rule_[at_];
      if (c == '"' || c == '`') {
        quoted(out);
      } else if (c == '[') {
        character_class(out);
      } else if (c == '\\') {
        ++at_;
        if (at_end()) fail("cannot place \\ at end of line");
        literal(out, rule_[at_++]);
      } else if (c == '*' || c == '?' || is_name(c)) {
        out += c;
        ++at_;
      } else {
        fail(std::string("unexpected special character '") + c + "'");
      }
    }
    if (out.empty()) fail("missing pattern");
    return out;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw ApiError(
        400, "CDC:ErrFilterRuleInvalid",
        "filter rule is invalid &{[" + rule_ + "] [] []}: at <cmdline>:1: syntax error: " + why);
  }

 private:
  static bool is_name(char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isalnum(u) != 0 || c == '_' || c == '$' || u >= 0x80;
  }

  static void literal(std::string& out, char c) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') out += '\\';
    out += c;
  }

  void quoted(std::string& out) {
    const char quote = rule_[at_++];
    for (;; ++at_) {
      if (at_end()) fail("incomplete quoted identifier");
      if (rule_[at_] == quote) {
        ++at_;
        if (at_end() || rule_[at_] != quote) return;
      }
      literal(out, rule_[at_]);
    }
  }

  void character_class(std::string& out) {
    const std::size_t end = rule_.find(']', at_ + 2);
    if (end == std::string::npos) fail("failed to parse character class");
    out.append(rule_, at_, end + 1 - at_);
    at_ = end + 1;
  }

  const std::string& rule_;
  std::size_t at_ = 0;
};

bool class_holds(std::string_view set, char c) {
  const bool negated = !set.empty() && set.front() == '!';
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (set[i] <= c && c <= set[i + 2]);
      i += 2;
    } else {
      found = found || set[i] == c;
    }
  }
  return found != negated;
}

bool glob(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    if (c == '*') {
      for (std::size_t skip = 0; skip <= text.size(); ++skip) {
        if (glob(pattern.substr(1), text.substr(skip))) return true;
      }
      return false;
    }
    if (text.empty()) return false;
    std::size_t used = 1;
    bool fits = c == '?' || c == text.front();
    if (c == '[') {
      const std::size_t end = pattern.find(']', 2);
      fits = class_holds(pattern.substr(1, end - 1), text.front());
      used = end + 1;
    } else if (c == '\\') {
      fits = pattern[1] == text.front();
      used = 2;
    }
    if (!fits) return false;
    pattern.remove_prefix(used);
    text.remove_prefix(1);
  }
  return text.empty();
}

}  // namespace

bool is_never_replicated(std::string_view schema) {
  static constexpr std::array<std::string_view, 10> kNever = {
      "mysql", "information_schema",  "performance_schema", "metrics_schema", "inspection_schema",
      "sys",   "lightning_task_info", "workload_schema",    "tidb_cdc",       "lab_meta"};
  return std::find(kNever.begin(), kNever.end(), lower(schema)) != kNever.end();
}

TableFilter::TableFilter(const std::vector<std::string>& rules, bool case_sensitive)
    : case_sensitive_(case_sensitive) {
  for (auto text = rules.rbegin(); text != rules.rend(); ++text) {
    RuleParser parser(*text);
    Rule rule;
    rule.positive = !parser.take('!');
    rule.schema = parser.pattern();
    if (!parser.take('.')) parser.fail("missing table pattern");
    rule.table = parser.pattern();
    if (!parser.at_end()) parser.fail("unexpected text after the table pattern");
    if (!case_sensitive) {
      rule.schema = lower(rule.schema);
      rule.table = lower(rule.table);
    }
    rules_.push_back(std::move(rule));
  }
}

bool TableFilter::matches(std::string_view schema, std::string_view table) const {
  if (is_never_replicated(schema)) return false;
  const std::string schema_text = case_sensitive_ ? std::string(schema) : lower(schema);
  const std::string table_text = case_sensitive_ ? std::string(table) : lower(table);
  for (const Rule& rule : rules_) {
    if (glob(rule.schema, schema_text) && glob(rule.table, table_text)) return rule.positive;
  }
  return false;
}

bool TableFilter::matches_schema(std::string_view schema) const {
  if (is_never_replicated(schema)) return false;
  const std::string schema_text = case_sensitive_ ? std::string(schema) : lower(schema);
  for (const Rule& rule : rules_) {
    if (glob(rule.schema, schema_text) && (rule.positive || rule.table == "*")) {
      return rule.positive;
    }
  }
  return false;
}

}  // namespace bdrmesh::lab
