#include "lab/parse/bdr_rules.h"

#include <algorithm>
#include <set>

namespace bdrmesh::lab {

namespace {

ObjectName qualified(ObjectName name, const std::string& default_schema) {
  if (name.schema.empty()) name.schema = default_schema;
  return name;
}

/// ADD COLUMN on PRIMARY: without one COMMENT and one GENERATED, what is left must be nothing,
/// NULL, DEFAULT, or NOT NULL with DEFAULT.
bool add_column_denied(const ColumnSpec& column) {
  std::vector<ColumnOption> left = column.options;
  for (const ColumnOption dropped : {ColumnOption::comment, ColumnOption::generated}) {
    const auto found = std::find(left.begin(), left.end(), dropped);
    if (found != left.end()) left.erase(found);
  }
  if (left.empty()) return false;
  std::sort(left.begin(), left.end());
  const std::vector<ColumnOption> both = {ColumnOption::not_null, ColumnOption::default_value};
  return !(left == both || (left.size() == 1 && (left[0] == ColumnOption::null ||
                                                 left[0] == ColumnOption::default_value)));
}

/// MODIFY and CHANGE COLUMN on PRIMARY: equal type, and options exactly DEFAULT, or DEFAULT and
/// COMMENT. The name is not looked at.
bool modify_column_denied(const ColumnSpec& column,
                          const std::optional<std::string>& present_type) {
  if (!present_type || *present_type != column.type) return true;
  std::vector<ColumnOption> options = column.options;
  std::sort(options.begin(), options.end());
  return !(options == std::vector<ColumnOption>{ColumnOption::default_value} ||
           options ==
               std::vector<ColumnOption>{ColumnOption::default_value, ColumnOption::comment});
}

/// IF [NOT] EXISTS on a part of the table, with nothing to do.
bool clause_is_done(const DdlClause& clause, const ObjectName& table, const SchemaView& schema) {
  if (clause.guard == Existence::irrelevant) return false;
  bool there = false;
  switch (clause.kind) {
    case DdlClause::Kind::add_index:
    case DdlClause::Kind::drop_index:
      there = schema.has_index(table, clause.old_name);
      break;
    case DdlClause::Kind::drop_partition:
      there = schema.has_partition(table, clause.old_name);
      break;
    default:
      there = schema.column_type(table, clause.old_name).has_value();
  }
  return there == (clause.guard == Existence::must_be_absent);
}

bool statement_is_done(const DdlStatement& ddl, const SchemaView& schema,
                       const std::string& default_schema) {
  if (ddl.guard == Existence::irrelevant) return false;
  const bool done_if_there = ddl.guard == Existence::must_be_absent;
  return std::all_of(ddl.objects.begin(), ddl.objects.end(), [&](const ObjectName& object) {
    const bool there = ddl.object_kind == ObjectKind::schema
                           ? schema.has_schema(object.name)
                           : schema.has_table(qualified(object, default_schema));
    return there == done_if_there;
  });
}

bool clause_refused_on_primary(const DdlClause& clause, const ObjectName& table,
                               const SchemaView& schema, bool from_cdc) {
  // These two are checked before the mark of TiCDC is looked at (measured A6).
  if (clause.kind == DdlClause::Kind::add_column) {
    return std::any_of(clause.columns.begin(), clause.columns.end(), add_column_denied);
  }
  if (clause.kind == DdlClause::Kind::modify_column) {
    return modify_column_denied(clause.columns.front(), schema.column_type(table, clause.old_name));
  }
  return clause.bdr_class == BdrClass::non_replicable && !from_cdc;
}

bool touches_only_system_schemas(const DdlStatement& ddl, const std::string& default_schema) {
  if (ddl.objects.empty()) return false;
  return std::all_of(ddl.objects.begin(), ddl.objects.end(), [&](const ObjectName& object) {
    return is_system_schema(ddl.object_kind == ObjectKind::schema
                                ? object.name
                                : qualified(object, default_schema).schema);
  });
}

}  // namespace

bool is_system_schema(std::string_view schema) {
  static const std::set<std::string, std::less<>> system = {"mysql",
                                                            "sys",
                                                            "information_schema",
                                                            "performance_schema",
                                                            "metrics_schema",
                                                            "inspection_schema",
                                                            "dm_heartbeat",
                                                            "workload_schema"};
  return system.count(to_lower(schema)) > 0;
}

BdrVerdict judge(std::string_view role, const DdlStatement& ddl, const SchemaView& schema,
                 const std::string& default_schema, bool from_cdc) {
  if (statement_is_done(ddl, schema, default_schema)) return BdrVerdict::nothing_to_do;
  if (ddl.local_temporary) return BdrVerdict::runs;
  const ObjectName table =
      ddl.objects.empty() ? ObjectName{} : qualified(ddl.objects.front(), default_schema);
  std::vector<const DdlClause*> jobs;
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.bdr_class != BdrClass::no_job && !clause_is_done(clause, table, schema))
      jobs.push_back(&clause);
  }
  if (jobs.empty()) return BdrVerdict::nothing_to_do;
  const bool unmanaged = std::all_of(jobs.begin(), jobs.end(), [](const DdlClause* clause) {
    return clause->bdr_class == BdrClass::unmanaged;
  });
  if (role.empty() || unmanaged || touches_only_system_schemas(ddl, default_schema))
    return BdrVerdict::runs;
  if (role != "primary") return from_cdc ? BdrVerdict::runs : BdrVerdict::refused;
  const bool refused = std::any_of(jobs.begin(), jobs.end(), [&](const DdlClause* clause) {
    return clause_refused_on_primary(*clause, table, schema, from_cdc);
  });
  return refused ? BdrVerdict::refused : BdrVerdict::runs;
}

}  // namespace bdrmesh::lab
