#include "flows/gate/opening_steps.h"

#include <algorithm>

namespace bdrmesh::flows {

Crossing crossed_by_opening(const GateView& seen) {
  const auto is_open = [](const ServerGate& one) { return one.error.empty() && !one.closed; };
  if (std::ranges::any_of(seen.servers, is_open)) return Crossing::yes;
  return seen.closed_everywhere() ? Crossing::no : Crossing::cannot_tell_yet;
}

void OpenForGood::execute(StepContext& ctx) {
  OpenGate::execute(ctx);
  ctx.cross_line("applications may write to " + cluster().value());
}

Crossing OpenForGood::crossed(StepContext& ctx) {
  return crossed_by_opening(ports_.gate.look(cluster(), ctx.call()));
}

void ReopenForGood::execute(StepContext& ctx) {
  ReopenGateOf::execute(ctx);
  ctx.cross_line("applications may write to " + cluster().value() + " again");
}

Crossing ReopenForGood::crossed(StepContext& ctx) {
  return crossed_by_opening(ports_.gate.look(cluster(), ctx.call()));
}

}  // namespace bdrmesh::flows
