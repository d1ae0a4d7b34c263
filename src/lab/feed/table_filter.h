// TiCDC's table filter for one feed: the model's rules with TiCDC's words for broken ones, and the
// schemas that never leave whatever the rules say (tidb-sql §1.5). Immutable, so thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/table_filter.h"

namespace bdrmesh::lab {

class TableFilter {
 public:
  /// @param rules  none: every table of user schemas.
  /// @param case_sensitive  compare ASCII letters exactly; false folds them
  /// (replica_config.case_sensitive).
  /// @throws ApiError 400 CDC:ErrFilterRuleInvalid; also for regular expressions, which the real
  /// one knows.
  TableFilter(const std::vector<std::string>& rules, bool case_sensitive);

  bool matches(std::string_view schema, std::string_view table) const;
  /// Whether DDL of the schema itself passes: some rule may let a table of it through.
  bool matches_schema(std::string_view schema) const;

 private:
  bdrmesh::TableFilter rules_;
};

/// Whether TiCDC never replicates this schema, whatever the rules.
bool is_never_replicated(std::string_view schema);

}  // namespace bdrmesh::lab
