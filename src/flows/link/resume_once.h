// One order to go on, to a changefeed that failed, and no promise: what happens without a person.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The feed that had failed was told to go on. One that somebody paused meanwhile is left alone.
/// What it does then is nobody's promise, so that nothing is undone.
class ResumeOnce final : public LinkStep {
 public:
  using LinkStep::LinkStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
