// Gates whose opening is the point of no return: applications write there from then on, so that
// what the operation has made cannot be taken away any more.
#pragma once

#include "flows/gate/gate_steps.h"

namespace bdrmesh::flows {

/// Yes when any server takes writes, no when every one was seen closed.
Crossing crossed_by_opening(const GateView& seen);

/// As OpenGate, and the line is crossed.
class OpenForGood final : public OpenGate {
 public:
  using OpenGate::OpenGate;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;
};

/// As ReopenGateOf, and the line is crossed.
class ReopenForGood final : public ReopenGateOf {
 public:
  using ReopenGateOf::ReopenGateOf;
  void execute(StepContext& ctx) override;
  Crossing crossed(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
