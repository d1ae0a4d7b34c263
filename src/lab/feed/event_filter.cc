#include "lab/feed/event_filter.h"

#include <algorithm>
#include <array>
#include <regex>

#include "base/json.h"
#include "lab/feed/api_error.h"
#include "lab/feed/row_expression.h"
#include "lab/feed/table_filter.h"

namespace bdrmesh::lab {

namespace {

/// Kinds of events, and the job types that belong to each; rows have names of their own.
struct EventKind {
  std::string_view name;
  std::string_view job_part;  ///< part of DdlJob::type; empty for rows and groups
};

constexpr std::array<EventKind, 36> kKinds = {{{"insert", ""},
                                               {"update", ""},
                                               {"delete", ""},
                                               {"all dml", ""},
                                               {"all ddl", ""},
                                               {"alter table", ""},
                                               {"none", ""},
                                               {"create schema", "create schema"},
                                               {"create database", "create schema"},
                                               {"drop schema", "drop schema"},
                                               {"drop database", "drop schema"},
                                               {"create table", "create table"},
                                               {"drop table", "drop table"},
                                               {"truncate table", "truncate table"},
                                               {"rename table", "rename table"},
                                               {"create view", "create view"},
                                               {"drop view", "drop view"},
                                               {"add table partition", "add partition"},
                                               {"drop table partition", "drop partition"},
                                               {"truncate table partition", "truncate partition"},
                                               {"create index", "add index"},
                                               {"add index", "add index"},
                                               {"drop index", "drop index"},
                                               {"rename index", "rename index"},
                                               {"add column", "add column"},
                                               {"drop column", "drop column"},
                                               {"modify column", "modify column"},
                                               {"set default value", "set default value"},
                                               {"rebase auto id", "rebase auto"},
                                               {"modify table comment", "table comment"},
                                               {"modify table charset and collate", "charset"},
                                               {"modify schema charset and collate", "charset"},
                                               {"add primary key", "add primary key"},
                                               {"drop primary key", "drop primary key"},
                                               {"exchange partition", "exchange partition"},
                                               {"recover table", "recover table"}}};

const EventKind& find_kind(const std::string& name) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const EventKind& kind) { return kind.name == name; });
  if (found != kKinds.end()) return *found;
  throw ApiError(500, "CDC:ErrInvalidIgnoreEventType", "invalid ignore event type: '" + name + "'");
}

std::string_view name_of(RowKind kind) {
  switch (kind) {
    case RowKind::insert:
      return "insert";
    case RowKind::update:
      return "update";
    case RowKind::remove:
      return "delete";
  }
  return "";
}

bool is_schema_or_view(const std::string& type) {
  return type.find("schema") != std::string::npos || type.find("view") != std::string::npos;
}

std::vector<std::string> texts(const Json& object, const char* key) {
  return get_or<std::vector<std::string>>(object, key, {});
}

}  // namespace

struct EventFilters::Filter {
  Filter(const Json& json, bool case_sensitive)
      : matcher(texts(json, "matcher"), case_sensitive),
        has_matcher(!texts(json, "matcher").empty()),
        on_insert(get_or<std::string>(json, "ignore_insert_value_expr", "")),
        on_new(get_or<std::string>(json, "ignore_update_new_value_expr", "")),
        on_old(get_or<std::string>(json, "ignore_update_old_value_expr", "")),
        on_delete(get_or<std::string>(json, "ignore_delete_value_expr", "")) {
    for (const std::string& name : texts(json, "ignore_event")) kinds.push_back(find_kind(name));
    for (const std::string& pattern : texts(json, "ignore_sql")) {
      try {
        statements.emplace_back(pattern, std::regex::ECMAScript | std::regex::icase);
      } catch (const std::regex_error& e) {
        throw ApiError(400, "CDC:ErrFilterRuleInvalid",
                       "filter rule is invalid " + pattern + ": " + e.what());
      }
    }
  }

  bool names(std::string_view kind) const {
    return std::any_of(kinds.begin(), kinds.end(),
                       [&](const EventKind& known) { return known.name == kind; });
  }

  bool ignores_values(const RowChange& row) const {
    const TableMap& table = *row.table;
    switch (row.kind) {
      case RowKind::insert:
        return on_insert.holds(table, row.image.after);
      case RowKind::update:
        return on_new.holds(table, row.image.after) || on_old.holds(table, row.image.before);
      case RowKind::remove:
        return on_delete.holds(table, row.image.before);
    }
    return false;
  }

  bool ignores_job(const DdlJob& job) const {
    if (names("all ddl")) return true;
    if (names("alter table") && !is_schema_or_view(job.type) &&
        job.type.find("create") == std::string::npos) {
      return true;
    }
    const bool kind = std::any_of(kinds.begin(), kinds.end(), [&](const EventKind& known) {
      return !known.job_part.empty() && job.type.find(known.job_part) != std::string::npos;
    });
    return kind || std::any_of(statements.begin(), statements.end(), [&](const std::regex& shape) {
             return std::regex_search(job.query, shape);
           });
  }

  TableFilter matcher;
  bool has_matcher;  ///< without one it matches nothing
  std::vector<EventKind> kinds;
  std::vector<std::regex> statements;
  RowExpression on_insert;
  RowExpression on_new;
  RowExpression on_old;
  RowExpression on_delete;
};

EventFilters::EventFilters(const std::string& json, bool case_sensitive) {
  if (json.empty()) return;
  const Json list = parse_json(json, "event_filters");
  if (!list.is_array()) return;
  for (const Json& one : list) {
    filters_.push_back(std::make_unique<const Filter>(one, case_sensitive));
  }
}

EventFilters::~EventFilters() = default;

bool EventFilters::ignores(const RowChange& row) const {
  return std::any_of(filters_.begin(), filters_.end(), [&](const auto& filter) {
    if (!filter->has_matcher || !filter->matcher.matches(row.table->schema, row.table->name)) {
      return false;
    }
    return filter->names("all dml") || filter->names(name_of(row.kind)) ||
           filter->ignores_values(row);
  });
}

bool EventFilters::ignores(const DdlJob& job) const {
  return std::any_of(filters_.begin(), filters_.end(), [&](const auto& filter) {
    const bool matches = job.table.empty() ? filter->matcher.matches_schema(job.db)
                                           : filter->matcher.matches(job.db, job.table);
    return filter->has_matcher && matches && filter->ignores_job(job);
  });
}

}  // namespace bdrmesh::lab
