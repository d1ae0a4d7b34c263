#include "ddl/reader.h"

namespace bdrmesh::ddl {

void Reader::sequence(Kind kind, bool idempotent) {
  const bool listed = kind == Kind::drop_sequence ? take_table_list() : take_table();
  if (!listed) return unknown();
  cursor_.skip_all();
  Clause& clause = add(kind);
  clause.idempotent = idempotent;
  clause.reason = "sequences are never replicated; give each cluster a range of its own";
}

void Reader::unmanaged(Kind kind) {
  const bool idempotent = if_not_exists() || if_exists() || facts_of(kind).repeatable;
  if (!identifier()) return unknown();
  cursor_.skip_all();
  add(kind).idempotent = idempotent;
}

void Reader::alter() {
  if (cursor_.take("TABLE")) return alter_table();
  if (cursor_.sees("IGNORE") && cursor_.sees("TABLE", 1)) {
    cursor_.skip();
    cursor_.skip();
    return alter_table();
  }
  if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) return alter_schema();
  if (cursor_.take("SEQUENCE")) return sequence(Kind::alter_sequence, if_exists());
  if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::alter_placement_policy);
  if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::alter_resource_group);
  if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
  if (cursor_.sees("INSTANCE") || cursor_.sees("RANGE")) return unknown();
  unknown();
}

void Reader::alter_table() {
  if (!take_table()) return unknown();
  TableMentions mentions;
  parsed_.clauses = read_alter_table(cursor_, tidb_, mentions);
  const std::size_t end = cursor_.position();
  const TableName self = parsed_.tables.front().name;
  for (const std::size_t place : mentions.renamed_to) {
    cursor_.back_to(place);
    // A new name without schema stays in the session's schema, as for any other name.
    if (auto target = table_name(schema_)) {
      parsed_.renames.emplace_back(self, target->name);
      parsed_.tables.push_back(std::move(*target));
    }
  }
  for (const std::size_t place : mentions.exchanged_with) {
    cursor_.back_to(place);
    if (auto partner = table_name(schema_)) {
      parsed_.exchanged.push_back(partner->name);
      parsed_.tables.push_back(std::move(*partner));
    }
  }
  cursor_.back_to(end);
}

void Reader::alter_schema() {
  std::string name = schema_;
  const bool options = cursor_.sees("DEFAULT") || cursor_.sees("CHARACTER") ||
                       cursor_.sees("CHARSET") || cursor_.sees("COLLATE") ||
                       cursor_.sees("PLACEMENT");
  if (!options) name = identifier().value_or("");
  parsed_.schemas.push_back(name);
  if (cursor_.take({"SET", "TIFLASH", "REPLICA"})) {
    cursor_.skip_all();
    add(Kind::tiflash_replica);
    return;
  }
  if (cursor_.take({"READ", "ONLY"})) {
    cursor_.skip_all();
    add(Kind::modify_schema);
    return;
  }
  if (cursor_.at_end() || !schema_options()) return unknown();
  add(schema_kind_);
}

void Reader::drop() {
  if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) {
    const bool idempotent = if_exists();
    const auto name = identifier();
    if (!name) return unknown();
    parsed_.schemas.push_back(*name);
    add(Kind::drop_schema).idempotent = idempotent;
    return;
  }
  if (cursor_.take_any({"TABLE", "TABLES"})) return drop_list(Kind::drop_table);
  if (cursor_.sees("TEMPORARY")) return not_ddl("a temporary table lives in one session");
  if (cursor_.take({"GLOBAL", "TEMPORARY", "TABLE"})) return drop_list(Kind::drop_table);
  if (cursor_.take("VIEW")) return drop_list(Kind::drop_view);
  if (cursor_.take("SEQUENCE")) return sequence(Kind::drop_sequence, if_exists());
  if (cursor_.take("INDEX")) return drop_index();
  if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::drop_placement_policy);
  if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::drop_resource_group);
  if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
  if (binding_ahead()) return not_ddl("bindings are local to each cluster");
  if (cursor_.sees("STATS") || cursor_.sees("PREPARE")) return not_ddl("it makes no DDL job");
  unknown();
}

void Reader::drop_list(Kind kind) {
  const bool idempotent = if_exists();
  if (!take_table_list()) return unknown();
  cursor_.take_any({"RESTRICT", "CASCADE"});
  add(kind).idempotent = idempotent;
}

void Reader::drop_index() {
  Clause clause = clause_of(Kind::drop_index);
  clause.idempotent = if_exists();
  clause.needs_table_check = true;
  clause.reason = "the table must keep a usable key, and a unique index needs a pause";
  clause.target = identifier().value_or("");
  if (clause.target.empty() || !cursor_.take("ON") || !take_table()) return unknown();
  while (cursor_.sees("ALGORITHM") || cursor_.sees("LOCK")) {
    cursor_.skip();
    cursor_.take('=');
    cursor_.skip();
  }
  const bool primary = same_name(clause.target, "PRIMARY");
  parsed_.clauses.push_back(primary ? drop_primary_key() : std::move(clause));
}

void Reader::truncate() {
  cursor_.take("TABLE");
  if (!take_table()) return unknown();
  add(Kind::truncate_table);
}

void Reader::rename() {
  if (cursor_.sees("USER")) return account();
  if (!cursor_.take_any({"TABLE", "TABLES"})) return unknown();
  do {
    if (!take_table()) return unknown();
    const TableName from = parsed_.tables.back().name;
    if (!cursor_.take("TO") || !take_table()) return unknown();
    parsed_.renames.emplace_back(from, parsed_.tables.back().name);
  } while (cursor_.take(','));
  add(Kind::rename_table);
}

void Reader::recover() {
  if (!cursor_.take("TABLE")) return unknown();
  if (cursor_.take({"BY", "JOB"})) {
    cursor_.skip_all();
    return refuse(Kind::recover_table, "job numbers differ between clusters: name the table");
  }
  if (!take_table()) return unknown();
  if (!cursor_.at_end()) return unknown();
  add(Kind::recover_table);
}

void Reader::flashback() {
  if (cursor_.sees("CLUSTER")) {
    cursor_.skip_all();
    return refuse(Kind::flashback_cluster,
                  "it turns one cluster back behind the feeds: stop the group first");
  }
  if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) {
    parsed_.schemas.push_back(identifier().value_or(""));
    cursor_.skip_all();
    return refuse(Kind::flashback_schema,
                  "TiCDC does not follow it: the feeds would not know the tables");
  }
  if (!cursor_.take("TABLE") || !take_table()) return unknown();
  if (cursor_.take("TO")) {
    const TableName from = parsed_.tables.back().name;
    auto target = table_name(from.schema);
    if (!target) return unknown();
    parsed_.renames.emplace_back(from, target->name);
    parsed_.tables.push_back(std::move(*target));
  }
  if (!cursor_.at_end()) {
    cursor_.skip_all();
    return refuse(Kind::flashback_cluster,
                  "it turns one cluster back behind the feeds: stop the group first");
  }
  add(Kind::recover_table);
}

}  // namespace bdrmesh::ddl
