// A gate that a person closes and holds for a while: `gate close CLUSTER --reason WHY --for SPAN`.
#pragma once

#include <string>

#include "engine/plan.h"
#include "flows/gate/hold_time.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {

/// Closes the gate of `cluster` announced first, holds it for `span` or until it is opened by
/// `gate open`, and opens it, also after a restart. Other operations on the cluster are kept out
/// meanwhile. Pure.
Plan plan_close_gate(const ClusterName& cluster, const std::string& reason, Millis span);

/// Holds when args.for_ms have passed since the gate was closed, or when our note is gone because
/// somebody opened the gate with us. Refuses when somebody opened it without us.
class HoldGate final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext&) override {}

 private:
  Verdict look(StepContext& ctx);
  void look_at_servers(StepContext& ctx);

  HoldTime time_;
  Millis left_{0};
  MonoTime next_look_{};  ///< polls inside a pause come more often than anybody need be asked
  MonoTime next_servers_{};
  GateView servers_;
  Verdict seen_ = not_yet("the first look at the gate");
};

}  // namespace bdrmesh::flows
