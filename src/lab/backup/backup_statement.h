// BACKUP and RESTORE as TiDB's grammar has them (tidb-sql §5.1): one list of options for both, of
// which the lab heeds a few. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lab/parse/statement.h"

namespace bdrmesh::lab {

struct BackupStatement {
  enum class Scope { everything, schemas, tables };
  /// `SNAPSHOT = 5 MINUTE AGO`.
  struct Ago {
    std::uint64_t count = 0;
    std::string unit;
  };
  using Moment = std::variant<std::uint64_t, std::string, Ago>;  ///< TSO, date and time, span

  bool restores = false;
  bool is_point = false;  ///< RESTORE POINT: from a log backup
  Scope scope = Scope::everything;
  std::vector<ObjectName> names;  ///< schemas stand in `name`
  std::string uri;
  std::uint64_t rate_limit = 0;  ///< MB/s; 0: none
  bool checksum = true;
  std::optional<Moment> snapshot;
  std::optional<Moment> last_backup;
};

/// What TiDB says when it does not understand: the text of a 1064.
struct BackupSyntaxError {
  std::string message;
};

/// @return std::nullopt for what is neither (BACKUP LOGS ...).
std::optional<std::variant<BackupStatement, BackupSyntaxError>> parse_backup(
    const Statement& statement);

/// The directory of a `local://` URI.
/// @return std::nullopt for any other storage.
std::optional<std::string> local_directory(const std::string& uri);
/// `s3`, `local`; "" when there is none.
std::string storage_scheme(const std::string& uri);
/// As TiDB shows it: without keys and tokens.
std::string without_secrets(const std::string& uri);

}  // namespace bdrmesh::lab
