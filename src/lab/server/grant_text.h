// GRANT, REVOKE and accounts as text: what is whose, TiDB's form of the engine's grants, its errors
// (measured A8, A9). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/parse/statement.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

/// Index of the first token outside of parentheses that is this word; the number of tokens when
/// there is none.
std::size_t find_word(const std::vector<Token>& tokens, std::string_view word,
                      std::size_t from = 0);

/// The privileges of one GRANT or REVOKE, by who keeps them.
struct NamedPrivileges {
  std::string engine;  ///< as typed
  std::vector<std::string> dynamic;
  std::vector<std::string> unknown;
  std::string first;  ///< `Select`
  bool all = false;
};

/// @param on  index of ON.
NamedPrivileges named_privileges(const Statement& statement, std::size_t on);

struct GrantLine {
  std::string table_part;
  std::string column_part;
};

/// MariaDB's `GRANT SELECT, INSERT (`a`) ON `d`.* TO `u`@`%` ...` in TiDB's form: one line for the
/// table's, one for columns'.
GrantLine tidb_grant(const std::string& line, const std::string& to, bool has_config);

/// Codes with which the engine refuses for want of a right.
bool is_missing_right(int code);
/// `'user'@'host'` of `user@host`.
std::string quoted_account(const std::string& account);
/// A role has no host in the engine.
std::string role_name(const std::string& role);
/// Options of accounts that the engine lacks are left out.
std::string account_text(const Statement& statement);
/// How REVOKE fails in TiDB.
SqlFailure revoke_failure(SqlFailure failure, const std::string& account,
                          const std::string& object);

}  // namespace bdrmesh::lab
