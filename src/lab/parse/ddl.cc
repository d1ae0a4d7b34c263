#include "lab/parse/ddl.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

DdlClause one(std::string job_type, BdrClass bdr_class) {
  DdlClause clause;
  clause.job_type = std::move(job_type);
  clause.bdr_class = bdr_class;
  return clause;
}

void object_list(Cursor& cursor, std::vector<ObjectName>& objects) {
  do {
    ObjectName name = cursor.object_name();
    if (!name.name.empty()) objects.push_back(std::move(name));
  } while (cursor.accept_symbol(','));
}

void set_only(DdlStatement& ddl, std::string job_type, BdrClass bdr_class) {
  ddl.job_type = job_type;
  ddl.clauses.push_back(one(std::move(job_type), bdr_class));
}

void parse_create_index(Cursor& cursor, DdlStatement& ddl, bool unique) {
  ddl.object_kind = ObjectKind::index;
  DdlClause clause = one("add index", unique ? BdrClass::non_replicable : BdrClass::replicable);
  clause.kind = DdlClause::Kind::add_index;
  clause.unique = unique;
  if (cursor.accept({"if", "not", "exists"})) clause.guard = Existence::must_be_absent;
  clause.old_name = cursor.next().name;
  while (!cursor.at_end() && !cursor.accept("on")) cursor.next();
  ddl.objects.push_back(cursor.object_name());
  ddl.job_type = clause.job_type;
  ddl.clauses.push_back(std::move(clause));
}

bool is_nonclustered(const std::vector<Token>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [](const Token& token) { return token.is("nonclustered"); });
}

void parse_create(Cursor& cursor, const Statement& statement, DdlStatement& ddl) {
  ddl.creates = true;
  cursor.accept({"or", "replace"});
  const bool global = cursor.accept("global");
  ddl.local_temporary = cursor.accept("temporary") && !global;
  if (cursor.accept({"placement", "policy"})) {
    ddl.object_kind = ObjectKind::placement_policy;
    set_only(ddl, "create placement policy", BdrClass::unmanaged);
  } else if (cursor.accept({"resource", "group"})) {
    ddl.object_kind = ObjectKind::resource_group;
    set_only(ddl, "create resource group", BdrClass::unmanaged);
  } else if (cursor.accept("unique")) {
    cursor.accept_any({"index", "key"});
    return parse_create_index(cursor, ddl, true);
  } else if (cursor.accept("index")) {
    return parse_create_index(cursor, ddl, false);
  } else if (cursor.accept_any({"database", "schema"})) {
    ddl.object_kind = ObjectKind::schema;
    set_only(ddl, "create schema", BdrClass::replicable);
  } else if (cursor.accept("table")) {
    set_only(ddl, "create table", BdrClass::replicable);
    ddl.nonclustered = is_nonclustered(statement.tokens);
  } else if (cursor.accept("sequence")) {
    ddl.object_kind = ObjectKind::sequence;
    set_only(ddl, "create sequence", BdrClass::non_replicable);
  } else {
    while (!cursor.at_end() && !cursor.accept("view"))
      cursor.next();  // DEFINER, ALGORITHM, SQL SECURITY
    ddl.object_kind = ObjectKind::view;
    set_only(ddl, "create view", BdrClass::replicable);
  }
  if (cursor.accept({"if", "not", "exists"})) ddl.guard = Existence::must_be_absent;
  ddl.objects.push_back(cursor.object_name());
}

void parse_drop(Cursor& cursor, DdlStatement& ddl) {
  ddl.drops = true;
  ddl.local_temporary = cursor.accept("temporary");
  if (cursor.accept({"placement", "policy"})) {
    ddl.object_kind = ObjectKind::placement_policy;
    set_only(ddl, "drop placement policy", BdrClass::unmanaged);
  } else if (cursor.accept({"resource", "group"})) {
    ddl.object_kind = ObjectKind::resource_group;
    set_only(ddl, "drop resource group", BdrClass::unmanaged);
  } else if (cursor.accept("index")) {
    ddl.object_kind = ObjectKind::index;
    ddl.drops = false;
    DdlClause clause = one("drop index", BdrClass::replicable);
    clause.kind = DdlClause::Kind::drop_index;
    if (cursor.accept({"if", "exists"})) clause.guard = Existence::must_be_present;
    clause.old_name = cursor.next().name;
    cursor.accept("on");
    ddl.objects.push_back(cursor.object_name());
    ddl.job_type = clause.job_type;
    ddl.clauses.push_back(std::move(clause));
    return;
  } else if (cursor.accept_any({"database", "schema"})) {
    ddl.object_kind = ObjectKind::schema;
    set_only(ddl, "drop schema", BdrClass::non_replicable);
  } else if (cursor.accept("view")) {
    ddl.object_kind = ObjectKind::view;
    set_only(ddl, "drop view", BdrClass::replicable);
  } else if (cursor.accept("sequence")) {
    ddl.object_kind = ObjectKind::sequence;
    set_only(ddl, "drop sequence", BdrClass::non_replicable);
  } else {
    cursor.accept_any({"table", "tables"});
    set_only(ddl, "drop table", BdrClass::non_replicable);
  }
  if (cursor.accept({"if", "exists"})) ddl.guard = Existence::must_be_present;
  object_list(cursor, ddl.objects);
}

void parse_alter_schema(Cursor& cursor, DdlStatement& ddl) {
  ddl.object_kind = ObjectKind::schema;
  ddl.objects.push_back(cursor.object_name());
  if (cursor.later_word("placement")) {
    set_only(ddl, "modify schema default placement", BdrClass::non_replicable);
  } else if (cursor.later_word("tiflash")) {
    // One job per table; nothing for a schema by itself.
    set_only(ddl, "", BdrClass::no_job);
  } else if (cursor.later_word("read")) {
    set_only(ddl, "modify schema read only", BdrClass::non_replicable);
  } else {
    set_only(ddl, "modify schema charset and collate", BdrClass::non_replicable);
  }
}

void parse_alter_statement(Cursor& cursor, const Statement& statement, DdlStatement& ddl) {
  cursor.accept("ignore");
  if (cursor.accept_any({"database", "schema"})) return parse_alter_schema(cursor, ddl);
  if (cursor.accept({"placement", "policy"})) {
    ddl.object_kind = ObjectKind::placement_policy;
    return set_only(ddl, "alter placement policy", BdrClass::unmanaged);
  }
  if (cursor.accept({"resource", "group"})) {
    ddl.object_kind = ObjectKind::resource_group;
    return set_only(ddl, "alter resource group", BdrClass::unmanaged);
  }
  if (cursor.accept("sequence")) {
    ddl.object_kind = ObjectKind::sequence;
    ddl.objects.push_back(cursor.object_name());
    return set_only(ddl, "alter sequence", BdrClass::non_replicable);
  }
  cursor.accept("table");
  ddl.objects.push_back(cursor.object_name());
  ddl.clauses = parse_alter_clauses(statement.tokens, cursor.position(), ddl.new_name);
  std::size_t jobs = 0;
  for (const DdlClause& clause : ddl.clauses) {
    if (clause.bdr_class == BdrClass::no_job) continue;
    ++jobs;
    ddl.job_type = clause.job_type;
  }
  if (jobs > 1) ddl.job_type = "alter table multi-schema change";
}

void parse_rename(Cursor& cursor, DdlStatement& ddl) {
  cursor.accept("table");
  int count = 0;
  do {
    ddl.objects.push_back(cursor.object_name());
    cursor.accept("to");
    ddl.new_name = cursor.object_name();
    ++count;
  } while (cursor.accept_symbol(','));
  set_only(ddl, count > 1 ? "rename tables" : "rename table", BdrClass::non_replicable);
}

void parse_flashback(Cursor& cursor, DdlStatement& ddl) {
  if (cursor.accept("cluster")) {
    ddl.object_kind = ObjectKind::other;
    set_only(ddl, "flashback cluster", BdrClass::non_replicable);
  } else if (cursor.accept_any({"database", "schema"})) {
    ddl.object_kind = ObjectKind::schema;
    set_only(ddl, "flashback schema", BdrClass::non_replicable);
  } else {
    cursor.accept("table");
    set_only(ddl, "recover table", BdrClass::non_replicable);
  }
}

}  // namespace

DdlStatement parse_ddl(const Statement& statement) {
  DdlStatement ddl;
  Cursor cursor(statement.tokens);
  if (cursor.accept("create")) {
    parse_create(cursor, statement, ddl);
  } else if (cursor.accept("drop")) {
    parse_drop(cursor, ddl);
  } else if (cursor.accept("alter")) {
    parse_alter_statement(cursor, statement, ddl);
  } else if (cursor.accept("truncate")) {
    cursor.accept("table");
    ddl.objects.push_back(cursor.object_name());
    set_only(ddl, "truncate table", BdrClass::non_replicable);
  } else if (cursor.accept("rename")) {
    parse_rename(cursor, ddl);
  } else {
    cursor.next();
    parse_flashback(cursor, ddl);
  }
  if (ddl.clauses.empty()) set_only(ddl, "", BdrClass::no_job);
  return ddl;
}

}  // namespace bdrmesh::lab
