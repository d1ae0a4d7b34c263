#include "flows/stop/stop_steps.h"

#include <algorithm>

#include "flows/stop/stop_proofs.h"
#include "gate/standing_gate.h"
#include "mesh/judge/gc_budget.h"

namespace bdrmesh::flows {

Verdict StopLink::verify(StepContext& ctx) {
  if (Verdict verdict = PauseLink::verify(ctx); verdict.kind != Verdict::Kind::holds)
    return verdict;
  Json position = require_fact(ctx, "position", scope());
  const Tso tso = tso_of(position, "tso");
  position["changefeed"] = changefeed().value();
  position["confirmed_at"] = to_rfc3339(ctx.now());
  ctx.set_fact({"stopped", scope(), FactLife::durable, std::move(position)});
  // A stopped feed has delivered everything up to its checkpoint (ticdc-api §5.1).
  ports_.links.proven(GroupName(get_required<std::string>(args_, "group")), link(), changefeed(),
                      tso, ctx.now());
  if (!ctx.line_crossed())
    ctx.cross_line("changefeed " + changefeed().value() + " is confirmed to be stopped");
  return holds();
}

Crossing StopLink::crossed(StepContext& ctx) {
  if (waits_for_answer(ctx)) {
    // Nobody asks for an answer here; going on does, and confirms what has taken effect.
    const auto seen = look_at_feed(ctx.call());
    return seen && seen->state == "stopped" ? Crossing::yes : Crossing::no;
  }
  const Verdict stopped = PauseLink::verify(ctx);
  if (stopped.kind == Verdict::Kind::holds) return Crossing::yes;
  const auto feed = look_at_feed(ctx.call());
  const bool at_rest = feed && feed->state == "stopped";
  return at_rest ? Crossing::cannot_tell_yet : Crossing::no;
}

Verdict TakeCut::verify(StepContext& ctx) {
  return ctx.fact("snapshot", scope()) ? holds() : not_yet("a TSO of " + cluster().value());
}

void TakeCut::execute(StepContext& ctx) {
  Json value = tso_fact("tso", tidb().current_tso(ctx.call()));
  const GateView gate = ports_.gate.look(cluster(), ctx.call());
  // Whoever wrote behind an opened gate is found by the digests: this only says where to look.
  value["gate"] = gate.closed_everywhere() ? "closed" : "not closed on " + gate.not_closed();
  value["at"] = to_rfc3339(ctx.now());
  if (!gate.closed_everywhere())
    ctx.event("alarm", "the gate of " + cluster().value() + " was not closed at the cut, on " +
                           gate.not_closed());
  ctx.set_fact({"snapshot", scope(), FactLife::durable, std::move(value)});
}

std::string KeepStoppedGate::role() const {
  return stopped_member_role(get_required<std::string>(args_, "group"));
}

Verdict KeepStoppedGate::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (note_of(row, ctx.operation())) return not_yet("the note on " + cluster().value());
  if (!note_of(row, standing_owner(role()))) {
    // Somebody opened it with us: a person's decision stands.
    ctx.event("warning", "the gate of " + cluster().value() + " was opened meanwhile");
  }
  return holds();
}

void KeepStoppedGate::execute(StepContext& ctx) {
  announce_standing(ports_.tokens, cluster(), role(), ctx.now(), ctx.operation(), ctx.call());
}

Verdict RemoveProvenLink::verify(StepContext& ctx) {
  return is_proven(ctx) ? RemoveLink::verify(ctx) : holds();
}

void RemoveProvenLink::execute(StepContext& ctx) {
  if (is_proven(ctx)) RemoveLink::execute(ctx);
}

Verdict UnsetProvenRole::verify(StepContext& ctx) {
  if (!is_proven(ctx) || tidb().bdr_role(ctx.call()) == BdrRole::none) return holds();
  return not_yet("the BDR role of " + cluster().value() + " to be unset");
}

void UnsetProvenRole::execute(StepContext& ctx) { tidb().set_bdr_role(BdrRole::none, ctx.call()); }

Verdict TellGcBudget::verify(StepContext& ctx) {
  const bool removed = is_proven(ctx) && !get_or(args_, "kept", false);
  if (removed || ctx.fact("gc_budget", scope())) return holds();
  TicdcClient& ticdc = ports_.world.ticdc(cluster());
  const Tso now = tidb().current_tso(ctx.call());
  const std::string version = ticdc.server(ctx.call()).version;
  const TicdcTraits traits = ticdc.traits(ctx.call());
  Json told = Json::object();
  std::optional<WallTime> first;
  for (const FeedSummary& feed : ticdc.list(ctx.call())) {
    const auto feeds = get_required<std::vector<std::string>>(args_, "feeds");
    if (std::ranges::find(feeds, feed.id.value()) == feeds.end()) continue;
    const auto budget = gc_budget(feed, now, version, traits, ctx.now());
    if (!budget) continue;
    told[feed.id.value()] = {
        {"until", budget->dies_at ? Json(to_rfc3339(*budget->dies_at)) : Json("no limit")},
        {"basis", budget->basis}};
    if (budget->dies_at) first = std::min(first.value_or(*budget->dies_at), *budget->dies_at);
  }
  const std::string until = first ? "until " + to_rfc3339(*first) : "without a known limit";
  ctx.event(first ? "warning" : "info",
            "the paused changefeeds of " + cluster().value() + " can go on " + until +
                "; before that: bdrmesh group start " + get_required<std::string>(args_, "group"));
  ctx.set_fact({"gc_budget", scope(), FactLife::durable, std::move(told)});
  return holds();
}

}  // namespace bdrmesh::flows
