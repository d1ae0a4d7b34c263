// The step that compares the definitions of a group's tables.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

/// The fact "verification" says how the tables' definitions differ, by severity, and which
/// statement would make each like that of args.reference.
class CompareDefinitions final : public Step {
 public:
  CompareDefinitions(FlowPorts ports, const PlannedStep& planned)
      : ports_(ports), args_(planned.args) {}
  std::string name() const override { return "compare_definitions"; }
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 private:
  FlowPorts ports_;
  Json args_;
};

}  // namespace bdrmesh::flows
