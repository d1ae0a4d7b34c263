// One cluster's BACKUP and RESTORE behind a ChangePermit. Thread-safe as what it wraps.
#pragma once

#include <utility>

#include "clients/backup_client.h"
#include "gate/guard/change_permit.h"

namespace bdrmesh {

class GuardedBackup final : public BackupClient {
 public:
  GuardedBackup(BackupClient& inner, ChangePermit permit)
      : inner_(inner), permit_(std::move(permit)) {}

  /// Asked once more when server and connection are known, just before the statement leaves.
  bool run(BackupKind kind, const BackupOrder& order,
           const std::function<void(const SentBackup&)>& sent, const Call& call) override {
    permit_.ask_for_long(call);
    return inner_.run(
        kind, order,
        [&](const SentBackup& where) {
          sent(where);
          permit_.ask_for_long(call);
        },
        call);
  }
  std::optional<BackupTask> task(BackupKind kind, const SentBackup& sent,
                                 const Call& call) override {
    return inner_.task(kind, sent, call);
  }
  bool has_schema(const std::string& schema, const Call& call) override {
    return inner_.has_schema(schema, call);
  }
  bool has_relations(const std::string& schema, const Call& call) override {
    return inner_.has_relations(schema, call);
  }
  void drop_tables(const std::vector<TableName>& tables, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.drop_tables(tables, call);
  }
  void make_probe(const TableName& table, const std::string& nonce, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.make_probe(table, nonce, call);
  }
  std::optional<std::string> read_probe(const TableName& table, const Call& call) override {
    return inner_.read_probe(table, call);
  }

 private:
  BackupClient& inner_;
  ChangePermit permit_;
};

}  // namespace bdrmesh
