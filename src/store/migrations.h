// Brings a state file to this version's tables: forward only, each migration checksummed, with a
// copy before each. Internal to store/.
#pragma once

#include <string>
#include <vector>

#include "store/sqlite.h"

namespace bdrmesh {

struct Migration {
  std::string name;  ///< `0001_operations.sql`; the number orders them
  std::string sql;
};

/// Those of the folder `migrations/` at build time, in order.
std::vector<Migration> embedded_migrations();
/// Those of a folder. @throws Error precondition `STATE_UNUSABLE` when it cannot be read.
std::vector<Migration> migrations_in(const std::string& folder);

/// What `migrate` would apply. Changes nothing. @throws Error as `migrate`.
std::vector<std::string> pending_migrations(sqlite::Connection& connection,
                                            const std::vector<Migration>& migrations);

/// Applies what is missing, each in a transaction of its own; copies an existing file to
/// `<path>.before-<name>` first.
/// @throws Error precondition `STATE_NEWER` when the file knows migrations that we do not;
/// `STATE_CORRUPT` when an
///         applied one had another text, or when the file belongs to another program.
void migrate(sqlite::Connection& connection, const std::vector<Migration>& migrations);

}  // namespace bdrmesh
