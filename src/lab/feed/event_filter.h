// Event filters of a changefeed (`filter.event_filters`): kinds of events, DDL by pattern, and rows
// by simple expressions that are left out although the table passes (ticdc-api §1.6). Immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/changes/upstream_reader.h"
#include "lab/core/ddl_jobs.h"

namespace bdrmesh::lab {

class RowExpression;

class EventFilters {
 public:
  /// @param json  the array `event_filters`; empty text for none.
  /// @throws ApiError 400 CDC:ErrFilterRuleInvalid for matchers, CDC:ErrInvalidIgnoreEventType,
  /// CDC:ErrExpressionParseFailed.
  EventFilters(const std::string& json, bool case_sensitive);
  ~EventFilters();

  bool empty() const { return filters_.empty(); }
  bool ignores(const RowChange& row) const;
  bool ignores(const DdlJob& job) const;

 private:
  struct Filter;
  std::vector<std::unique_ptr<const Filter>> filters_;
};

}  // namespace bdrmesh::lab
