// The doctor as a step: nothing is changed while it finds an error.
#pragma once

#include "flows/step_args.h"

namespace bdrmesh::flows {

class ExamineGroup final : public Step {
 public:
  ExamineGroup(FlowPorts ports, const PlannedStep& planned) : ports_(ports), args_(planned.args) {}
  std::string name() const override { return "examine_group"; }
  Verdict precondition(StepContext& ctx) override;
  Verdict verify(StepContext&) override { return holds(); }
  void execute(StepContext&) override {}

 private:
  FlowPorts ports_;
  Json args_;
};

}  // namespace bdrmesh::flows
