// The step that runs one hook of the operator, and how it is planned.
#pragma once

#include <string>

#include "engine/step.h"
#include "flows/ports.h"

namespace bdrmesh::flows {

/// Where a hook stands in its operation.
struct HookPlace {
  std::string kind;
  std::string group;
  std::string key;        ///< tells the hooks of one operation apart
  bool may_stop = false;  ///< its failure ends the operation; else it only warns
  bool in_pause = false;  ///< what is left of the pause bounds it too
};

/// `hook before close gates`.
std::string hook_stage_name(const HookSpec& hook);
PlannedStep planned_hook(const HookSpec& hook, const HookPlace& place);

/// Runs args.hook once. Holds when it is known to have ended; begun again after a crash that left
/// this open, so hooks must be repeatable. Refuses with `HOOK_FAILED` when it failed and may stop
/// the operation; a failure that may not is an event.
class RunHook final : public Step {
 public:
  RunHook(FlowPorts ports, const PlannedStep& planned);
  std::string name() const override;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  int begin(StepContext& ctx, const Json& mark, int attempt) const;
  Millis limit(const StepContext& ctx) const;
  void tell(StepContext& ctx, const std::string& ended, bool ok, const std::string& output) const;

  FlowPorts ports_;
  HookSpec hook_;
  HookPlace place_;
};

}  // namespace bdrmesh::flows
