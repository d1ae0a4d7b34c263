#include "flows/members/join_steps.h"

namespace bdrmesh::flows {

std::optional<EndedMembership> ForgetEnded::note_on(const TokenRow& row) const {
  for (const EndedMembership& one : ended_memberships(row)) {
    if (one.group == group() && one.cluster == member()) return one;
  }
  return std::nullopt;
}

Verdict ForgetEnded::verify(StepContext& ctx) {
  if (!note_on(ports_.tokens.require_ours(cluster(), ctx.call()))) return holds();
  return not_yet(cluster().value() + " to forget that " + member().value() + " has left");
}

void ForgetEnded::execute(StepContext& ctx) {
  const auto note = note_on(ports_.tokens.require_ours(cluster(), ctx.call()));
  if (note && !ctx.fact("ended_before", scope())) {
    ctx.set_fact({"ended_before",
                  scope(),
                  FactLife::durable,
                  {{"how", note->how}, {"operation", note->operation}, {"at", note->at}}});
    ctx.checkpoint();
  }
  ports_.tokens.edit(
      cluster(), [&](TokenRow& row) { forget_ended(row, group(), member()); }, ctx.call());
}

void ForgetEnded::compensate(StepContext& ctx) {
  const auto before = ctx.fact("ended_before", scope());
  if (!before) return;
  const EndedMembership ended{group(), member(), get_or<std::string>(*before, "how", ""),
                              get_or<std::string>(*before, "operation", ""),
                              get_or<std::string>(*before, "at", "")};
  ports_.tokens.edit(
      cluster(), [&](TokenRow& row) { note_ended(row, ended); }, ctx.call());
}

}  // namespace bdrmesh::flows
