// BACKUP and RESTORE of one cluster of a FakeWorld. Thread-safe through FakeWorld's mutex.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clients/backup_client.h"
#include "fakes/fake_world.h"

namespace bdrmesh::fakes {

class FakeBackup final : public BackupClient {
 public:
  FakeBackup(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

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
  ClusterState& here() { return world_.state(name_); }
  void require_up();
  /// @throws Error as the server refuses.
  void perform(const BackupState& state);
  void advance(BackupState& state);
  void write(const BackupOrder& order);
  void restore(const BackupOrder& order);
  void refuse_restore(const BackupOrder& order);

  FakeWorld& world_;
  std::string name_;
};

}  // namespace bdrmesh::fakes
