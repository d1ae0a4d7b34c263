// The faulty twin of BackupClient: each method is one call of `FaultyWorld::pass`. Thread-safe as
// what it wraps.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clients/backup_client.h"

namespace bdrmesh::fakes {

class FaultyWorld;

class FaultyBackup final : public BackupClient {
 public:
  FaultyBackup(FaultyWorld& world, std::string name, BackupClient& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

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
  FaultyWorld& world_;
  std::string name_;
  BackupClient& inner_;
};

}  // namespace bdrmesh::fakes
