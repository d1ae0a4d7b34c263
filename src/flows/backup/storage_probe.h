// Tries the backup's storage with one row before anything big or lasting is begun.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// A table with one row, in our own schema, went from the cluster through the group's backup
/// storage to each of args.targets, and is gone everywhere. Refuses with the name of the side that
/// cannot reach the storage. Runs on the long lane.
class ProbeStorage final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  TableName table(const StepContext& ctx) const;
  std::vector<ClusterName> targets() const;
  void run(StepContext& ctx, const ClusterName& on, BackupKind kind,
           const BackupOrder& order) const;
  void drop_everywhere(StepContext& ctx) const;
};

}  // namespace bdrmesh::flows
