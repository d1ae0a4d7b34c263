#include <algorithm>

#include "ddl/clause.h"
#include "ddl/column.h"
#include "ddl/table_definition.h"

namespace bdrmesh::ddl {

namespace {

/// @see tidb-sql §1.4 ADD COLUMN option rule, measured A20
Clause judge_added(const ColumnDefinition& column, Version tidb) {
  if (column.uniques > 0 || column.keys > 0 || column.automatic) {
    return refused(Kind::add_column,
                   "TiDB refuses keys and AUTO_INCREMENT in ADD COLUMN (8200): add the column, "
                   "then the index");
  }
  if (column.stored)
    return refused(Kind::add_column, "TiDB refuses to add a STORED generated column (3106)");
  if (!column.constant_default) {
    return paused(
        Kind::add_column,
        "the default is computed: rows in flight would get another value on each cluster");
  }
  const int rest = column.null + column.not_null + column.defaults +
                   std::max(0, column.comments - 1) + std::max(0, column.generated - 1) +
                   column.checks + column.references + column.others;
  const bool null_or_default = rest == 1 && (column.null == 1 || column.defaults == 1);
  const bool both = rest == 2 && column.not_null == 1 && column.defaults == 1;
  if (rest != 0 && !null_or_default && !both) {
    return paused(
        Kind::add_column,
        "only NULL, DEFAULT x, or NOT NULL with DEFAULT x (and COMMENT) replicate in ADD COLUMN");
  }
  const bool late = (rest == 1 && column.defaults == 1) || column.generated > 0;
  if (late && tidb < Version{8, 0, 0}) {
    return paused(Kind::add_column,
                  "before v8.0 TiDB refuses a lone DEFAULT and generated columns on PRIMARY");
  }
  return clause_of(Kind::add_column);
}

Clause judge_modified(const ColumnDefinition& column, bool renames) {
  Clause clause = clause_of(Kind::modify_column);
  if (renames) {
    clause = paused(Kind::rename_column,
                    "rows in flight carry the old column name and would stop the feeds");
  }
  clause.needs_table_check = true;  // it may take NOT NULL from a key
  if (renames) return clause;
  const int rest = column.null + column.not_null + column.generated + column.keys + column.uniques +
                   column.checks + column.references + column.others;
  if (rest == 0 && column.defaults == 1 && column.comments <= 1) {
    clause.reason = "replicates only if the type stays the same";
    return clause;
  }
  clause.class_ = DdlClass::non_replicable;
  clause.reason =
      "only DEFAULT x, alone or with COMMENT, and an unchanged type replicate in MODIFY COLUMN";
  return clause;
}

void read_columns_in_parentheses(Cursor& cursor, Version tidb, std::vector<Clause>& clauses);

Clause judge_index(const TableDefinition& read) {
  if (!read.constraints.empty()) {
    return clause_of(read.constraints.front().is_foreign_key ? Kind::add_foreign_key
                                                             : Kind::add_check);
  }
  Clause clause = clause_of(Kind::add_index);
  switch (read.indexes.front().kind) {
    case IndexKind::primary:
      clause = clause_of(Kind::add_primary_key);
      break;
    case IndexKind::unique:
      clause = paused(Kind::add_unique_index,
                      "rows that are unique on each cluster may collide between them");
      break;
    case IndexKind::special:
      return clause_of(Kind::add_special_index);
    case IndexKind::plain:
      return clause;
  }
  clause.parts = read.indexes.front().parts;
  return clause;
}

bool has_if_not_exists(const Cursor& cursor, std::size_t from) {
  const auto tokens = cursor.since(from);
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].is("IF") && tokens[i + 1].is("NOT") && tokens[i + 2].is("EXISTS")) return true;
  }
  return false;
}

/// A column, as TiDB reads it: everything after ADD that starts no index, constraint or partition.
Clause read_added_column(Cursor& cursor, Version tidb) {
  const bool idempotent = cursor.take({"IF", "NOT", "EXISTS"});
  const ColumnDefinition column = read_column(cursor);
  if (!column.understood) return unknown(cursor);
  Clause clause = judge_added(column, tidb);
  clause.idempotent = idempotent;
  return clause;
}

void read_add(Cursor& cursor, Version tidb, std::vector<Clause>& clauses) {
  const std::size_t from = cursor.position();
  if (cursor.take("PARTITION")) return clauses.push_back(read_add_partition(cursor));
  if (cursor.sees("STATS_EXTENDED")) {
    cursor.skip_all();
    Clause clause = clause_of(Kind::not_ddl);
    clause.reason = "extended statistics are local to each cluster and make no DDL job";
    return clauses.push_back(clause);
  }
  const bool column = cursor.take("COLUMN");
  if (cursor.sees('(')) return read_columns_in_parentheses(cursor, tidb, clauses);
  TableDefinition read;
  if (!column && read_index_or_constraint(cursor, read)) {
    Clause clause = judge_index(read);
    clause.idempotent = has_if_not_exists(cursor, from);
    return clauses.push_back(std::move(clause));
  }
  clauses.push_back(read_added_column(cursor, tidb));
}

void read_columns_in_parentheses(Cursor& cursor, Version tidb, std::vector<Clause>& clauses) {
  Cursor inner(cursor.parenthesised());
  if (inner.at_end()) return clauses.push_back(unknown(inner));
  while (!inner.at_end()) {
    TableDefinition read;
    clauses.push_back(read_index_or_constraint(inner, read) ? judge_index(read)
                                                            : read_added_column(inner, tidb));
    if (!inner.take(',')) break;
  }
  if (!inner.at_end()) clauses.push_back(unknown(inner));
}

Clause read_drop(Cursor& cursor) {
  if (cursor.take({"PRIMARY", "KEY"})) return drop_primary_key();
  if (cursor.take({"FOREIGN", "KEY"})) {
    cursor.name();
    return clause_of(Kind::drop_foreign_key);
  }
  if (cursor.take("PARTITION")) {
    Clause clause = paused(Kind::drop_partition,
                           "rows in flight would land in another partition on one cluster only");
    clause.idempotent = cursor.take({"IF", "EXISTS"});
    while (cursor.name() && cursor.take(',')) {
    }
    return clause;
  }
  if (cursor.sees("STATS_EXTENDED")) {
    cursor.skip_all();
    return clause_of(Kind::not_ddl);
  }
  Clause clause = clause_of(Kind::drop_column);
  if (cursor.take_any({"INDEX", "KEY"})) {
    clause = clause_of(Kind::drop_index);
    clause.reason = "the table must keep a usable key, and a unique index needs a pause";
    clause.needs_table_check = true;
  } else if (cursor.take_any({"CONSTRAINT", "CHECK"})) {
    clause = clause_of(Kind::drop_check);
    clause.needs_table_check =
        true;  // DROP CONSTRAINT also drops a unique key or foreign key of that name
  } else {
    cursor.take("COLUMN");
    clause.needs_table_check = true;  // its index goes with it
  }
  clause.idempotent = cursor.take({"IF", "EXISTS"});
  const std::optional<std::string> target = cursor.name();
  if (!target) return unknown(cursor);
  clause.target = *target;
  if (clause.kind == Kind::drop_index && same_name(*target, "PRIMARY")) return drop_primary_key();
  cursor.take_any({"RESTRICT", "CASCADE"});
  return clause;
}

Clause read_modify(Cursor& cursor, bool change) {
  cursor.take("COLUMN");
  const bool idempotent = cursor.take({"IF", "EXISTS"});
  std::string old_name;
  if (change) old_name = cursor.name().value_or("");
  const ColumnDefinition column = read_column(cursor);
  if (!column.understood || (change && old_name.empty())) return unknown(cursor);
  Clause clause = judge_modified(column, change && !same_name(old_name, column.name));
  clause.idempotent = idempotent;
  clause.target = change ? old_name : column.name;
  clause.column = column;
  return clause;
}

Clause read_alter(Cursor& cursor) {
  if (cursor.take("INDEX")) {
    if (cursor.name() && cursor.take_any({"VISIBLE", "INVISIBLE"}))
      return clause_of(Kind::index_visibility);
    return unknown(cursor);
  }
  if (cursor.take_any({"CONSTRAINT", "CHECK"})) {
    if (!cursor.name()) return unknown(cursor);
    if (!cursor.take({"NOT", "ENFORCED"}) && !cursor.take("ENFORCED")) return unknown(cursor);
    return clause_of(Kind::alter_check);
  }
  cursor.take("COLUMN");
  if (!cursor.name()) return unknown(cursor);
  if (cursor.take({"DROP", "DEFAULT"})) return clause_of(Kind::set_default_value);
  if (!cursor.take({"SET", "DEFAULT"}) || cursor.at_end() || cursor.sees(','))
    return unknown(cursor);
  cursor.skip_to_comma();
  return clause_of(Kind::set_default_value);
}

Clause read_rename(Cursor& cursor, TableMentions& mentions) {
  if (cursor.take_any({"INDEX", "KEY"})) {
    if (cursor.name() && cursor.take("TO") && cursor.name()) return clause_of(Kind::rename_index);
    return unknown(cursor);
  }
  if (cursor.take("COLUMN")) {
    if (!cursor.name() || !cursor.take("TO") || !cursor.name()) return unknown(cursor);
    return paused(Kind::rename_column,
                  "rows in flight carry the old column name and would stop the feeds");
  }
  if (!cursor.take_any({"TO", "AS"})) cursor.take('=');
  mentions.renamed_to.push_back(cursor.position());
  if (!cursor.name() || (cursor.take('.') && !cursor.name())) return unknown(cursor);
  return clause_of(Kind::rename_table);
}

Kind kind_of_option(const TableOption& option) {
  static constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"COMMENT", Kind::table_comment},
      {"AUTO_INCREMENT", Kind::rebase_auto_increment},
      {"AUTO_ID_CACHE", Kind::auto_id_cache},
      {"AUTO_RANDOM_BASE", Kind::rebase_auto_random},
      {"SHARD_ROW_ID_BITS", Kind::shard_row_id},
      {"CHARSET", Kind::table_charset},
      {"COLLATE", Kind::table_charset},
      {"PLACEMENT POLICY", Kind::table_placement},
      {"ATTRIBUTES", Kind::table_attributes},
      {"TTL", Kind::ttl},
      {"TTL_ENABLE", Kind::ttl},
      {"TTL_JOB_INTERVAL", Kind::ttl},
      {"ENGINE_ATTRIBUTE", Kind::engine_attribute},
      {"ENGINE", Kind::no_effect},
      {"ROW_FORMAT", Kind::no_effect},
  };
  if (option.name.starts_with("STATS_")) return Kind::stats_options;
  for (const auto& [name, kind] : kKinds) {
    if (name == option.name) return kind;
  }
  return Kind::unknown;
}

/// Options that stand together without commas make one clause for each of their kinds.
bool read_options(Cursor& cursor, std::vector<Clause>& clauses) {
  bool any = false;
  while (!cursor.at_end() && !cursor.sees(',')) {
    const std::size_t from = cursor.position();
    const std::optional<TableOption> option = read_table_option(cursor);
    if (!option) break;
    const Kind kind = kind_of_option(*option);
    if (kind == Kind::unknown) {
      cursor.back_to(from);
      return any;
    }
    const bool goes_on = any && !clauses.empty() && clauses.back().kind == kind;
    if (!goes_on) clauses.push_back(clause_of(kind));
    any = true;
  }
  return any;
}

std::optional<Clause> read_rest(Cursor& cursor) {
  if (cursor.take("CONVERT")) {
    if (!cursor.take("TO")) return unknown(cursor);
    cursor.skip_to_comma();
    Clause clause = clause_of(Kind::table_charset);
    clause.needs_table_check = false;
    return clause;
  }
  if (cursor.take({"REMOVE", "TTL"})) return clause_of(Kind::remove_ttl);
  if (cursor.take("CACHE")) return clause_of(Kind::cache_table);
  if (cursor.take("NOCACHE")) return clause_of(Kind::uncache_table);
  if (cursor.take({"SET", "TIFLASH", "REPLICA"})) {
    cursor.skip_to_comma();
    while (cursor.sees(',') && cursor.peek(1) != nullptr &&
           cursor.peek(1)->kind == TokenKind::string) {
      cursor.skip();  // the comma belongs to a list of labels
      cursor.skip();
    }
    return clause_of(Kind::tiflash_replica);
  }
  if (cursor.take("ALGORITHM") || cursor.take("LOCK")) {
    cursor.take('=');
    cursor.skip();
    return clause_of(Kind::no_effect);
  }
  if (cursor.take({"WITH", "VALIDATION"}) || cursor.take({"WITHOUT", "VALIDATION"}) ||
      cursor.take({"ENABLE", "KEYS"}) || cursor.take({"DISABLE", "KEYS"})) {
    return clause_of(Kind::no_effect);
  }
  return std::nullopt;
}

void read_clause(Cursor& cursor, Version tidb, TableMentions& mentions,
                 std::vector<Clause>& clauses) {
  if (cursor.take("ADD")) return read_add(cursor, tidb, clauses);
  if (cursor.take("DROP")) return clauses.push_back(read_drop(cursor));
  if (cursor.take("MODIFY")) return clauses.push_back(read_modify(cursor, false));
  if (cursor.take("CHANGE")) return clauses.push_back(read_modify(cursor, true));
  if (cursor.take("ALTER")) return clauses.push_back(read_alter(cursor));
  if (cursor.take("RENAME")) return clauses.push_back(read_rename(cursor, mentions));
  if (auto clause = read_partitioning(cursor, mentions))
    return clauses.push_back(std::move(*clause));
  if (auto clause = read_rest(cursor)) return clauses.push_back(std::move(*clause));
  if (!read_options(cursor, clauses)) clauses.push_back(unknown(cursor));
}

}  // namespace

std::vector<Clause> read_alter_table(Cursor& cursor, Version tidb, TableMentions& mentions) {
  std::vector<Clause> clauses;
  if (cursor.at_end()) clauses.push_back(unknown(cursor));
  while (!cursor.at_end()) {
    read_clause(cursor, tidb, mentions, clauses);
    if (clauses.back().kind == Kind::unknown || cursor.at_end()) break;
    // Partition work may follow other clauses without a comma.
    const bool partitions = cursor.sees("PARTITION") || cursor.sees("REMOVE");
    if (!cursor.take(',') && !partitions) {
      clauses.push_back(unknown(cursor));
      break;
    }
    if (cursor.at_end()) clauses.push_back(unknown(cursor));
  }
  return clauses;
}

}  // namespace bdrmesh::ddl
