// Users and grants: MariaDB keeps what it knows, the lab what only TiDB knows.
#include <algorithm>
#include <set>

#include "lab/server/grant_text.h"
#include "lab/server/tidb_text.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

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

void Session::require_known_account(const std::string& account, bool is_grant) {
  const std::size_t at = account.rfind('@');
  const std::string user = account.substr(0, at);
  const auto rows =
      shared_.as_admin("SELECT 1 FROM mysql.user WHERE User=" + quote_text(user) +
                       " AND (Host=" + quote_text(account.substr(at + 1)) + " OR is_role='Y')");
  if (!rows.empty()) return;
  if (is_grant) throw Refused(1410, "42000", "You are not allowed to create a user with GRANT");
  throw Refused(1105, "HY000", "Unknown user: " + account);
}

Answer Session::grant_or_revoke(Statement& statement) {
  commit(true);
  const bool is_grant = statement.verb == Verb::grant;
  const std::vector<Token>& tokens = statement.tokens;
  const std::size_t on = find_word(tokens, "on");
  const std::size_t to = find_word(tokens, is_grant ? "to" : "from", on < tokens.size() ? on : 0);
  if (on >= tokens.size() || to >= tokens.size()) {
    // REVOKE ALL PRIVILEGES, GRANT OPTION FROM u answers OK and changes nothing below (measured
    // A9).
    if (!is_grant && Cursor(tokens, 1).sees({"all"})) return OkReply{};
    return grant_roles(statement);
  }
  const std::string object(
      statement.text.substr(tokens[on].end + 1, tokens[to].begin - tokens[on].end - 2));
  const NamedPrivileges named = named_privileges(statement, on);
  for (const std::string& name : named.unknown) {
    const std::string text = "Dynamic privilege '" + name + "' is not registered with the server.";
    if (is_grant) throw Refused(3929, "HY000", text);
    warn("Warning", 3929, text);
  }
  if (!named.dynamic.empty() && object != "*.*") {
    throw Refused(3619, "HY000", "Illegal privilege level specified for " + named.dynamic.front());
  }
  Cursor cursor(tokens, to + 1);
  std::vector<std::string> accounts;
  do {
    accounts.push_back(account_named(cursor));
    require_known_account(accounts.back(), is_grant);
  } while (cursor.accept_symbol(','));
  const bool option = is_grant && find_word(tokens, "with", to) < tokens.size();
  for (const std::string& privilege : named.dynamic) {
    const auto own = shared_.privileges.of(server_, account_).dynamic;
    const auto held = own.find(privilege);
    const bool grantable =
        (held != own.end() && held->second) ||
        (has_static_privilege("Super_priv") && has_static_privilege("Grant_priv"));
    if (!grantable) throw Refused(8121, "HY000", "privilege check for '[" + privilege + "]' fail");
  }
  if (!named.engine.empty()) {
    const std::string verb = is_grant ? "GRANT " : "REVOKE ";
    const Reply reply = backend_.query(verb + named.engine + " " +
                                       std::string(statement.text.substr(tokens[on].begin)));
    if (const auto* failure = std::get_if<SqlFailure>(&reply)) {
      if (is_missing_right(failure->code)) {
        throw Refused(8121, "HY000", "privilege check for '" + named.first + "' fail");
      }
      translate(is_grant ? *failure : revoke_failure(*failure, accounts.front(), object), nullptr);
    }
  }
  const bool whole = named.all && !is_grant && object == "*.*";
  shared_.privileges.change(server_, [=, dynamic = named.dynamic](auto& known) {
    for (const std::string& account : accounts) {
      if (whole) known[account].dynamic.clear();
      for (const std::string& privilege : dynamic) {
        if (is_grant) {
          bool& with_option = known[account].dynamic[privilege];
          with_option = with_option || option;
        } else {
          known[account].dynamic.erase(privilege);
        }
      }
    }
  });
  return OkReply{};
}

/// GRANT role TO user, REVOKE role FROM user.
Answer Session::grant_roles(Statement& statement) {
  const bool is_grant = statement.verb == Verb::grant;
  Cursor cursor(statement.tokens, 1);
  std::set<std::string> roles;
  do {
    roles.insert(account_named(cursor));
  } while (cursor.accept_symbol(','));
  cursor.accept_any({"to", "from"});
  std::vector<std::string> accounts;
  do {
    accounts.push_back(account_named(cursor));
    require_known_account(accounts.back(), is_grant);
  } while (cursor.accept_symbol(','));
  for (const std::string& role : roles) {
    for (const std::string& account : accounts) {
      engine_ok(std::string(is_grant ? "GRANT " : "REVOKE ") + role_name(role) +
                (is_grant ? " TO " : " FROM ") + quoted_account(account));
    }
  }
  shared_.privileges.change(server_, [=](auto& known) {
    for (const std::string& account : accounts) {
      for (const std::string& role : roles) {
        if (is_grant) {
          known[account].roles.insert(role);
        } else {
          known[account].roles.erase(role);
          known[account].default_roles.erase(role);
        }
      }
    }
  });
  return OkReply{};
}

/// SET ROLE, SET DEFAULT ROLE.
Answer Session::set_roles(Statement& statement) {
  Cursor cursor(statement.tokens, 1);
  const bool is_default = cursor.accept("default");
  cursor.accept("role");
  const bool none = cursor.accept("none");
  const bool all = !none && cursor.accept("all");
  const bool defaults = !none && !all && cursor.accept("default");
  std::set<std::string> roles;
  while (!none && !all && !defaults && !cursor.at_end() && !cursor.sees({"to"})) {
    roles.insert(account_named(cursor));
    if (!cursor.accept_symbol(',')) break;
  }
  const auto chosen = [&](const AccountFacts& facts) {
    return all ? facts.roles : defaults ? facts.default_roles : roles;
  };
  if (!is_default) {
    active_roles_ = chosen(shared_.privileges.of(server_, account_));
    rights_seen_ = 0;
    return OkReply{};
  }
  cursor.accept("to");
  do {
    const std::string account = account_named(cursor);
    require_known_account(account, false);
    const std::set<std::string> now = chosen(shared_.privileges.of(server_, account));
    engine_ok("SET DEFAULT ROLE " + (now.empty() ? "NONE" : role_name(*now.begin())) + " FOR " +
              quoted_account(account));
    shared_.privileges.change(server_, [=](auto& known) { known[account].default_roles = now; });
  } while (cursor.accept_symbol(','));
  return OkReply{};
}

Answer Session::account(Statement& statement) {
  commit(true);
  Cursor cursor(statement.tokens);
  if (cursor.sees({"set", "config"})) return OkReply{};
  if (cursor.sees({"set", "resource"})) {
    const bool allowed =
        may("Super_priv", "RESOURCE_GROUP_ADMIN") || may("Super_priv", "RESOURCE_GROUP_USER");
    if (allowed) return OkReply{};
    throw Refused(1227, "42000",
                  "Access denied; you need (at least one of) the SUPER or RESOURCE_GROUP_ADMIN or "
                  "RESOURCE_GROUP_USER privilege(s) for this operation");
  }
  if (cursor.sees({"set", "role"}) || cursor.sees({"set", "default", "role"})) {
    return set_roles(statement);
  }
  const bool drops = cursor.accept({"drop", "user"}) || cursor.accept({"drop", "role"});
  const bool renames = !drops && cursor.accept({"rename", "user"});
  const OkReply ok = engine_ok(account_text(statement));
  if (drops) {
    cursor.accept({"if", "exists"});
    std::vector<std::string> gone;
    do {
      gone.push_back(account_named(cursor));
    } while (cursor.accept_symbol(','));
    shared_.privileges.change(server_, [gone](auto& known) {
      for (const std::string& account : gone) known.erase(account);
    });
  } else if (renames) {
    const std::string from = account_named(cursor);
    cursor.accept("to");
    const std::string to = account_named(cursor);
    shared_.privileges.change(server_, [from, to](auto& known) {
      auto node = known.extract(from);
      if (node.empty()) return;
      node.key() = to;
      known.insert(std::move(node));
    });
  } else {
    change_lock(statement);
  }
  return ok;
}

/// ACCOUNT LOCK is looked at when somebody logs in, by each server's own view (tidb-sql §9).
void Session::change_lock(const Statement& statement) {
  const std::size_t word = find_word(statement.tokens, "account");
  if (word >= statement.tokens.size()) return;
  const bool lock = Cursor(statement.tokens, word + 1).sees({"lock"});
  Cursor cursor(statement.tokens, 2);
  cursor.accept({"if", "not", "exists"});
  cursor.accept({"if", "exists"});
  std::vector<std::string> accounts;
  do {
    accounts.push_back(account_named(cursor));
    while (!cursor.at_end() && !cursor.peek().is_symbol(',')) cursor.next();
  } while (cursor.accept_symbol(','));
  shared_.privileges.change(server_, [=](auto& known) {
    for (const std::string& account : accounts) known[account].locked = lock;
  });
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
  const AccountFacts facts = shared_.privileges.of(server_, account);
  const auto& dynamic = facts.dynamic;
  TextResult result{{{title}}, {}};
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  try {
    rows = shared_.as_admin("SHOW GRANTS FOR " + quote_text(user) + "@" + quote_text(host));
    // The last line of an account with roles tells the engine's default role.
    std::erase_if(rows, [](const auto& row) {
      const std::string line = row.front().value_or("");
      return line.rfind("SET DEFAULT ROLE", 0) == 0 || line.find(" ON ") == std::string::npos;
    });
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
  if (!facts.roles.empty()) {
    std::string list;
    for (const std::string& role : facts.roles) {
      list += (list.empty() ? "" : ", ") + quoted_account(role);
    }
    result.rows.push_back({"GRANT " + list + " TO " + to});
  }
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
