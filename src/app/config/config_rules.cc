#include "app/config/config_rules.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "model/desired.h"
#include "model/table_filter.h"

namespace bdrmesh {
namespace {

struct Rule {
  bool negated = false;
  std::string schema;
  std::string table;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// @return std::nullopt for what is more than names and wildcards.
std::optional<Rule> simple_rule(std::string_view text) {
  Rule rule;
  if (text.starts_with('!')) {
    rule.negated = true;
    text.remove_prefix(1);
  }
  if (text.find_first_of("/[]\"`\\") != std::string_view::npos) return std::nullopt;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  rule.schema = text.substr(0, dot);
  rule.table = text.substr(dot + 1);
  std::ranges::transform(rule.schema, rule.schema.begin(), lower);
  std::ranges::transform(rule.table, rule.table.begin(), lower);
  return rule;
}

/// Whether some text matches both patterns.
bool intersect(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) return true;
  if (!a.empty() && a[0] == '*')
    return intersect(a.substr(1), b) || (!b.empty() && intersect(a, b.substr(1)));
  if (!b.empty() && b[0] == '*') return intersect(b, a);
  if (a.empty() || b.empty()) return false;
  return (a[0] == b[0] || a[0] == '?' || b[0] == '?') && intersect(a.substr(1), b.substr(1));
}

/// Whether everything that matches `inner` matches `outer`; its wildcards are taken as characters
/// that only * covers.
bool covers(std::string_view outer, std::string_view inner) {
  if (outer.empty()) return inner.empty();
  if (outer[0] == '*')
    return covers(outer.substr(1), inner) || (!inner.empty() && covers(outer, inner.substr(1)));
  if (inner.empty()) return false;
  const bool same = outer[0] == inner[0] || (outer[0] == '?' && inner[0] != '*');
  return same && covers(outer.substr(1), inner.substr(1));
}

bool covers(const Rule& outer, const Rule& inner) {
  return covers(outer.schema, inner.schema) && covers(outer.table, inner.table);
}

/// Whether a later rule takes all of `rules[at]` out again, or all that it has in common with
/// `other`.
bool taken_out(const std::vector<Rule>& rules, std::size_t at, const Rule& other) {
  for (std::size_t later = at + 1; later < rules.size(); ++later) {
    if (rules[later].negated && (covers(rules[later], rules[at]) || covers(rules[later], other)))
      return true;
  }
  return false;
}

bool overlap(const std::vector<Rule>& a, const std::vector<Rule>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (a[i].negated || b[j].negated) continue;
      if (!intersect(a[i].schema, b[j].schema) || !intersect(a[i].table, b[j].table)) continue;
      if (!taken_out(a, i, b[j]) && !taken_out(b, j, a[i])) return true;
    }
  }
  return false;
}

/// @return false when some rule could not be understood.
bool simple_rules(const std::vector<std::string>& texts, std::vector<Rule>& rules) {
  for (const std::string& text : texts) {
    const std::optional<Rule> rule = simple_rule(text);
    if (!rule) return false;
    rules.push_back(*rule);
  }
  return true;
}

bool names_schema(const std::vector<std::string>& texts, std::string_view schema) {
  return std::ranges::any_of(texts, [schema](const std::string& text) {
    const std::optional<Rule> rule = simple_rule(text);
    return rule && !rule->negated && rule->schema == schema;
  });
}

}  // namespace

Overlap rules_overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<Rule> left;
  std::vector<Rule> right;
  if (!simple_rules(a, left) || !simple_rules(b, right)) return Overlap::cannot_tell;
  return overlap(left, right) ? Overlap::yes : Overlap::no;
}

std::string fault_of_rule(const std::string& rule) {
  // One of the few places that catch: a rule that does not parse is an answer here, one of many to
  // be reported.
  try {
    const TableFilter parsed({rule});
    return {};
  } catch (const Error& error) {
    return error.message();
  }
}

std::vector<std::string> reserved_schemas_in(const std::vector<std::string>& rules) {
  std::vector<std::string> carried;
  if (TableFilter(rules).matches({kTokenSchema, "owner"})) carried.emplace_back(kTokenSchema);
  for (const char* schema : {"mysql", "tidb_cdc"}) {
    if (names_schema(rules, schema)) carried.emplace_back(schema);
  }
  return carried;
}

}  // namespace bdrmesh
