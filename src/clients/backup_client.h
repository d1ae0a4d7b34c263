// BACKUP and RESTORE of one cluster over SQL, and what only they need: one method per remote
// question or change, no policy, no retry (tidb-sql §5.1). Errors as TidbCluster's, and
// precondition `BACKUP_FAILED`, `RESTORE_FAILED` with the server's words. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "model/names.h"
#include "model/tso.h"

namespace bdrmesh {

enum class BackupKind { backup, restore };

struct BackupOrder {
  std::vector<TableName> tables;
  std::string folder;  ///< URL: of a folder that does not exist yet, or of the backup to restore
  Tso at{};            ///< BACKUP only: the position that the copy holds
  std::uint64_t megabytes_per_second = 0;  ///< 0: as fast as it goes
};

/// Who runs it: enough to find it again after a restart.
struct SentBackup {
  ServerAddress server;
  std::uint64_t connection_id = 0;
};

/// A line of SHOW BACKUPS or SHOW RESTORES.
struct BackupTask {
  std::string state;  ///< as printed: Wait, Backup, Restore, Checksum, …
  double percent = 0;
  bool ended = false;
  std::string failure;   ///< the server's words; empty when it ended well or has not ended
  bool awaited = false;  ///< this process still waits for the answer to the statement
};

class BackupClient {
 public:
  virtual ~BackupClient() = default;

  /// Runs it on a connection of its own. `sent` is called with server and connection before the
  /// statement leaves. Blocks until it ended, or until `call.deadline`: it goes on then, on its
  /// server and on its connection, and `task` tells how far it is.
  /// @return whether it ended (well). A stop leaves it running too.
  /// @throws Error precondition when it failed; ambiguous when its answer was lost.
  virtual bool run(BackupKind kind, const BackupOrder& order,
                   const std::function<void(const SentBackup&)>& sent, const Call& call) = 0;
  /// How a statement that this process sent ended, as its answer said; else what the server that
  /// runs it shows, which no other one knows (tidb-sql §5.1). That is for progress: the server
  /// forgets ended ones after a while, and running ones too after some ten minutes.
  /// @return std::nullopt when nobody waits for it and that server shows no such task (any more).
  virtual std::optional<BackupTask> task(BackupKind kind, const SentBackup& sent,
                                         const Call& call) = 0;

  virtual bool has_schema(const std::string& schema, const Call& call) = 0;
  /// Whether the schema holds a table, view or sequence.
  virtual bool has_relations(const std::string& schema, const Call& call) = 0;
  /// Drops what a RESTORE made; tables that are not there are passed over.
  virtual void drop_tables(const std::vector<TableName>& tables, const Call& call) = 0;

  /// Makes `table` with one row that holds `nonce`: something to try the storage with.
  virtual void make_probe(const TableName& table, const std::string& nonce, const Call& call) = 0;
  /// @return std::nullopt when there is no such row or table.
  virtual std::optional<std::string> read_probe(const TableName& table, const Call& call) = 0;
};

}  // namespace bdrmesh
