// The step that compares the definitions of a group's tables.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The fact "verification" says how the tables' definitions differ, by severity, and which
/// statement would make each like that of args.reference.
class CompareDefinitions final : public PlainStep {
 public:
  using PlainStep::PlainStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
