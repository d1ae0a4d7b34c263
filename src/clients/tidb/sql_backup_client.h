// BackupClient over MySQL Connector/C++. A BACKUP or RESTORE runs on a thread of its own that is
// left to itself when nobody waits for it any more: the statement blocks its connection until it
// ends, and that thread keeps how it ended for whoever asks. Thread-safe.
#pragma once

#include <memory>

#include "clients/backup_client.h"
#include "clients/sql/sql_connector.h"
#include "clients/sql/sql_rows.h"

namespace bdrmesh {

class BackupOutcomes;

class SqlBackupClient final : public BackupClient {
 public:
  SqlBackupClient(SqlAccess access, const Clock& clock);

  bool run(BackupKind kind, const BackupOrder& order,
           const std::function<void(const SentBackup&)>& sent, const Call& call) override;
  std::optional<BackupTask> task(BackupKind kind, const SentBackup& sent,
                                 const Call& call) override;
  bool has_schema(const std::string& schema, const Call& call) override;
  bool has_relations(const std::string& schema, const Call& call) override;
  void drop_tables(const std::vector<TableName>& tables, const Call& call) override;
  void make_probe(const TableName& table, const std::string& nonce, const Call& call) override;
  std::optional<std::string> read_probe(const TableName& table, const Call& call) override;

 private:
  SqlConnector connector_;
  std::shared_ptr<BackupOutcomes> outcomes_;  ///< shared with the threads that run statements
};

/// The line of SHOW BACKUPS or SHOW RESTORES about that connection. Pure.
std::optional<BackupTask> backup_task_in(const SqlRows& rows, std::uint64_t connection_id);

/// What a failed BACKUP or RESTORE means, by the server's words. Pure.
Error backup_failure(BackupKind kind, const std::string& text);

}  // namespace bdrmesh
