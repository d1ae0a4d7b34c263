#include "lab/server/grant_text.h"

#include <algorithm>

#include "lab/server/dynamic_privileges.h"

namespace bdrmesh::lab {

namespace {

std::string upper(std::string_view text) {
  std::string out = to_lower(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
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

}  // namespace

std::size_t find_word(const std::vector<Token>& tokens, std::string_view word, std::size_t from) {
  int depth = 0;
  for (std::size_t i = from; i < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is(word)) return i;
  }
  return tokens.size();
}

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

NamedPrivileges named_privileges(const Statement& statement, std::size_t on) {
  NamedPrivileges named;
  for (const Privilege& privilege : privilege_list(statement.tokens, 1, on)) {
    named.all = named.all || privilege.name == "ALL" || privilege.name == "ALL PRIVILEGES";
    if (is_dynamic_privilege(privilege.name)) {
      named.dynamic.push_back(privilege.name);
    } else if (privilege.name == "GRANT OPTION" ||
               privilege.name.find("_ADMIN") == std::string::npos) {
      named.engine +=
          (named.engine.empty() ? "" : ", ") +
          std::string(statement.text.substr(privilege.begin, privilege.end - privilege.begin));
      if (named.first.empty())
        named.first = privilege.name.substr(0, 1) + to_lower(privilege.name.substr(1));
    } else {
      named.unknown.push_back(privilege.name);
    }
  }
  return named;
}

bool is_missing_right(int code) {
  return code == 1044 || code == 1045 || code == 1142 || code == 1143 || code == 1227;
}

std::string quoted_account(const std::string& account) {
  const std::size_t at = account.rfind('@');
  return quote_text(account.substr(0, at)) + "@" + quote_text(account.substr(at + 1));
}

std::string role_name(const std::string& role) {
  return quote_name(role.substr(0, role.rfind('@')));
}

std::string account_text(const Statement& statement) {
  const std::vector<Token>& tokens = statement.tokens;
  std::string out;
  std::size_t copied = 0;
  const auto drop = [&](std::size_t first, std::size_t last) {
    out += statement.text.substr(copied, tokens[first].begin - copied);
    copied = tokens[std::min(last, tokens.size() - 1)].end;
  };
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    const Cursor cursor(tokens, i);
    const bool locks = cursor.sees({"account", "lock"}) || cursor.sees({"account", "unlock"});
    const bool remarks = (cursor.sees({"comment"}) || cursor.sees({"attribute"})) &&
                         cursor.peek(1).kind == TokenKind::text;
    if (locks || remarks) {
      drop(i, i + 1);
    } else if (cursor.sees({"resource", "group"})) {
      drop(i, i + 2);
    } else if (cursor.sees({"identified", "with"}) && cursor.peek(3).is("by")) {
      drop(i + 1, i + 2);
    }
  }
  return out + std::string(statement.text.substr(copied));
}

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

}  // namespace bdrmesh::lab
