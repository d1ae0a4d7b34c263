// The doctor as a step: nothing is changed while it finds an error.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

class ExamineGroup final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext&) override { return holds(); }
  void execute(StepContext&) override {}
};

}  // namespace bdrmesh::flows
