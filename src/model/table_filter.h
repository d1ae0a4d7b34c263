// TiCDC's table-filter rules: which tables a feed carries. Later rules win; without rules
// everything matches, as in TiCDC. Immutable after construction, so safe to share between threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/names.h"

namespace bdrmesh {

class TableFilter {
 public:
  enum class Case { insensitive, sensitive };

  /// Matches every table, as `*.*`.
  TableFilter() = default;
  /// Parses rules such as `app.*`, `!app.tmp_*`, `db?.[a-c]*`, `` `odd.name`.* ``, `"a""b".t`,
  /// `a\.b.c`.
  /// @throws Error invalid `BAD_TABLE_RULE` with the rule and the position in it. Regular
  /// expressions (`/…/`) and rules
  ///         imported from files (`@file`) are refused: neither belongs into a configuration that
  ///         must mean one thing.
  explicit TableFilter(const std::vector<std::string>& rules, Case letters = Case::insensitive);

  bool matches(const TableName& name) const;
  /// Whether some table of this schema could match: decides about DDL on databases.
  bool matches_schema(std::string_view schema) const;

 private:
  struct Glyph {
    enum class What { literal, any_one, any_run, set } what = What::literal;
    char letter = 0;
    bool negated = false;
    std::vector<std::pair<unsigned char, unsigned char>> ranges;

    /// How many bytes of the front of `text` it stands for; 0: it does not fit, or it is a run.
    std::size_t takes(std::string_view text) const;
  };
  using Pattern = std::vector<Glyph>;
  struct Rule {
    bool include = true;
    Pattern schema;
    Pattern table;
  };
  class Parser;

  static bool fits(const Pattern& pattern, std::string_view text);
  std::string folded(std::string_view text) const;

  bool everything_ = true;
  bool fold_ = true;
  std::vector<Rule> rules_;  ///< last rule first
};

}  // namespace bdrmesh
