// What kind of statement a text is, and whether TiDB lets it pass while the cluster is read-only
// (tidb-sql §2.2, measured A14). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/parse/cursor.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

enum class Verb {
  select,
  insert,
  replace,
  update,
  remove,  ///< DELETE
  batch,   ///< non-transactional DML
  load,
  ddl,
  begin,
  commit,
  rollback,
  savepoint,
  set,
  set_account,  ///< SET PASSWORD, SET ROLE, SET DEFAULT ROLE, SET RESOURCE GROUP, SET CONFIG
  show,
  explain,
  describe,
  admin,
  grant,
  revoke,
  account,  ///< CREATE, ALTER, DROP, RENAME USER or ROLE
  binding,
  kill,
  use,
  prepare,
  execute,
  deallocate,
  analyze,
  lock_tables,
  unlock_tables,
  flush,
  evaluate,  ///< DO
  backup,    ///< BACKUP, RESTORE
  other,
};

struct Statement {
  std::string_view text;
  std::vector<Token> tokens;
  Verb verb = Verb::other;
  bool locks_rows = false;  ///< SELECT ... FOR UPDATE

  bool writes_rows() const {
    return verb == Verb::insert || verb == Verb::replace || verb == Verb::update ||
           verb == Verb::remove || verb == Verb::batch || verb == Verb::load;
  }
};

Statement classify(StatementText&& text);

/// EXECUTE is judged by its inner statement, by the caller.
bool passes_read_only(const Statement& statement);

/// Tables that a SELECT or DML names, in order, each once.
std::vector<ObjectName> named_tables(const Statement& statement);

}  // namespace bdrmesh::lab
