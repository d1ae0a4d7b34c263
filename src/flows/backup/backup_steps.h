// Copies of tables: made of one cluster at a position taken before, filled into others.
#pragma once

#include "flows/backup/long_task.h"

namespace bdrmesh::flows {

/// The tables of the subject, as cluster has them at its durable fact args.position_fact, lie in a
/// folder that only this attempt wrote (args.folder and a number). Leaves the durable fact
/// "backup": folder and tso. Undone by stopping it; files stay where they are and are named.
class RunBackup final : public LongTask {
 public:
  RunBackup(FlowPorts ports, const PlannedStep& planned)
      : LongTask(ports, planned, BackupKind::backup) {}
  void compensate(StepContext& ctx) override;

 protected:
  std::string folder(const StepContext& ctx, int attempt) const override;
  void done(StepContext& ctx, const std::string& folder) override;
  bool is_done(const StepContext& ctx) const override;
  Tso position(const StepContext& ctx) const override;
  std::string remains(StepContext& ctx) const override;
};

/// The tables of the subject are on the cluster as the fact "backup" of args.source has them.
/// Undone by stopping it and dropping the tables, which were not there before (fact "no_tables");
/// not when the cluster was opened for applications since.
class RunRestore final : public LongTask {
 public:
  RunRestore(FlowPorts ports, const PlannedStep& planned)
      : LongTask(ports, planned, BackupKind::restore) {}
  void compensate(StepContext& ctx) override;

 protected:
  std::string folder(const StepContext& ctx, int attempt) const override;
  void prepare(StepContext& ctx, int attempt) override;
  void done(StepContext& ctx, const std::string& folder) override;
  bool is_done(const StepContext& ctx) const override;
  std::string remains(StepContext& ctx) const override;

 private:
  /// The gate was closed by this operation all the time.
  bool nobody_wrote(StepContext& ctx);
  void drop_what_was_made(StepContext& ctx);
};

}  // namespace bdrmesh::flows
