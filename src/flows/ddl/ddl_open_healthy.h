// A way out of a paused change that one cluster refused: the others go on without it. Its
// changefeeds from them are stopped first, so that no row of the new shape reaches it; its own gate
// stays closed.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/gate/gate_steps.h"
#include "flows/snapshot.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The newest statement of operation args.operation took place on the cluster. Refuses otherwise:
/// opening it would let rows of the old shape out.
class RequireChanged final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict precondition(StepContext& ctx) override { return verify(ctx); }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}
};

/// Takes writes again, though operation args.operation is not over: crosses the line just before,
/// for from then on the feeds towards the failed clusters must stay stopped.
class OpenWithoutFailed final : public ReopenGateOf {
 public:
  using ReopenGateOf::ReopenGateOf;
  Verdict precondition(StepContext&) override { return holds(); }
  void execute(StepContext& ctx) override;
};

/// The link's feed runs: it is resumed if it was stopped to open the others, now that the change
/// has been made at its end too.
class CarryOnLink final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

/// Takes no locks: the blocked operation holds them. It goes on with `op resume` once the failed
/// clusters are mended, and resumes their links.
/// @throws Error invalid `BAD_ARGUMENT` when `failed` names no member, or all of them.
Plan plan_open_healthy(const GroupSnapshot& snapshot, const std::string& operation,
                       const std::vector<std::string>& failed);

}  // namespace bdrmesh::flows
