#include "flows/gate/gate_close.h"

#include <algorithm>

namespace bdrmesh::flows {
namespace {

/// The pause budget is the net below the step that ends the hold: spent only when nobody was there
/// to end it.
constexpr Millis kNet{60'000};

std::string in_words(Millis span) {
  const auto seconds = span.count() / 1000;
  if (seconds % 3600 == 0 && seconds > 0) return std::to_string(seconds / 3600) + " h";
  if (seconds % 60 == 0 && seconds > 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds) + " s";
}

}  // namespace

Plan plan_close_gate(const ClusterName& cluster, const std::string& reason, Millis span) {
  PlanBuilder plan("gate.close",
                   "gate of " + cluster.value() + " closed by hand for " + in_words(span));
  plan.subject({{"cluster", cluster.value()}, {"reason", reason}, {"for_ms", span.count()}});
  plan.lock("cluster:" + cluster.value());
  plan.stage("claim").step(on_cluster("claim_token", cluster));
  plan.pause_budget_from_next_stage(span + kNet);
  close_gates(plan, {cluster});
  plan.stage("hold").step(on_cluster("hold_gate", cluster, {{"for_ms", span.count()}}));
  open_gates(plan, {cluster});
  return plan.build();
}

Verdict HoldGate::verify(StepContext& ctx) {
  static constexpr Millis kBetweenLooks{500};
  if (ports_.clock.mono() < next_look_) return seen_;
  seen_ = look(ctx);
  // Nearer when the end is: the gate opens on time.
  next_look_ = ports_.clock.mono() + std::min(left_, kBetweenLooks);
  return seen_;
}

Verdict HoldGate::look(StepContext& ctx) {
  const std::optional<TokenRow> row = tidb().token(ctx.call());
  const std::optional<GateNote> note = row ? note_of(*row, ctx.operation()) : std::nullopt;
  if (!note) return holds();  // opened with gate open or rescue: what is left is to see it open
  const Millis span{get_required<std::int64_t>(args_, "for_ms")};
  const WallTime until = from_millis(note->since_ms) + span;
  left_ = time_.left(ports_.clock, until, span);
  if (left_ == Millis{0}) return holds();
  look_at_servers(ctx);
  if (servers_.open_everywhere()) {
    return refused("GATE_OPENED_BY_OTHER",
                   "the gate of " + cluster().value() + " was opened by somebody else",
                   "find out who set tidb_super_read_only = OFF there, then close it again");
  }
  std::string waiting = "the gate to be opened, at " + to_rfc3339(until) +
                        " or with: bdrmesh gate open " + cluster().value();
  if (!servers_.closed_everywhere())
    waiting += "; not known to be closed: " + servers_.not_closed();
  return not_yet(waiting);
}

void HoldGate::look_at_servers(StepContext& ctx) {
  static constexpr Millis kBetweenLooks{2000};
  const MonoTime now = ports_.clock.mono();
  if (now < next_servers_) return;
  servers_ = ports_.gate.look(cluster(), ctx.call());
  next_servers_ = now + kBetweenLooks;
}

}  // namespace bdrmesh::flows
