#include "lab/parse/statement.h"

#include <algorithm>
#include <map>

namespace bdrmesh::lab {

namespace {

Verb verb_of_create(Cursor cursor) {
  cursor.next();
  cursor.accept({"or", "replace"});
  if (cursor.sees({"user"}) || cursor.sees({"role"})) return Verb::account;
  if (cursor.sees({"binding"}) || cursor.sees({"global", "binding"}) ||
      cursor.sees({"session", "binding"})) {
    return Verb::binding;
  }
  return Verb::ddl;
}

Verb verb_of_set(Cursor cursor) {
  cursor.next();
  if (cursor.sees({"password"}) || cursor.sees({"role"}) || cursor.sees({"default", "role"}) ||
      cursor.sees({"resource", "group"}) || cursor.sees({"config"})) {
    return Verb::set_account;
  }
  return Verb::set;
}

/// The main verb behind common table expressions.
Verb verb_of_with(const std::vector<Token>& tokens) {
  int depth = 0;
  for (const Token& token : tokens) {
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')')) --depth;
    if (depth != 0) continue;
    if (token.is("select")) return Verb::select;
    if (token.is("update")) return Verb::update;
    if (token.is("delete")) return Verb::remove;
    if (token.is("insert")) return Verb::insert;
    if (token.is("replace")) return Verb::replace;
  }
  return Verb::select;
}

Verb verb_of(const std::vector<Token>& tokens) {
  static const std::map<std::string, Verb, std::less<>> verbs = {{"select", Verb::select},
                                                                 {"table", Verb::select},
                                                                 {"values", Verb::select},
                                                                 {"insert", Verb::insert},
                                                                 {"replace", Verb::replace},
                                                                 {"update", Verb::update},
                                                                 {"delete", Verb::remove},
                                                                 {"batch", Verb::batch},
                                                                 {"load", Verb::load},
                                                                 {"import", Verb::load},
                                                                 {"truncate", Verb::ddl},
                                                                 {"recover", Verb::ddl},
                                                                 {"flashback", Verb::ddl},
                                                                 {"begin", Verb::begin},
                                                                 {"commit", Verb::commit},
                                                                 {"savepoint", Verb::savepoint},
                                                                 {"release", Verb::savepoint},
                                                                 {"show", Verb::show},
                                                                 {"explain", Verb::explain},
                                                                 {"desc", Verb::describe},
                                                                 {"describe", Verb::describe},
                                                                 {"admin", Verb::admin},
                                                                 {"grant", Verb::grant},
                                                                 {"revoke", Verb::revoke},
                                                                 {"kill", Verb::kill},
                                                                 {"use", Verb::use},
                                                                 {"prepare", Verb::prepare},
                                                                 {"execute", Verb::execute},
                                                                 {"deallocate", Verb::deallocate},
                                                                 {"analyze", Verb::analyze},
                                                                 {"lock", Verb::lock_tables},
                                                                 {"unlock", Verb::unlock_tables},
                                                                 {"flush", Verb::flush},
                                                                 {"do", Verb::evaluate},
                                                                 {"backup", Verb::backup},
                                                                 {"restore", Verb::backup},
                                                                 {"trace", Verb::explain}};
  const Cursor cursor(tokens);
  const Token& first = cursor.peek();
  if (first.is_symbol('(')) return Verb::select;
  if (first.is("with")) return verb_of_with(tokens);
  if (first.is("create")) return verb_of_create(cursor);
  if (first.is("alter")) return cursor.peek(1).is("user") ? Verb::account : Verb::ddl;
  if (first.is("rename")) return cursor.peek(1).is("user") ? Verb::account : Verb::ddl;
  if (first.is("drop")) {
    if (cursor.peek(1).is("prepare")) return Verb::deallocate;
    return verb_of_create(cursor);
  }
  if (first.is("start")) return cursor.peek(1).is("transaction") ? Verb::begin : Verb::other;
  if (first.is("rollback")) {
    return cursor.peek(1).is("to") || cursor.sees({"rollback", "work", "to"}) ? Verb::savepoint
                                                                              : Verb::rollback;
  }
  if (first.is("set")) return verb_of_set(cursor);
  const auto found = first.kind == TokenKind::word ? verbs.find(first.value) : verbs.end();
  return found == verbs.end() ? Verb::other : found->second;
}

/// FOR UPDATE outside of parentheses: TiDB does not look into common table expressions.
bool ends_with_lock(const std::vector<Token>& tokens) {
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is("for") && i + 1 < tokens.size() && tokens[i + 1].is("update"))
      return true;
  }
  return false;
}

bool admin_passes_read_only(const std::vector<Token>& tokens) {
  Cursor cursor(tokens);
  cursor.next();
  if (!cursor.accept("show")) return false;
  return !cursor.sees({"bdr", "role"});
}

}  // namespace

Statement classify(StatementText&& text) {
  Statement statement;
  statement.text = text.text;
  statement.tokens = std::move(text.tokens);
  statement.verb = verb_of(statement.tokens);
  statement.locks_rows = statement.verb == Verb::select && ends_with_lock(statement.tokens);
  return statement;
}

bool passes_read_only(const Statement& statement) {
  switch (statement.verb) {
    case Verb::select:
      return !statement.locks_rows;
    case Verb::begin:
    case Verb::commit:
    case Verb::rollback:
    case Verb::set:
    case Verb::describe:
    case Verb::binding:
    case Verb::use:
    case Verb::prepare:
    case Verb::execute:
    case Verb::analyze:
    case Verb::evaluate:
      return true;
    case Verb::show: {
      const Cursor cursor(statement.tokens);
      return !cursor.sees({"show", "backup", "logs"});
    }
    case Verb::admin:
      return admin_passes_read_only(statement.tokens);
    case Verb::explain: {
      // EXPLAIN ANALYZE runs its statement.
      Cursor cursor(statement.tokens);
      cursor.next();
      if (cursor.sees({"for", "connection"})) return false;
      if (!cursor.accept("analyze")) return true;
      return cursor.peek().is("select") || cursor.peek().is("with") || cursor.peek().is_symbol('(');
    }
    default:
      return false;
  }
}

std::vector<ObjectName> named_tables(const Statement& statement) {
  std::vector<ObjectName> names;
  const auto add = [&](ObjectName name) {
    if (!name.name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  };
  Cursor cursor(statement.tokens);
  if (statement.verb == Verb::update || statement.verb == Verb::select) {
    if (cursor.accept("update") || cursor.accept("table")) {
      cursor.accept_any({"low_priority", "ignore"});
      add(cursor.object_name());
    }
  }
  if (statement.verb == Verb::insert || statement.verb == Verb::replace) {
    cursor.next();
    while (cursor.accept_any({"low_priority", "delayed", "high_priority", "ignore", "into"})) {
    }
    add(cursor.object_name());
  }
  bool in_list = false;
  while (!cursor.at_end()) {
    if (cursor.accept_any({"from", "join", "into", "straight_join"})) {
      while (cursor.accept_symbol('(')) {
      }
      add(cursor.object_name());
      in_list = true;
    } else if (in_list && cursor.accept_symbol(',')) {
      add(cursor.object_name());
    } else {
      const Token& token = cursor.next();
      if (token.is("where") || token.is("set") || token.is("select") || token.is("order") ||
          token.is("group") || token.is("limit") || token.is_symbol('(')) {
        in_list = false;
      }
    }
  }
  return names;
}

}  // namespace bdrmesh::lab
