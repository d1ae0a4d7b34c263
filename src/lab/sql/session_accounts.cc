// Users and grants: MariaDB keeps what it knows, the lab what only TiDB knows.
#include <algorithm>

#include "lab/sql/session.h"
#include "lab/sql/tidb_text.h"

namespace bdrmesh::lab {

namespace {

std::string upper(std::string_view text) {
  std::string out = to_lower(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

/// Index of the first token outside of parentheses that is this word.
std::size_t find_word(const std::vector<Token>& tokens, std::string_view word,
                      std::size_t from = 0) {
  int depth = 0;
  for (std::size_t i = from; i < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is(word)) return i;
  }
  return tokens.size();
}

/// `SELECT (a, b)`, `CREATE VIEW`: one privilege of a list, with where it stands in the text.
struct Privilege {
  std::string name;  ///< upper case, without columns
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Privilege> privilege_list(const std::vector<Token>& tokens, std::size_t from,
                                      std::size_t to) {
  std::vector<Privilege> list;
  int depth = 0;
  for (std::size_t i = from; i < to; ++i) {
    const Token& token = tokens[i];
    if (depth == 0 && token.is_symbol(',')) {
      list.emplace_back();
      continue;
    }
    if (list.empty()) list.emplace_back();
    Privilege& now = list.back();
    if (now.end == 0) now.begin = token.begin;
    now.end = token.end;
    if (token.is_symbol('(')) ++depth;
    if (depth == 0) now.name += (now.name.empty() ? "" : " ") + upper(token.value);
    if (token.is_symbol(')')) --depth;
  }
  return list;
}

/// TiDB's order and spelling of static privileges.
std::string joined_in_order(const std::vector<std::string>& names) {
  static const std::vector<std::string> order = {"SELECT",
                                                 "INSERT",
                                                 "UPDATE",
                                                 "DELETE",
                                                 "CREATE",
                                                 "DROP",
                                                 "PROCESS",
                                                 "REFERENCES",
                                                 "ALTER",
                                                 "SHOW DATABASES",
                                                 "SUPER",
                                                 "EXECUTE",
                                                 "INDEX",
                                                 "CREATE USER",
                                                 "CREATE TABLESPACE",
                                                 "TRIGGER",
                                                 "CREATE VIEW",
                                                 "SHOW VIEW",
                                                 "CREATE ROLE",
                                                 "DROP ROLE",
                                                 "CREATE TEMPORARY TABLES",
                                                 "LOCK TABLES",
                                                 "CREATE ROUTINE",
                                                 "ALTER ROUTINE",
                                                 "EVENT",
                                                 "SHUTDOWN",
                                                 "RELOAD",
                                                 "FILE",
                                                 "CONFIG",
                                                 "REPLICATION CLIENT",
                                                 "REPLICATION SLAVE"};
  std::string out;
  for (const std::string& name : order) {
    if (std::find(names.begin(), names.end(), name) != names.end())
      out += (out.empty() ? "" : ",") + name;
  }
  return out;
}

struct GrantLine {
  std::string table_part;
  std::string column_part;
};

/// MariaDB's `GRANT SELECT, INSERT (`a`) ON `d`.* TO `u`@`%` ...` in TiDB's form: one line for the
/// table's, one for columns'.
GrantLine tidb_grant(const std::string& line, const std::string& to, bool has_config) {
  const std::vector<Token> tokens = tokenize(line).list;
  const std::size_t on = find_word(tokens, "on");
  const std::size_t target = find_word(tokens, "to", on);
  if (target >= tokens.size()) return {};
  std::string object = line.substr(tokens[on].end + 1, tokens[target].begin - tokens[on].end - 2);
  std::vector<std::string> names;
  std::string columns;
  for (const Privilege& privilege : privilege_list(tokens, 1, on)) {
    const std::string text = line.substr(privilege.begin, privilege.end - privilege.begin);
    const std::size_t open = text.find('(');
    if (open == std::string::npos) {
      names.push_back(privilege.name == "BINLOG MONITOR" ? "REPLICATION CLIENT" : privilege.name);
    } else {
      std::string inside = text.substr(open);
      inside.erase(std::remove(inside.begin(), inside.end(), '`'), inside.end());
      columns += (columns.empty() ? "" : ", ") + privilege.name + inside;
    }
  }
  if (has_config && object == "*.*") names.emplace_back("CONFIG");
  const bool all = std::find(names.begin(), names.end(), "ALL PRIVILEGES") != names.end();
  const bool option = line.find("WITH GRANT OPTION") != std::string::npos;
  const std::string tail = " ON " + object + " TO " + to + (option ? " WITH GRANT OPTION" : "");
  const std::string list = all ? "ALL PRIVILEGES" : joined_in_order(names);
  GrantLine out;
  if (!list.empty()) {
    out.table_part = "GRANT " + list + tail;
  } else if (columns.empty() && object == "*.*") {
    out.table_part = "GRANT USAGE ON *.* TO " + to + (option ? " WITH GRANT OPTION" : "");
  }
  if (!columns.empty()) out.column_part = "GRANT " + columns + tail;
  return out;
}

/// How REVOKE fails in TiDB (measured A9).
SqlFailure revoke_failure(SqlFailure failure, const std::string& account,
                          const std::string& object) {
  if (failure.code != 1141 && failure.code != 1147 && failure.code != 1269) return failure;
  const std::size_t at = account.find('@');
  const std::string user = account.substr(0, at);
  const std::string host = at == std::string::npos ? "%" : account.substr(at + 1);
  std::string plain = object;
  plain.erase(std::remove(plain.begin(), plain.end(), '`'), plain.end());
  const bool database = plain.size() > 2 && plain.substr(plain.size() - 2) == ".*";
  const std::string place =
      database ? "on database " + plain.substr(0, plain.size() - 2) : "on table " + plain;
  return {1105, "HY000",
          "There is no such grant defined for user '" + user + "' on host '" + host + "' " + place};
}

}  // namespace

std::string Session::account_named(Cursor& cursor) {
  const Token& user = cursor.next();
  std::string account =
      user.is("current_user") ? account_ : (user.name.empty() ? user.value : user.name);
  if (user.is("current_user")) {
    cursor.skip_group();
    return account;
  }
  const Token& host = cursor.peek();
  if (host.kind == TokenKind::variable && host.value.size() == 1) {  // user@'%'
    cursor.next();
    return account + "@" + cursor.next().value;
  }
  if (host.kind == TokenKind::variable) return account + cursor.next().value;  // user@localhost
  return account + "@%";
}

Answer Session::grant_or_revoke(Statement& statement) {
  commit(true);
  const bool is_grant = statement.verb == Verb::grant;
  const std::vector<Token>& tokens = statement.tokens;
  const std::size_t on = find_word(tokens, "on");
  const std::size_t to = find_word(tokens, is_grant ? "to" : "from", on < tokens.size() ? on : 0);
  if (on >= tokens.size() || to >= tokens.size()) {
    // Roles, or REVOKE ALL PRIVILEGES, GRANT OPTION FROM u: answers OK and changes nothing below
    // (measured A9).
    if (!is_grant && Cursor(tokens, 1).sees({"all"})) return OkReply{};
    return engine_ok(std::string(statement.text));
  }
  const std::string object(
      statement.text.substr(tokens[on].end + 1, tokens[to].begin - tokens[on].end - 2));
  std::string known;
  std::vector<std::string> dynamic;
  bool all = false;
  for (const Privilege& privilege : privilege_list(tokens, 1, on)) {
    all = all || privilege.name == "ALL" || privilege.name == "ALL PRIVILEGES";
    if (is_dynamic_privilege(privilege.name)) {
      dynamic.push_back(privilege.name);
    } else if (privilege.name == "GRANT OPTION" ||
               privilege.name.find("_ADMIN") == std::string::npos) {
      known += (known.empty() ? "" : ", ") +
               std::string(statement.text.substr(privilege.begin, privilege.end - privilege.begin));
    } else {
      warn("Warning", 3929,
           "Dynamic privilege '" + privilege.name + "' is not registered with the server.");
    }
  }
  Cursor accounts(tokens, to + 1);
  const std::string first = account_named(accounts);
  std::vector<std::string> named = {first};
  while (accounts.accept_symbol(',')) named.push_back(account_named(accounts));
  const bool option = is_grant && find_word(tokens, "with", to) < tokens.size();
  for (const std::string& privilege : dynamic) {
    const bool grantable =
        has_static_privilege("Super_priv") || shared_.privileges.of(account_)[privilege];
    if (!grantable) throw Refused(8121, "HY000", "privilege check for 'Grant Option' fail");
  }
  if (!known.empty()) {
    const std::string verb = is_grant ? "GRANT " : "REVOKE ";
    const Reply reply =
        backend_.query(verb + known + " " + std::string(statement.text.substr(tokens[on].begin)));
    if (const auto* failure = std::get_if<SqlFailure>(&reply)) {
      translate(is_grant ? *failure : revoke_failure(*failure, first, object), nullptr);
    }
  }
  for (const std::string& name : named) {
    for (const std::string& privilege : dynamic) {
      if (is_grant) {
        shared_.privileges.grant(name, privilege, option);
      } else {
        shared_.privileges.revoke(name, privilege);
      }
    }
    if (all && !is_grant && object == "*.*") shared_.privileges.revoke_all(name);
  }
  return OkReply{};
}

Answer Session::account(Statement& statement) {
  commit(true);
  Cursor cursor(statement.tokens);
  if (cursor.sees({"set", "resource"}) || cursor.sees({"set", "config"})) return OkReply{};
  const bool drops = cursor.accept({"drop", "user"});
  const bool renames = !drops && cursor.accept({"rename", "user"});
  const OkReply ok = engine_ok(for_engine(statement));
  if (drops) {
    cursor.accept({"if", "exists"});
    do {
      shared_.privileges.revoke_all(account_named(cursor));
    } while (cursor.accept_symbol(','));
  }
  if (renames) {
    const std::string from = account_named(cursor);
    cursor.accept("to");
    shared_.privileges.rename(from, account_named(cursor));
  }
  return ok;
}

Answer Session::show_grants(const Statement& statement) {
  Cursor cursor(statement.tokens, 2);
  std::string account = account_;
  std::string title = "Grants for User";
  if (cursor.accept("for")) {
    const bool current = cursor.sees({"current_user"});
    account = account_named(cursor);
    if (!current) title = "Grants for " + account;
    // Another user's grants are readable to who may read the mysql schema.
    if (account != account_) {
      const Reply probe = backend_.query("SELECT 1 FROM mysql.user LIMIT 1");
      if (std::holds_alternative<SqlFailure>(probe)) {
        throw Refused(1044, "42000",
                      "Access denied for user '" + account_.substr(0, account_.find('@')) +
                          "'@'%' to database 'mysql'");
      }
    }
  }
  const std::size_t at = account.rfind('@');
  const std::string user = account.substr(0, at);
  const std::string host = account.substr(at + 1);
  const std::string to = "'" + user + "'@'" + host + "'";
  const auto dynamic = shared_.privileges.of(account);
  TextResult result{{{title}}, {}};
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  try {
    rows = shared_.as_admin("SHOW GRANTS FOR " + quote_text(user) + "@" + quote_text(host));
  } catch (const Refused&) {
    throw Refused(1141, "42000",
                  "There is no such grant defined for user '" + user + "' on host '" + host + "'");
  }
  for (const auto& row : rows) {
    const std::string line = row.front().value_or("");
    if (line.find("`lab_meta`") != std::string::npos) continue;
    if (line.find("`lab_past`") != std::string::npos) continue;
    const GrantLine converted = tidb_grant(line, to, dynamic.count("CONFIG") > 0);
    if (!converted.table_part.empty()) result.rows.push_back({converted.table_part});
    if (!converted.column_part.empty()) columns.push_back(converted.column_part);
  }
  for (const std::string& line : columns) result.rows.push_back({line});
  for (const bool option : {false, true}) {
    std::string list;
    for (const auto& [name, with_option] : dynamic) {
      if (with_option == option && name != "CONFIG") list += (list.empty() ? "" : ",") + name;
    }
    if (!list.empty()) {
      result.rows.push_back(
          {"GRANT " + list + " ON *.* TO " + to + (option ? " WITH GRANT OPTION" : "")});
    }
  }
  return result;
}

}  // namespace bdrmesh::lab
