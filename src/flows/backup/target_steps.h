// What must be true of a cluster before tables are restored to it.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The cluster has none of the group's tables: RESTORE makes them itself, and what it made may be
/// dropped again. Refuses with the list. Leaves the durable fact "no_tables".
class RequireNoTables final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  Verdict look(StepContext& ctx) const;
};

/// A backup of args.source can be restored to the cluster: same major release or a newer one, the
/// same collation framework and clustered-index default, and no BDR role (tidb-sql §5.2).
class RequireRestorable final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override { return look(ctx); }
  Verdict verify(StepContext& ctx) override { return look(ctx); }
  void execute(StepContext&) override {}

 private:
  Verdict look(StepContext& ctx) const;
};

}  // namespace bdrmesh::flows
