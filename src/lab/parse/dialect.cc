#include "lab/parse/dialect.h"

#include <map>
#include <set>

namespace bdrmesh::lab {

namespace {

using Refusal = std::optional<DialectRefusal>;

DialectRefusal syntax_error(const Statement& statement, std::size_t index) {
  const std::size_t end =
      index < statement.tokens.size() ? statement.tokens[index].end : statement.text.size();
  const std::size_t begin =
      index < statement.tokens.size() ? statement.tokens[index].begin : statement.text.size();
  return {1064, "42000",
          "You have an error in your SQL syntax; check the manual that corresponds to your TiDB "
          "version for the right "
          "syntax to use line 1 column " +
              std::to_string(end) + " near \"" + std::string(statement.text.substr(begin)) + "\" "};
}
DialectRefusal noop(const std::string& what) {
  return {1235, "42000",
          "function " + what +
              " has only noop implementation in tidb now, use tidb_enable_noop_functions to enable "
              "these functions"};
}
DialectRefusal unsupported(const std::string& node) {
  return {8108, "HY000", "Unsupported type *ast." + node};
}

/// Statements that are foreign from their first words on.
Refusal refuse_beginning(const Statement& s) {
  const Cursor c(s.tokens);
  static const std::set<std::string, std::less<>> foreign = {
      "xa",    "check",   "checksum",  "repair",  "handler", "signal", "resignal",
      "get",   "install", "uninstall", "clone",   "reset",   "purge",  "change",
      "start", "stop",    "cache",     "declare", "return",  "end"};
  if (c.peek().kind == TokenKind::word && foreign.count(c.peek().value) > 0 &&
      s.verb == Verb::other) {
    return syntax_error(s, 0);
  }
  if (c.sees({"load", "xml"}) || c.sees({"load", "index"}) || c.sees({"import", "table"}) ||
      c.sees({"set", "statement"}) || c.sees({"set", "persist"}) ||
      c.sees({"set", "persist_only"}) || c.sees({"begin", "not"}) ||
      c.sees({"execute", "immediate"}) || c.sees({"kill", "user"}) || c.sees({"kill", "soft"}) ||
      c.sees({"kill", "hard"}) || c.sees({"rename", "tables"}) || c.sees({"explain", "extended"}) ||
      c.sees({"show", "binlog"}) || c.sees({"show", "binary", "logs"}) ||
      c.sees({"show", "engine"})) {
    return syntax_error(s, 1);
  }
  if (c.sees({"call"})) return unsupported("CallStmt");
  if (c.sees({"help"})) return unsupported("HelpStmt");
  if (c.sees({"optimize"})) return DialectRefusal{8200, "HY000", "OPTIMIZE TABLE is not supported"};
  if (c.sees({"show", "slave", "status"}) || c.sees({"show", "replica", "status"})) {
    return DialectRefusal{
        1235, "42000", "This version of TiDB doesn't yet support 'SHOW {REPLICA | SLAVE} STATUS'"};
  }
  if (c.sees({"explain", "format"}) && c.later_word("json")) {
    return DialectRefusal{1105, "HY000", "explain format 'json' is not supported now"};
  }
  const bool read_only = c.sees({"start", "transaction", "read", "only"}) ||
                         c.sees({"set", "transaction", "read", "only"});
  if (read_only && !Cursor(s.tokens, 4).sees({"as", "of", "timestamp"})) {
    return noop("READ ONLY");
  }
  if (c.sees({"flush", "tables"}) && c.later_word("lock")) {
    return DialectRefusal{
        1105, "HY000", "FLUSH TABLES WITH READ LOCK is not supported.  Please use @@tidb_snapshot"};
  }
  if (c.sees({"flush", "tables"}) && c.later_word("export"))
    return syntax_error(s, s.tokens.size() - 1);
  return std::nullopt;
}

Refusal refuse_create(const Statement& s) {
  Cursor c(s.tokens);
  c.next();
  if (c.sees({"or", "replace", "table"})) return syntax_error(s, 3);
  c.accept({"or", "replace"});
  if (c.sees({"procedure"})) return unsupported("ProcedureInfo");
  if (c.sees({"trigger"}) || c.sees({"event"}) || c.sees({"function"}) || c.sees({"aggregate"}) ||
      c.sees({"server"})) {
    return syntax_error(s, c.position());
  }
  if (c.sees({"spatial"})) return DialectRefusal{8200, "HY000", "SPATIAL index is not supported"};
  if (c.sees({"view", "if"})) return syntax_error(s, c.position() + 1);
  c.accept("temporary");
  if (!c.accept("table")) return std::nullopt;
  c.accept({"if", "not", "exists"});
  c.object_name();
  if (c.sees({"like"})) return std::nullopt;
  if (c.later_word("select")) {
    return DialectRefusal{1105, "HY000", "'CREATE TABLE ... SELECT' is not implemented yet"};
  }
  return std::nullopt;
}

Refusal refuse_alter(const Statement& s) {
  const Cursor c(s.tokens);
  if (c.sees({"alter", "online"}) || c.sees({"alter", "table", "if"})) return syntax_error(s, 1);
  Cursor at(s.tokens);
  if (!at.accept({"alter", "table"}) && !at.accept({"alter", "ignore", "table"}))
    return std::nullopt;
  at.object_name();
  if (at.peek().is_symbol(',') || at.sees({"wait"}) || at.sees({"nowait"}))
    return syntax_error(s, at.position());
  for (std::size_t i = at.position(); i + 1 < s.tokens.size(); ++i) {
    Cursor here(s.tokens, i);
    static constexpr std::string_view kNoGuard[][3] = {
        {"rename", "column", "if"}, {"rename", "index", "if"}, {"rename", "key", "if"},
        {"foreign", "key", "if"},   {"primary", "key", "if"},  {"alter", "column", "if"}};
    for (const auto& words : kNoGuard) {
      if (here.sees({words[0], words[1], words[2]})) {
        if (words[0] == "foreign" && !s.tokens[i - 1].is("drop")) continue;
        return syntax_error(s, i + 2);
      }
    }
    if (here.sees({"constraint", "if"})) return syntax_error(s, i + 1);
    if (here.sees({"system", "versioning"})) return syntax_error(s, i);
    if (here.sees({"add", "period"})) return syntax_error(s, i + 1);
  }
  // A column can be no INVISIBLE one, an index can.
  for (std::size_t i = at.position() + 1; i < s.tokens.size(); ++i) {
    if (!s.tokens[i].is("invisible")) continue;
    const Cursor clause(s.tokens, at.position());
    if (clause.sees({"add", "column"}) || clause.sees({"modify"}) || clause.sees({"change"}))
      return syntax_error(s, i);
  }
  if (at.sees({"force"}) && at.position() + 1 == s.tokens.size()) {
    return DialectRefusal{8200, "HY000",
                          "Unsupported Unsupported/unknown ALTER TABLE specification"};
  }
  return std::nullopt;
}

Refusal refuse_other_ddl(const Statement& s) {
  const Cursor c(s.tokens);
  if (c.sees({"rename", "table", "if"}) || c.sees({"truncate", "table", "if"}))
    return syntax_error(s, 2);
  if (c.sees({"drop"}) && (c.later_word("wait") || c.later_word("nowait")))
    return syntax_error(s, s.tokens.size() - 1);
  if (c.sees({"drop", "trigger"}) || c.sees({"drop", "event"}) || c.sees({"drop", "function"}))
    return syntax_error(s, 1);
  return std::nullopt;
}

Refusal refuse_dml(const Statement& s) {
  int depth = 0;
  for (std::size_t i = 0; i < s.tokens.size(); ++i) {
    const Token& token = s.tokens[i];
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')')) --depth;
    if (depth == 0 && token.is("returning")) return syntax_error(s, i);
    const bool after_values = i > 0 && s.tokens[i - 1].is_symbol(')') && depth == 0;
    if (s.verb == Verb::insert && after_values && token.is("as")) return syntax_error(s, i);
  }
  if (!s.tokens.empty() && s.tokens.front().is("with") &&
      (s.verb == Verb::insert || s.verb == Verb::replace)) {
    for (std::size_t i = 0; i < s.tokens.size(); ++i) {
      if (s.tokens[i].is("insert") || s.tokens[i].is("replace")) return syntax_error(s, i);
    }
  }
  return std::nullopt;
}

Refusal refuse_query(const Statement& s) {
  for (std::size_t i = 0; i < s.tokens.size(); ++i) {
    const Cursor c(s.tokens, i);
    if (c.sees({"for", "share"}) || c.sees({"lock", "in", "share", "mode"}))
      return noop("LOCK IN SHARE MODE");
    if (c.sees({"sql_calc_found_rows"})) return noop("SQL_CALC_FOUND_ROWS");
    if (c.sees({"lateral"}) && c.peek(1).is_symbol('(')) return syntax_error(s, i + 1);
    if (c.sees({"json_table"})) return syntax_error(s, i + 1);
    if (c.sees({"minus", "select"})) return syntax_error(s, i + 1);
    if (c.sees({"into"}) && c.peek(1).kind == TokenKind::variable) return syntax_error(s, i + 1);
    if (c.sees({"rows", "fetch"})) return syntax_error(s, i - 1);
    if (c.sees({"values", "row"})) return DialectRefusal{1051, "42S02", "Unknown table ''"};
    if (c.sees({"as", "int"}) && c.peek(2).is_symbol(')')) return syntax_error(s, i + 1);
  }
  return std::nullopt;
}

Refusal refuse_functions(const Statement& s, const std::string& schema) {
  static const std::map<std::string, std::string, std::less<>> missing = {
      {"uuid_short", "FUNCTION UUID_SHORT does not exist"}};
  static const std::set<std::string, std::less<>> unknown = {"crc32c",
                                                             "nvl",
                                                             "nvl2",
                                                             "master_pos_wait",
                                                             "json_value",
                                                             "json_exists",
                                                             "sformat",
                                                             "natural_sort_key",
                                                             "add_months",
                                                             "encode",
                                                             "decode_histogram"};
  for (std::size_t i = 0; i + 1 < s.tokens.size(); ++i) {
    const Token& token = s.tokens[i];
    if (token.kind != TokenKind::word || !s.tokens[i + 1].is_symbol('(')) continue;
    if (const auto found = missing.find(token.value); found != missing.end()) {
      return DialectRefusal{1305, "42000", found->second};
    }
    if (unknown.count(token.value) > 0) {
      return DialectRefusal{1305, "42000",
                            "FUNCTION " + schema + "." + token.value + " does not exist"};
    }
  }
  return std::nullopt;
}

Refusal refuse_objects(const Statement& s) {
  static const std::set<std::string, std::less<>> variables = {
      "log_bin",        "sql_log_bin",     "gtid_executed",   "in_transaction",
      "gtid_domain_id", "gtid_binlog_pos", "skip_replication"};
  static const std::set<std::string, std::less<>> schema_tables = {
      "innodb_trx",        "innodb_locks",      "innodb_metrics",
      "innodb_sys_tables", "key_caches",        "user_variables",
      "client_statistics", "innodb_lock_waits", "innodb_sys_tablestats",
      "system_variables"};
  static const std::set<std::string, std::less<>> system_tables = {
      "slow_log", "general_log",    "global_priv", "proc",
      "event",    "gtid_slave_pos", "plugin",      "servers"};
  for (std::size_t i = 0; i < s.tokens.size(); ++i) {
    const Token& token = s.tokens[i];
    if (token.kind == TokenKind::variable && token.value.rfind("@@", 0) == 0) {
      const std::string name = token.value.substr(token.value.find_last_of("@.") + 1);
      if (variables.count(name) > 0)
        return DialectRefusal{1193, "HY000", "Unknown system variable '" + name + "'"};
    }
    if (!token.is_name() || i + 2 >= s.tokens.size() || !s.tokens[i + 1].is_symbol('.')) continue;
    const std::string schema = to_lower(token.name);
    const std::string table = to_lower(s.tokens[i + 2].name);
    if ((schema == "information_schema" && schema_tables.count(table) > 0) ||
        (schema == "mysql" && system_tables.count(table) > 0) ||
        ((schema == "performance_schema" || schema == "sys") && s.verb == Verb::select)) {
      return DialectRefusal{1146, "42S02", "Table '" + schema + "." + table + "' doesn't exist"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<DialectRefusal> refuse_by_dialect(const Statement& statement, bool foreign_comment,
                                                const std::string& schema) {
  if (foreign_comment) return syntax_error(statement, statement.tokens.size());
  if (auto refusal = refuse_beginning(statement)) return refusal;
  if (statement.verb == Verb::ddl) {
    const Token& first = statement.tokens.front();
    auto refusal = first.is("create")  ? refuse_create(statement)
                   : first.is("alter") ? refuse_alter(statement)
                                       : refuse_other_ddl(statement);
    if (refusal) return refusal;
  }
  const Cursor cursor(statement.tokens);
  if (cursor.sees({"grant", "if"}) || cursor.sees({"revoke", "if"}))
    return syntax_error(statement, 1);
  if (statement.writes_rows()) {
    if (auto refusal = refuse_dml(statement)) return refusal;
  }
  if (statement.verb == Verb::select || statement.writes_rows()) {
    if (auto refusal = refuse_query(statement)) return refusal;
    if (auto refusal = refuse_functions(statement, schema)) return refusal;
  }
  return refuse_objects(statement);
}

}  // namespace bdrmesh::lab
