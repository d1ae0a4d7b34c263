#include "model/table_filter.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_punctuation(char c) {
  return c > 0x20 && c < 0x7f && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
         !(c >= '0' && c <= '9');
}

/// How many bytes the UTF-8 letter at the front takes; 1 for anything broken.
std::size_t letter_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return std::min(size, text.size());
}

}  // namespace

class TableFilter::Parser {
 public:
  Parser(const std::string& rule, bool fold) : rule_(rule), fold_(fold) {}

  Rule run() {
    Rule rule;
    trim();
    if (at_ == end_) fail("an empty rule");
    if (look() == '@') fail("rules from a file are not supported");
    if (look() == '!') {
      rule.include = false;
      ++at_;
    }
    rule.schema = pattern();
    if (at_ == end_ || rule_[at_] != '.') fail("a point between schema and table is missing");
    ++at_;
    rule.table = pattern();
    if (at_ != end_) fail("something follows the table");
    return rule;
  }

 private:
  char look() const { return at_ < end_ ? rule_[at_] : '\0'; }

  void trim() {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    end_ = rule_.size();
    while (end_ > 0 && blank(rule_[end_ - 1])) --end_;
    while (at_ < end_ && blank(rule_[at_])) ++at_;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::invalid, "BAD_TABLE_RULE",
                "table rule \"" + rule_ + "\": " + what + " at position " + std::to_string(at_ + 1),
                "Write rules as schema.table, for example app.* or !app.tmp_*.");
  }

  Pattern pattern() {
    if (look() == '/') fail("regular expressions are not supported");
    if (look() == '`' || look() == '"') return quoted(look());
    Pattern result;
    while (at_ < end_ && rule_[at_] != '.') result.push_back(glyph());
    if (result.empty()) fail("a name or pattern is missing");
    return result;
  }

  Pattern quoted(char quote) {
    Pattern result;
    ++at_;
    while (true) {
      if (at_ == end_) fail(std::string("the quote ") + quote + " is not closed");
      const char c = rule_[at_++];
      if (c == quote) {
        if (look() != quote) break;
        ++at_;
      }
      result.push_back(literal(c));
    }
    if (result.empty()) fail("an empty name");
    return result;
  }

  Glyph literal(char c) const {
    Glyph glyph;
    glyph.letter = fold_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return glyph;
  }

  Glyph glyph() {
    const char c = look();
    if (c == '*' || c == '?') {
      ++at_;
      Glyph wild;
      wild.what = c == '*' ? Glyph::What::any_run : Glyph::What::any_one;
      return wild;
    }
    if (c == '[') return set();
    if (c == '\\') {
      ++at_;
      if (at_ == end_) fail("nothing follows the backslash");
      if (!is_punctuation(look())) fail("only punctuation can be escaped");
      return literal(rule_[at_++]);
    }
    if (!is_plain(c)) fail("an unexpected character; quote the name or escape it");
    ++at_;
    return literal(c);
  }

  Glyph set() {
    Glyph result;
    result.what = Glyph::What::set;
    ++at_;
    if (look() == '!' || look() == '^') {
      result.negated = true;
      ++at_;
    }
    while (look() != ']') {
      const unsigned char first = member();
      unsigned char last = first;
      if (look() == '-' && at_ + 1 < end_ && rule_[at_ + 1] != ']') {
        ++at_;
        last = member();
        if (last < first) fail("a range that runs backwards");
      }
      add_range(result, first, last);
    }
    if (result.ranges.empty()) fail("an empty set");
    ++at_;
    return result;
  }

  unsigned char member() {
    if (at_ == end_) fail("the [ is not closed");
    if (look() == '\\') ++at_;
    if (at_ == end_) fail("the [ is not closed");
    const auto c = static_cast<unsigned char>(rule_[at_]);
    if (c >= 0x80) fail("sets hold ASCII characters only");
    ++at_;
    return c;
  }

  void add_range(Glyph& set, unsigned char first, unsigned char last) const {
    set.ranges.emplace_back(first, last);
    if (!fold_) return;
    // Names are compared in lower case, so what the range has of A-Z is also meant in a-z.
    const auto low = std::max<unsigned char>(first, 'A');
    const auto high = std::min<unsigned char>(last, 'Z');
    if (low <= high) {
      set.ranges.emplace_back(static_cast<unsigned char>(low + 32),
                              static_cast<unsigned char>(high + 32));
    }
  }

  const std::string& rule_;
  bool fold_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

TableFilter::TableFilter(const std::vector<std::string>& rules, Case letters)
    : everything_(rules.empty()), fold_(letters == Case::insensitive) {
  for (const std::string& rule : rules) rules_.push_back(Parser(rule, fold_).run());
  std::reverse(rules_.begin(), rules_.end());
}

bool TableFilter::matches(const TableName& name) const {
  if (everything_) return true;
  const std::string schema = folded(name.schema);
  const std::string table = folded(name.table);
  for (const Rule& rule : rules_) {
    if (fits(rule.schema, schema) && fits(rule.table, table)) return rule.include;
  }
  return false;
}

bool TableFilter::matches_schema(std::string_view schema) const {
  if (everything_) return true;
  const std::string name = folded(schema);
  for (const Rule& rule : rules_) {
    if (!fits(rule.schema, name)) continue;
    if (rule.include) return true;
    if (rule.table.size() == 1 && rule.table[0].what == Glyph::What::any_run) return false;
  }
  return false;
}

std::size_t TableFilter::Glyph::takes(std::string_view text) const {
  if (text.empty() || what == What::any_run) return 0;
  if (what == What::literal) return text.front() == letter ? 1 : 0;
  if (what == What::any_one) return letter_size(text);
  const auto c = static_cast<unsigned char>(text.front());
  const bool inside = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return range.first <= c && c <= range.second;
  });
  return inside != negated ? letter_size(text) : 0;
}

bool TableFilter::fits(const Pattern& pattern, std::string_view text) {
  // Greedy with one point of return: the last run seen takes one letter more on each failure.
  std::size_t at = 0;
  std::size_t read = 0;
  std::size_t run_at = pattern.size();
  std::size_t run_read = 0;
  while (read < text.size() || at < pattern.size()) {
    if (at < pattern.size() && pattern[at].what == Glyph::What::any_run) {
      run_at = at++;
      run_read = read;
      continue;
    }
    const std::size_t taken = at < pattern.size() ? pattern[at].takes(text.substr(read)) : 0;
    if (taken > 0) {
      ++at;
      read += taken;
      continue;
    }
    if (run_at == pattern.size() || run_read >= text.size()) return false;
    read = ++run_read;
    at = run_at + 1;
  }
  return true;
}

std::string TableFilter::folded(std::string_view text) const {
  std::string result(text);
  if (fold_) {
    std::transform(result.begin(), result.end(), result.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  }
  return result;
}

}  // namespace bdrmesh
