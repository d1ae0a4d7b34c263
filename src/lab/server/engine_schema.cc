#include "lab/server/engine_schema.h"

#include "lab/parse/tokens.h"
#include "lab/server/refused.h"

namespace bdrmesh::lab {

namespace {

std::string where(const ObjectName& table) {
  return "table_schema=" + quote_text(table.schema) + " AND table_name=" + quote_text(table.name);
}

std::string dotted(const ObjectName& name) { return name.schema + "." + name.name; }

ObjectName with_schema(ObjectName name, const std::string& default_schema) {
  if (name.schema.empty()) name.schema = default_schema;
  return name;
}

void check_schema(const DdlStatement& ddl, const ObjectName& object, const SchemaView& schema) {
  const bool there = schema.has_schema(object.name);
  if (ddl.creates && there && ddl.guard == Existence::irrelevant) {
    throw Refused(1007, "HY000", "Can't create database '" + object.name + "'; database exists");
  }
  if (ddl.drops && !there && ddl.guard == Existence::irrelevant) {
    throw Refused(1008, "HY000",
                  "Can't drop database '" + object.name + "'; database doesn't exist");
  }
}

void check_object(const DdlStatement& ddl, const ObjectName& table, const SchemaView& schema) {
  const bool there = schema.has_table(table);
  const bool is_table = ddl.object_kind == ObjectKind::table;
  if (ddl.creates && is_table && there && ddl.guard == Existence::irrelevant) {
    throw Refused(1050, "42S01", "Table '" + dotted(table) + "' already exists");
  }
  if (ddl.drops && is_table && !there && ddl.guard == Existence::irrelevant) {
    throw Refused(1051, "42S02", "Unknown table '" + dotted(table) + "'");
  }
  const bool changes = (!ddl.creates && !ddl.drops) || ddl.object_kind == ObjectKind::index;
  if (changes && !there) {
    throw Refused(1146, "42S02", "Table '" + dotted(table) + "' doesn't exist");
  }
}

void check_clause(const DdlClause& clause, const ObjectName& table, const SchemaView& schema) {
  if (clause.guard != Existence::irrelevant) return;
  switch (clause.kind) {
    case DdlClause::Kind::add_column:
      for (const ColumnSpec& column : clause.columns) {
        if (!schema.column_type(table, column.name)) continue;
        throw Refused(1060, "42S21", "Duplicate column name '" + column.name + "'");
      }
      return;
    case DdlClause::Kind::modify_column:
      if (schema.column_type(table, clause.old_name)) return;
      throw Refused(1054, "42S22",
                    "Unknown column '" + clause.old_name + "' in '" + table.name + "'");
    case DdlClause::Kind::add_index:
      if (clause.old_name.empty() || !schema.has_index(table, clause.old_name)) return;
      throw Refused(1061, "42000", "Duplicate key name '" + clause.old_name + "'");
    case DdlClause::Kind::drop_index:
      if (schema.has_index(table, clause.old_name)) return;
      throw Refused(1091, "42000", "index " + clause.old_name + " doesn't exist");
    case DdlClause::Kind::drop_column:
      if (schema.column_type(table, clause.old_name)) return;
      throw Refused(1091, "42000",
                    "Can't DROP '" + clause.old_name + "'; check that column/key exists");
    default:
      return;
  }
}

const char* unsupported_constraint(ColumnOption option) {
  switch (option) {
    case ColumnOption::unique:
      return "constraint UNIQUE KEY";
    case ColumnOption::primary_key:
      return "constraint PRIMARY KEY";
    case ColumnOption::auto_increment:
      return "constraint AUTO_INCREMENT";
    default:
      return nullptr;
  }
}

}  // namespace

bool EngineSchema::has_schema(const std::string& schema) const {
  return any("SELECT 1 FROM information_schema.schemata WHERE schema_name=" + quote_text(schema));
}

bool EngineSchema::has_table(const ObjectName& table) const {
  return any("SELECT 1 FROM information_schema.tables WHERE " + where(table));
}

bool EngineSchema::has_index(const ObjectName& table, const std::string& index) const {
  return any("SELECT 1 FROM information_schema.statistics WHERE " + where(table) +
             " AND LOWER(index_name)=" + quote_text(to_lower(index)));
}

bool EngineSchema::has_partition(const ObjectName& table, const std::string& partition) const {
  return any("SELECT 1 FROM information_schema.partitions WHERE " + where(table) +
             " AND partition_name=" + quote_text(partition));
}

std::optional<std::string> EngineSchema::column_type(const ObjectName& table,
                                                     const std::string& column) const {
  const auto rows =
      shared_.as_admin("SELECT column_type FROM information_schema.columns WHERE " + where(table) +
                       " AND LOWER(column_name)=" + quote_text(to_lower(column)));
  if (rows.empty()) return std::nullopt;
  const std::string definition = "c " + rows.front().front().value_or("");
  return parse_column(tokenize(definition).list).type;
}

void refuse_impossible(const DdlStatement& ddl, const SchemaView& schema,
                       const std::string& default_schema) {
  for (const ObjectName& object : ddl.objects) {
    if (ddl.object_kind == ObjectKind::schema) {
      check_schema(ddl, object, schema);
    } else {
      check_object(ddl, with_schema(object, default_schema), schema);
    }
  }
  if (ddl.objects.empty()) return;
  const ObjectName table = with_schema(ddl.objects.front(), default_schema);
  // A multi-clause ALTER may make what a later clause uses; that one is left to the engine.
  if (!ddl.clauses.empty()) check_clause(ddl.clauses.front(), table, schema);
}

void refuse_unsupported(const DdlStatement& ddl, const TableIds& tables,
                        const std::string& default_schema) {
  const ObjectName table =
      ddl.objects.empty() ? ObjectName{} : with_schema(ddl.objects.front(), default_schema);
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.job_type == "drop primary key" && !tables.is_nonclustered(table)) {
      throw Refused(8200, "HY000",
                    "Unsupported drop primary key when the table is using clustered index");
    }
    if (clause.kind != DdlClause::Kind::add_column) continue;
    for (const ColumnSpec& column : clause.columns) {
      for (const ColumnOption option : column.options) {
        const char* name = unsupported_constraint(option);
        if (name == nullptr) continue;
        throw Refused(8200, "HY000",
                      "unsupported add column '" + column.name + "' " + name + " when altering '" +
                          dotted(table) + "'");
      }
    }
  }
}

}  // namespace bdrmesh::lab
