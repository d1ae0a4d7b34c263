#include "flows/link/link_change_steps.h"

#include <algorithm>

#include "mesh/judge/findings.h"

namespace bdrmesh::flows {
namespace {

bool is_at_rest(const FeedSummary& feed) {
  return feed.state == "stopped" || feed.state == "failed" || feed.state == "finished";
}

Verdict no_feed(const Link& link, const ChangefeedId& id) {
  return refused("LINK_MISSING",
                 "TiCDC of " + link.from.value() + " has no changefeed " + id.value(),
                 "bdrmesh group plan");
}

/// Not from the shared board: what was listed in the same moment may be older than our own change.
std::optional<FeedSummary> look_now(const FlowPorts& ports, const Link& link,
                                    const ChangefeedId& id, const Call& call) {
  std::vector<FeedSummary> listed = ports.world.ticdc(link.from).list(call);
  const auto found = std::ranges::find(listed, id, &FeedSummary::id);
  if (found == listed.end()) return std::nullopt;
  return std::move(*found);
}

}  // namespace

Verdict PauseLink::precondition(StepContext& ctx) {
  return look_at_feed(ctx.call()) ? holds() : no_feed(link(), changefeed());
}

Verdict PauseLink::sink_is_quiet(const Call& call) const {
  TidbCluster& target = ports_.world.tidb(link().to);
  const std::string user = ports_.desired.cluster(link().to).sink.user_for(link().from);
  const TransactionLook look = target.look_at_transactions(target.servers(call), call);
  if (!look.warnings.empty())
    return not_yet("a whole look at the transactions of " + link().to.value() + ": " +
                   look.warnings.front());
  const auto busy = std::ranges::find(look.rows, user, &OpenTransaction::user);
  if (busy == look.rows.end()) return holds();
  return not_yet("sink user " + user + " still has a transaction on " + link().to.value() +
                 " (session " + std::to_string(busy->session_id) + ", " + busy->state + ")");
}

Verdict PauseLink::verify(StepContext& ctx) {
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed) return no_feed(link(), changefeed());
  if (!is_at_rest(*feed))
    return not_yet("changefeed " + changefeed().value() + " to stop; it is " + feed->state);
  const bool target_gone = get_or(args_, "target_gone", false);
  if (Verdict quiet = target_gone ? holds() : sink_is_quiet(ctx.call());
      quiet.kind != Verdict::Kind::holds)
    return quiet;
  ctx.set_fact({"position", scope(), FactLife::durable, tso_fact("tso", feed->checkpoint)});
  return holds();
}

void PauseLink::execute(StepContext& ctx) {
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed || is_at_rest(*feed)) return;
  // A question about a newborn feed can kill its TiCDC (measured §2 A1).
  if (!feed->checkpoint.is_set()) {
    throw Error(ErrorKind::transient, "FEED_NEWBORN",
                "changefeed " + changefeed().value() + " has not had its first tick");
  }
  if (!ctx.fact("paused", scope())) {
    ctx.set_fact({"paused", scope(), FactLife::durable, changefeed().value()});
    ctx.checkpoint();
  }
  ports_.world.ticdc(link().from).pause(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
}

void PauseLink::compensate(StepContext& ctx) {
  if (!ctx.fact("paused", scope())) return;
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed || !is_at_rest(*feed)) return;
  ports_.world.ticdc(link().from).resume(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
}

Verdict ResumeLink::precondition(StepContext& ctx) {
  return look_at_feed(ctx.call()) ? holds() : no_feed(link(), changefeed());
}

Verdict ResumeLink::verify(StepContext& ctx) {
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed) return no_feed(link(), changefeed());
  const auto before = ctx.fact("resumed_at", scope());
  if (before && feed->state == "failed") {
    return refused("LINK_HALTED",
                   "changefeed " + changefeed().value() + " failed again" +
                       (feed->error ? ": " + feed->error->code + " " + feed->error->message : ""),
                   "bdrmesh link explain " + get_or<std::string>(args_, "group", "") + " " +
                       link().from.value() + " " + link().to.value());
  }
  if (is_at_rest(*feed)) return not_yet("changefeed " + changefeed().value() + " to run");
  if (!before || feed->checkpoint > tso_of(*before, "tso")) return holds();
  return not_yet("the checkpoint of " + changefeed().value() + " to move" +
                 (feed->error ? "; " + feed->error->code : ""));
}

void ResumeLink::execute(StepContext& ctx) {
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed || !is_at_rest(*feed)) return;
  if (!ctx.fact("resumed_at", scope())) {
    ctx.set_fact({"resumed_at", scope(), FactLife::durable, tso_fact("tso", feed->checkpoint)});
    ctx.checkpoint();
  }
  ports_.world.ticdc(link().from).resume(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
}

void ResumeLink::compensate(StepContext& ctx) {
  if (!ctx.fact("resumed_at", scope())) return;
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (!feed || is_at_rest(*feed) || !feed->checkpoint.is_set()) return;
  ports_.world.ticdc(link().from).pause(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
}

Verdict RemoveLink::verify(StepContext& ctx) {
  const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
  if (feed) {
    if (!is_at_rest(*feed)) {
      return refused("LINK_RUNS",
                     "changefeed " + changefeed().value() + " runs again: somebody resumed it",
                     "pause it, then bdrmesh op resume");
    }
    return not_yet("changefeed " + changefeed().value() + " to leave the list");
  }
  for (LinkIncarnation one :
       ports_.links.incarnations(GroupName(get_required<std::string>(args_, "group")))) {
    if (one.changefeed != changefeed() || one.removed) continue;
    one.removed = true;
    ports_.links.put(one);
  }
  return holds();
}

void RemoveLink::execute(StepContext& ctx) {
  ports_.world.ticdc(link().from).remove(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
  if (!look_now(ports_, link(), changefeed(), ctx.call()))
    ctx.cross_line("changefeed " + changefeed().value() + " is deleted");
}

Crossing RemoveLink::crossed(StepContext& ctx) {
  return look_now(ports_, link(), changefeed(), ctx.call()) ? Crossing::no : Crossing::yes;
}

Verdict AdoptLink::precondition(StepContext& ctx) {
  const auto feed = look_at_feed(ctx.call());
  if (!feed) return no_feed(link(), changefeed());
  if (!feed->checkpoint.is_set()) return not_yet("the first tick of " + changefeed().value());
  const auto detail = ports_.world.ticdc(link().from).find(changefeed(), ctx.call());
  if (!detail) return no_feed(link(), changefeed());
  const auto differences =
      link_differences(ports_.desired, ports_.desired.group(group()), link(), *detail,
                       ports_.world.pd(link().from).cluster_id(ctx.call()));
  if (differences.empty()) return holds();
  const FeedDifference& first = differences.front();
  return refused("FEED_DIFFERS",
                 "changefeed " + changefeed().value() + " is not what bdrmesh would have made: " +
                     first.property + " is " + first.seen + ", wanted " + first.wanted,
                 "bdrmesh group plan " + group().value());
}

Verdict AdoptLink::verify(StepContext&) {
  for (const LinkIncarnation& one : ports_.links.incarnations(group())) {
    if (one.changefeed == changefeed() && !one.removed) return holds();
  }
  return not_yet("the book to know " + changefeed().value());
}

void AdoptLink::execute(StepContext& ctx) {
  const auto detail = ports_.world.ticdc(link().from).find(changefeed(), ctx.call());
  if (!detail)
    throw Error(ErrorKind::transient, "FEED_NOT_FOUND",
                "changefeed " + changefeed().value() + " could not be read");
  ports_.links.put({group(), link(), get_required<int>(args_, "incarnation"), changefeed(),
                    detail->start_ts, detail->start_ts, std::nullopt, false});
}

}  // namespace bdrmesh::flows
