// The clauses of ALTER TABLE.
#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

namespace {

using Clause = DdlClause;

Clause plain(std::string job_type, BdrClass bdr_class) {
  Clause clause;
  clause.job_type = std::move(job_type);
  clause.bdr_class = bdr_class;
  return clause;
}
Clause unsafe(std::string job_type) { return plain(std::move(job_type), BdrClass::non_replicable); }
Clause safe(std::string job_type) { return plain(std::move(job_type), BdrClass::replicable); }

Existence if_exists(Cursor& cursor) {
  return cursor.accept({"if", "exists"}) ? Existence::must_be_present : Existence::irrelevant;
}
Existence if_not_exists(Cursor& cursor) {
  return cursor.accept({"if", "not", "exists"}) ? Existence::must_be_absent : Existence::irrelevant;
}

std::vector<Token> rest_of(const std::vector<Token>& tokens, Cursor& cursor) {
  return {tokens.begin() + static_cast<std::ptrdiff_t>(cursor.position()), tokens.end()};
}

/// Cuts at commas outside of parentheses.
std::vector<std::vector<Token>> split_list(const std::vector<Token>& tokens) {
  std::vector<std::vector<Token>> parts(1);
  int depth = 0;
  for (const Token& token : tokens) {
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')')) --depth;
    if (depth == 0 && token.is_symbol(',')) {
      parts.emplace_back();
    } else {
      parts.back().push_back(token);
    }
  }
  return parts;
}

Clause add_columns(const std::vector<Token>& tokens, Cursor& cursor) {
  Clause clause = safe("add column");
  clause.kind = Clause::Kind::add_column;
  clause.guard = if_not_exists(cursor);
  std::vector<Token> definition = rest_of(tokens, cursor);
  if (!definition.empty() && definition.front().is_symbol('(') &&
      definition.back().is_symbol(')')) {
    definition = {definition.begin() + 1, definition.end() - 1};
    for (const auto& part : split_list(definition)) clause.columns.push_back(parse_column(part));
  } else if (!definition.empty()) {
    clause.columns.push_back(parse_column(definition));
  }
  if (!clause.columns.empty()) clause.old_name = clause.columns.front().name;
  return clause;
}

Clause add_index(Cursor& cursor, bool unique) {
  Clause clause = unique ? unsafe("add index") : safe("add index");
  clause.kind = Clause::Kind::add_index;
  clause.unique = unique;
  clause.guard = if_not_exists(cursor);
  if (cursor.peek().is_name() && !cursor.peek().is("using")) clause.old_name = cursor.next().name;
  return clause;
}

Clause add_partition(Cursor& cursor) {
  Clause clause = safe("add partition");
  clause.guard = if_not_exists(cursor);
  // HASH and KEY partitions reorganise (measured A19).
  if (cursor.sees({"partitions"})) clause.bdr_class = BdrClass::non_replicable;
  if (clause.guard == Existence::must_be_absent) clause.guard = Existence::irrelevant;
  return clause;
}

Clause parse_add(const std::vector<Token>& tokens, Cursor& cursor) {
  if (cursor.accept("constraint") && cursor.peek().is_name() && !cursor.sees({"unique"}) &&
      !cursor.sees({"primary"}) && !cursor.sees({"foreign"}) && !cursor.sees({"check"})) {
    cursor.next();
  }
  if (cursor.accept("partition")) return add_partition(cursor);
  if (cursor.accept("unique")) {
    cursor.accept_any({"index", "key"});
    return add_index(cursor, true);
  }
  if (cursor.accept_any({"index", "key"})) return add_index(cursor, false);
  if (cursor.accept({"primary", "key"})) return unsafe("add primary key");
  if (cursor.accept({"foreign", "key"})) return unsafe("add foreign key");
  if (cursor.sees({"check"})) return unsafe("add check constraint");
  if (cursor.accept_any({"fulltext", "vector", "columnar"})) return unsafe("add columnar index");
  cursor.accept("column");
  return add_columns(tokens, cursor);
}

Clause parse_drop(Cursor& cursor) {
  if (cursor.accept({"primary", "key"})) return safe("drop primary key");
  if (cursor.accept({"foreign", "key"})) return unsafe("drop foreign key");
  if (cursor.accept_any({"constraint", "check"})) return unsafe("drop check constraint");
  Clause clause;
  if (cursor.accept_any({"index", "key"})) {
    clause = safe("drop index");
    clause.kind = Clause::Kind::drop_index;
  } else if (cursor.accept("partition")) {
    clause = unsafe("drop partition");
    clause.kind = Clause::Kind::drop_partition;
  } else {
    cursor.accept("column");
    clause = unsafe("drop column");
    clause.kind = Clause::Kind::drop_column;
  }
  clause.guard = if_exists(cursor);
  clause.old_name = cursor.next().name;
  return clause;
}

Clause parse_modify(const std::vector<Token>& tokens, Cursor& cursor, bool change) {
  cursor.accept("column");
  Clause clause = safe("modify column");
  clause.kind = Clause::Kind::modify_column;
  clause.guard = if_exists(cursor);
  clause.old_name = change ? cursor.next().name : cursor.peek().name;
  clause.columns.push_back(parse_column(rest_of(tokens, cursor)));
  return clause;
}

Clause parse_rename(Cursor& cursor, ObjectName& new_name) {
  if (cursor.accept("column")) return safe("modify column");
  if (cursor.accept_any({"index", "key"})) return safe("rename index");
  cursor.accept_any({"to", "as"});
  cursor.accept_symbol('=');
  new_name = cursor.object_name();
  return unsafe("rename table");
}

Clause parse_alter(Cursor& cursor) {
  if (cursor.accept("index")) {
    cursor.next();
    // Making visible what is visible makes no job; an index is visible unless made otherwise.
    return cursor.sees({"visible"}) ? plain("alter index visibility", BdrClass::replicable)
                                    : safe("alter index visibility");
  }
  if (cursor.accept_any({"constraint", "check"})) return unsafe("alter check constraint");
  return safe("set default value");
}

Clause parse_partition(Cursor& cursor) {
  if (cursor.accept("by")) return unsafe("alter table partition by");
  cursor.next();
  if (cursor.sees({"attributes"})) return unsafe("alter table partition attributes");
  return unsafe("alter table partition placement");
}

Clause parse_set(Cursor& cursor) {
  (void)cursor;
  return unsafe("set tiflash replica");
}

/// Table options and the rest, by their first words.
struct Option {
  std::string_view first;
  std::string_view second;  ///< empty: one word is enough
  const char* job_type;
  BdrClass bdr_class;
};

Clause parse_option(Cursor& cursor) {
  constexpr BdrClass refused = BdrClass::non_replicable;
  static const std::vector<Option> options = {
      {"comment", "", "modify table comment", BdrClass::replicable},
      {"force", "auto_increment", "rebase auto_increment ID", refused},
      {"auto_increment", "", "rebase auto_increment ID", refused},
      {"auto_random_base", "", "rebase auto_random ID", refused},
      {"auto_id_cache", "", "modify auto id cache", refused},
      {"charset", "", "modify table charset and collate", refused},
      {"character", "", "modify table charset and collate", refused},
      {"collate", "", "modify table charset and collate", refused},
      {"attributes", "", "alter table attributes", refused},
      {"placement", "", "alter table placement", refused},
      {"cache", "", "alter table cache", refused},
      {"nocache", "", "alter table nocache", refused},
      {"stats_options", "", "alter table statistics options", refused},
      {"ttl", "", "alter table ttl", BdrClass::replicable},
      {"ttl_enable", "", "alter table ttl", BdrClass::replicable},
      {"ttl_job_interval", "", "alter table ttl", BdrClass::replicable},
      {"remove", "ttl", "alter table no_ttl", BdrClass::replicable},
      {"remove", "partitioning", "alter table remove partitioning", refused},
      {"truncate", "partition", "truncate partition", refused},
      {"exchange", "partition", "exchange partition", refused},
      {"reorganize", "partition", "alter table reorganize partition", refused},
      {"coalesce", "partition", "alter table coalesce partition", refused},
      {"last", "partition", "add partition", BdrClass::replicable},
      {"first", "partition", "drop partition", refused},
      {"engine_attribute", "", "modify engine attribute", refused},
      {"affinity", "", "alter table affinity", refused}};
  if (cursor.accept("shard_row_id_bits")) {
    cursor.accept_symbol('=');
    return cursor.peek().value == "0" ? plain("", BdrClass::no_job) : unsafe("shard row ID");
  }
  if (cursor.accept("convert") && cursor.later_word("collate")) {
    return unsafe("modify table charset and collate");
  }
  cursor.accept("default");
  for (const Option& option : options) {
    if (cursor.peek().is(option.first) &&
        (option.second.empty() || cursor.peek(1).is(option.second))) {
      return plain(option.job_type, option.bdr_class);
    }
  }
  return plain("", BdrClass::no_job);  // ENGINE, ALGORITHM, LOCK, ROW_FORMAT, KEYS, ORDER BY ...
}

Clause parse_clause(const std::vector<Token>& tokens, ObjectName& new_name) {
  Cursor cursor(tokens);
  if (cursor.accept("add")) return parse_add(tokens, cursor);
  if (cursor.sees({"drop"}) && cursor.accept("drop")) return parse_drop(cursor);
  if (cursor.accept("modify")) return parse_modify(tokens, cursor, false);
  if (cursor.accept("change")) return parse_modify(tokens, cursor, true);
  if (cursor.accept("rename")) return parse_rename(cursor, new_name);
  if (cursor.accept("alter")) return parse_alter(cursor);
  if (cursor.accept("partition")) return parse_partition(cursor);
  if (cursor.accept("set")) return parse_set(cursor);
  return parse_option(cursor);
}

/// `DROP PARTITION p0, p1` is one clause.
bool lists_partitions(const std::vector<Token>& tokens) {
  const Cursor cursor(tokens);
  return cursor.sees({"drop", "partition"}) || cursor.sees({"truncate", "partition"}) ||
         cursor.sees({"reorganize", "partition"}) || cursor.sees({"add", "partition"}) ||
         cursor.sees({"partition", "by"});
}

}  // namespace

std::vector<DdlClause> parse_alter_clauses(const std::vector<Token>& tokens, std::size_t from,
                                           ObjectName& new_name) {
  const std::vector<Token> body(
      tokens.begin() + static_cast<std::ptrdiff_t>(std::min(from, tokens.size())), tokens.end());
  std::vector<DdlClause> clauses;
  if (lists_partitions(body)) {
    clauses.push_back(parse_clause(body, new_name));
    return clauses;
  }
  for (const auto& part : split_list(body)) {
    DdlClause clause = parse_clause(part, new_name);
    // TiDB makes one job of several ADD INDEX clauses and looks at the first only (measured A5).
    if (clause.kind == DdlClause::Kind::add_index && !clauses.empty() &&
        clauses.back().kind == DdlClause::Kind::add_index) {
      clause.bdr_class = clauses.back().bdr_class;
    }
    clauses.push_back(std::move(clause));
  }
  return clauses;
}

}  // namespace bdrmesh::lab
