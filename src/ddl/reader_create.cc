#include <algorithm>

#include "ddl/reader.h"

namespace bdrmesh::ddl {

void Reader::create() {
  const bool replaces = cursor_.take({"OR", "REPLACE"});
  if (view_ahead()) return create_view(replaces);
  if (replaces) return unknown();
  if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) return create_schema();
  if (cursor_.take("TABLE")) return create_table(false);
  if (cursor_.take({"GLOBAL", "TEMPORARY", "TABLE"})) return create_table(true);
  if (cursor_.take({"TEMPORARY", "TABLE"}))
    return not_ddl("a temporary table lives in one session");
  if (cursor_.take("SEQUENCE")) return sequence(Kind::create_sequence, if_not_exists());
  if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::create_placement_policy);
  if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::create_resource_group);
  if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
  if (binding_ahead()) return not_ddl("bindings are local to each cluster");
  create_index();
}

bool Reader::binding_ahead() {
  const std::size_t ahead = cursor_.sees("GLOBAL") || cursor_.sees("SESSION") ? 1 : 0;
  return cursor_.sees("BINDING", ahead);
}

void Reader::create_schema() {
  const bool idempotent = if_not_exists();
  const auto name = identifier();
  if (!name) return unknown();
  parsed_.schemas.push_back(*name);
  if (!schema_options()) return unknown();
  add(Kind::create_schema).idempotent = idempotent;
}

bool Reader::schema_options() {
  while (!cursor_.at_end()) {
    const std::size_t from = cursor_.position();
    const auto option = read_table_option(cursor_);
    if (!option) return false;
    if (option->name == "CHARSET" || option->name == "COLLATE") {
      schema_kind_ = Kind::modify_schema_charset;
    } else if (option->name == "PLACEMENT POLICY") {
      schema_kind_ = Kind::modify_schema_placement;
    } else {
      cursor_.back_to(from);
      return false;
    }
  }
  return true;
}

void Reader::create_table(bool temporary) {
  const bool idempotent = if_not_exists();
  if (!take_table()) return unknown();
  const bool bracketed = cursor_.sees('(') && cursor_.sees("LIKE", 1);
  if (bracketed) cursor_.skip();
  Clause clause = clause_of(Kind::create_table);
  clause.idempotent = idempotent;
  if (cursor_.take("LIKE")) {
    auto source = table_name(schema_);
    if (!source || (bracketed && !cursor_.take(')'))) return unknown();
    parsed_.references.push_back(std::move(*source));
    clause.needs_table_check = true;
    clause.reason = "the table it copies must have a usable key";
  } else {
    TableDefinition definition;
    const std::size_t from = cursor_.position();
    read_table_body(cursor_, definition);
    if (!definition.understood) {
      if (cursor_.at_end()) cursor_.back_to(from);
      return unknown(definition.not_understood.empty()
                         ? "the columns are missing"
                         : "not known: " + definition.not_understood.substr(0, 60));
    }
    judge_created(definition, clause);
    parsed_.definition = std::move(definition);
  }
  if (temporary) {
    clause.class_ = DdlClass::non_replicable;
    clause.refused = false;
    clause.reason = "rows of a temporary table never leave their server";
  }
  parsed_.clauses.push_back(std::move(clause));
}

void Reader::judge_created(const TableDefinition& definition, Clause& clause) {
  const bool references =
      std::any_of(definition.constraints.begin(), definition.constraints.end(),
                  [](const ConstraintDefinition& c) { return c.is_foreign_key; }) ||
      std::any_of(definition.columns.begin(), definition.columns.end(),
                  [](const ColumnDefinition& c) { return c.references > 0; });
  if (references) {
    clause.class_ = DdlClass::non_replicable;
    clause.reason =
        "TiCDC writes without foreign key checks: a new foreign key needs the data at rest";
  }
  if (!definition.has_usable_key()) {
    clause.refused = true;
    clause.reason =
        "the table has no primary key and no unique key over NOT NULL columns: TiCDC would leave "
        "its rows out";
  }
}

bool Reader::view_ahead() {
  for (std::size_t ahead = 0; ahead < 24; ++ahead) {
    const Token* token = cursor_.peek(ahead);
    if (token == nullptr || token->is('(')) return false;
    if (token->is("VIEW")) return true;
    if (ahead == 0 && !token->is("ALGORITHM") && !token->is("DEFINER") && !token->is("SQL"))
      return false;
  }
  return false;
}

void Reader::create_view(bool replaces) {
  while (!cursor_.at_end() && !cursor_.sees("VIEW")) cursor_.skip();
  cursor_.skip();
  auto mention = table_name(schema_);
  if (!mention) return unknown();
  parsed_.tables.push_back(std::move(*mention));
  cursor_.skip_parentheses();
  if (!cursor_.take("AS")) return unknown();
  cursor_.skip_all();
  add(Kind::create_view).idempotent = replaces;
}

void Reader::create_index() {
  Clause clause = clause_of(Kind::add_index);
  if (cursor_.take("UNIQUE")) {
    clause = clause_of(Kind::add_unique_index);
    clause.reason = "rows that are unique on each cluster may collide between them";
  } else if (cursor_.take_any({"FULLTEXT", "SPATIAL", "VECTOR", "COLUMNAR"})) {
    clause = clause_of(Kind::add_special_index);
  }
  if (!cursor_.take("INDEX")) return unknown();
  clause.idempotent = if_not_exists();
  if (!identifier()) return unknown();
  if (cursor_.take_any({"USING", "TYPE"})) cursor_.skip();
  if (!cursor_.take("ON") || !take_table()) return unknown();
  if (!cursor_.sees('(')) return unknown();
  clause.parts = read_index_parts(cursor_.parenthesised());
  cursor_.skip_all();
  parsed_.clauses.push_back(std::move(clause));
}

}  // namespace bdrmesh::ddl
