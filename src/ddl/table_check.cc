#include "ddl/table_check.h"

#include <algorithm>

#include "base/error.h"
#include "ddl/judge.h"

namespace bdrmesh::ddl {

namespace {

bool same_table(const TableName& a, const TableName& b) {
  return same_name(a.schema, b.schema) && same_name(a.table, b.table);
}

void refuse(Clause& clause, std::string reason) {
  clause.refused = true;
  clause.reason = std::move(reason);
}

void pause_for(Clause& clause, std::string reason) {
  clause.class_ = DdlClass::non_replicable;
  clause.reason = std::move(reason);
}

/// Carries the clauses out on the definition, so that what is left can be asked for its keys.
class Rehearsal {
 public:
  explicit Rehearsal(TableDefinition table) : table_(std::move(table)) {}

  void apply(Clause& clause) {
    switch (clause.kind) {
      case Kind::drop_index:
      case Kind::drop_check:
      case Kind::drop_primary_key:
        return drop_index(clause);
      case Kind::drop_column:
        return drop_column(clause);
      case Kind::modify_column:
      case Kind::rename_column:
        return change_column(clause);
      default:
        return;
    }
  }

  bool has_usable_key() const { return table_.has_usable_key(); }

 private:
  void drop_index(Clause& clause) {
    const auto index = std::find_if(
        table_.indexes.begin(), table_.indexes.end(),
        [&](const IndexDefinition& one) { return same_name(one.name, clause.target); });
    if (index == table_.indexes.end()) return;  // nothing to do, or the server refuses
    if (index->kind == IndexKind::unique) {
      pause_for(
          clause,
          "the index is unique: rows that one cluster already accepts may collide on another");
    } else if (clause.kind == Kind::drop_index && index->kind == IndexKind::plain) {
      clause.reason.clear();
    }
    table_.indexes.erase(index);
  }

  void drop_column(const Clause& clause) {
    std::erase_if(table_.columns,
                  [&](const ColumnDefinition& one) { return same_name(one.name, clause.target); });
    std::erase_if(table_.indexes, [&](const IndexDefinition& index) {
      return std::any_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
        return same_name(part.column, clause.target);
      });
    });
  }

  void change_column(Clause& clause) {
    if (!clause.column) return;
    const auto column = std::find_if(
        table_.columns.begin(), table_.columns.end(),
        [&](const ColumnDefinition& one) { return same_name(one.name, clause.target); });
    if (column == table_.columns.end())
      return refuse(clause, "there is no column " + clause.target);
    if (clause.class_ == DdlClass::replicable) {
      if (column->type != clause.column->type) {
        pause_for(clause, "the type changes from " + column->type + " to " + clause.column->type);
      } else if (column->rejects_null() || column->generated > 0 || column->automatic) {
        pause_for(clause, "the column loses an option that it has: " + column->text);
      } else {
        clause.reason.clear();
      }
    }
    for (IndexDefinition& index : table_.indexes) {
      for (IndexPart& part : index.parts) {
        if (same_name(part.column, clause.target)) part.column = clause.column->name;
      }
    }
    *column = *clause.column;
  }

  TableDefinition table_;
};

const std::string* find(const std::map<TableName, std::string>& definitions,
                        const TableName& wanted) {
  for (const auto& [name, text] : definitions) {
    if (same_table(name, wanted)) return &text;
  }
  return nullptr;
}

/// @return std::nullopt with the clauses refused when the table cannot be judged.
std::optional<TableDefinition> definition_of(const TableName& name,
                                             const std::map<TableName, std::string>& definitions,
                                             Clause& clause) {
  const std::string* text = find(definitions, name);
  if (text == nullptr) {
    refuse(clause, "there is no table " + to_string(name));
    return std::nullopt;
  }
  try {
    TableDefinition table = parse_table(*text);
    if (table.understood) return table;
    refuse(clause,
           "the definition of " + to_string(name) + " is not understood: " + table.not_understood);
  } catch (const Error& error) {
    refuse(clause,
           "the definition of " + to_string(name) + " is not understood: " + error.message());
  }
  return std::nullopt;
}

void check_altered(Parsed& parsed, const std::map<TableName, std::string>& definitions,
                   const Context& context) {
  const TableName& name = parsed.tables.front().name;
  std::optional<TableDefinition> table = definition_of(name, definitions, parsed.clauses.front());
  if (!table) return;
  const bool had_key = table->has_usable_key();
  Rehearsal rehearsal(std::move(*table));
  for (Clause& clause : parsed.clauses) {
    const bool before = rehearsal.has_usable_key();
    rehearsal.apply(clause);
    if (had_key && before && !rehearsal.has_usable_key() && context.tables.matches(name)) {
      refuse(clause, "it takes the last usable key of " + to_string(name) +
                         ": feeds fail, or the DDL is dropped without a word; add another key "
                         "first, by a statement of its own");
    }
  }
}

void check_copied(Parsed& parsed, const std::map<TableName, std::string>& definitions,
                  const Context& context) {
  if (parsed.references.empty() || !context.tables.matches(parsed.tables.front().name)) return;
  Clause& clause = parsed.clauses.front();
  const std::optional<TableDefinition> source =
      definition_of(parsed.references.front().name, definitions, clause);
  if (!source) return;
  clause.reason.clear();
  if (!source->has_usable_key()) {
    refuse(clause,
           "the copied table has no usable key: TiCDC would leave the rows of the new one out");
  }
}

}  // namespace

std::vector<TableName> tables_to_check(const Statement& statement) {
  if (!statement.needs_table_check || statement.tables.empty()) return {};
  if (statement.kind != Kind::create_table) return {statement.tables.front()};
  for (const NamePlace& place : statement.places) {
    if (!same_table(place.name, statement.tables.front())) return {place.name};
  }
  return {};
}

Statement check_with_table(const Statement& statement,
                           const std::map<TableName, std::string>& definitions,
                           const Context& context) {
  if (!statement.needs_table_check) return statement;
  const auto scanned = split_statements(statement.text, {.ansi_quotes = context.ansi_quotes});
  if (scanned.size() != 1) throw_syntax(statement.text, 0, "not one statement");
  Parsed parsed = parse_statement(scanned.front(), context.default_schema, context.tidb);
  if (!parsed.tables.empty()) {
    if (statement.kind == Kind::create_table) {
      check_copied(parsed, definitions, context);
    } else {
      check_altered(parsed, definitions, context);
    }
  }
  Statement settled = judge(statement.text, scanned.front(), parsed, context);
  settled.needs_table_check = false;
  return settled;
}

}  // namespace bdrmesh::ddl
