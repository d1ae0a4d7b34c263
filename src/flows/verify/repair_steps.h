// Steps that draft a repair and write one.
#pragma once

#include "flows/snapshot.h"
#include "flows/step_args.h"
#include "verify/repair.h"

namespace bdrmesh::flows {

/// The fact "repair" holds the file: each row of args.rows read again on every member, with the one
/// that args.right takes as right.
class DraftRepair final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Every row of args.rows has been written on the cluster, or left alone because it was not as the
/// file says; the durable fact "repaired" says which, batch by batch.
class WriteRepair final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// The fact "verification" says for each row of args.rows whether all members have it alike now.
class RecheckRepair final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// A plan that reads and writes nothing. @throws Error invalid `NO_DIFFERENCES`.
Plan plan_repair_draft(const GroupSnapshot& snapshot, const Json& differences,
                       const std::string& right);
/// @throws Error invalid `BAD_REPAIR`; precondition `DELETES_NOT_CONFIRMED`, `NOT_MANAGED`.
Plan plan_repair_apply(const GroupSnapshot& snapshot, const Json& file, std::size_t deletes);

}  // namespace bdrmesh::flows
