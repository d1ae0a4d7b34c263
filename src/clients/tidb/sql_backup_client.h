// BackupClient over MySQL Connector/C++. A BACKUP or RESTORE runs on a thread of its own that is
// left to itself when nobody waits for it any more: the statement blocks its connection until it
// ends. Thread-safe: methods share nothing but the connector's memory of servers.
#pragma once

#include "clients/backup_client.h"
#include "clients/sql/sql_connector.h"

namespace bdrmesh {

class SqlBackupClient final : public BackupClient {
 public:
  SqlBackupClient(SqlAccess access, const Clock& clock) : connector_(std::move(access), clock) {}

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
};

/// What a failed BACKUP or RESTORE means, by the server's words. Pure.
Error backup_failure(BackupKind kind, const std::string& text);

}  // namespace bdrmesh
