// TiCDC's table filter rules: `app.*`, `!app.tmp_?`, `db[0-9].t`; the last rule that matches
// decides, and what no rule matches is left out. System schemas never pass (tidb-sql §1.5).
// Immutable, so thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh::lab {

class TableFilter {
 public:
  /// @param case_sensitive  compare ASCII letters exactly; false folds them
  /// (replica_config.case_sensitive).
  /// @throws ApiError 400 CDC:ErrFilterRuleInvalid.
  TableFilter(const std::vector<std::string>& rules, bool case_sensitive);

  bool matches(std::string_view schema, std::string_view table) const;
  /// Whether DDL of the schema itself passes: some rule may let a table of it through.
  bool matches_schema(std::string_view schema) const;

 private:
  struct Rule {
    bool positive = true;
    std::string schema;
    std::string table;
  };
  bool case_sensitive_;
  std::vector<Rule> rules_;  // the last one given comes first
};

/// Whether TiCDC never replicates this schema, whatever the rules.
bool is_never_replicated(std::string_view schema);

}  // namespace bdrmesh::lab
