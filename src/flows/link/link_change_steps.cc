#include "flows/link/link_change_steps.h"

#include <algorithm>
#include <utility>

#include "flows/gate/gate_steps.h"
#include "mesh/judge/findings.h"

namespace bdrmesh::flows {
namespace {

Verdict no_feed(const Link& link, const ChangefeedId& id) {
  return refused("LINK_MISSING",
                 "TiCDC of " + link.from.value() + " has no changefeed " + id.value(),
                 "bdrmesh group plan");
}

/// Refusals do not pass by themselves: the target refuses the sink, or the feed is gone.
bool may_pass(const Error& e) {
  return e.kind() == ErrorKind::transient || e.kind() == ErrorKind::ambiguous ||
         e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug;
}

std::string words_of(const Json& args, const Link& link) {
  const std::string group = get_or<std::string>(args, "group", "");
  return (group.empty() ? "" : group + " ") + link.from.value() + " " + link.to.value();
}

}  // namespace

Verdict PauseLink::precondition(StepContext& ctx) {
  return sight_.look(ports_, link(), changefeed(), ctx.call()) ? holds()
                                                               : no_feed(link(), changefeed());
}

Verdict PauseLink::sink_is_quiet(const Call& call) const {
  TidbCluster& target = ports_.world.tidb(link().to);
  const std::string user = ports_.desired.cluster(link().to).sink.user_for(link().from);
  // On the slow lane no other limit holds: a server that hangs must not hold us for ever.
  static constexpr Millis kPatience{30000};
  const Call bounded = call.within(ports_.clock.mono(), kPatience);
  const std::vector<TidbServerInfo> servers = target.servers(bounded);
  const TransactionLook look = target.look_at_transactions(servers, bounded);
  if (const std::string lack = in_the_way(look, servers, {}, {}).incomplete; !lack.empty())
    return not_yet("a whole look at the transactions of " + link().to.value() + ": " + lack);
  const auto busy = std::ranges::find(look.rows, user, &OpenTransaction::user);
  if (busy == look.rows.end()) return holds();
  return not_yet("sink user " + user + " still has a transaction on " + link().to.value() +
                 " (session " + std::to_string(busy->session_id) + ", " + busy->state + ")");
}

Verdict PauseLink::verify(StepContext& ctx) {
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (!feed) return no_feed(link(), changefeed());
  if (!is_at_rest(*feed))
    return not_yet("changefeed " + changefeed().value() + " to stop; it is " + feed->state);
  if (waits_for_answer(ctx))
    return not_yet("an answer to the order to pause changefeed " + changefeed().value());
  const bool target_gone = get_or(args_, "target_gone", false);
  if (Verdict quiet = target_gone ? holds() : sink_is_quiet(ctx.call());
      quiet.kind != Verdict::Kind::holds)
    return quiet;
  ctx.set_fact({"position", scope(), FactLife::durable, tso_fact("tso", feed->checkpoint)});
  return holds();
}

bool PauseLink::waits_for_answer(const StepContext& ctx) const {
  return ctx.fact("paused", scope()) && !ctx.fact("pause_answered", scope());
}

void PauseLink::execute(StepContext& ctx) {
  // A question about a newborn feed can kill its TiCDC (measured §2 A1): this look waits for its
  // first tick.
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (!feed || (is_at_rest(*feed) && !waits_for_answer(ctx))) return;
  if (!ctx.fact("paused", scope())) {
    ctx.set_fact({"paused", scope(), FactLife::durable, changefeed().value()});
    ctx.checkpoint();
  }
  ports_.world.ticdc(link().from).pause(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
  ctx.set_fact({"pause_answered", scope(), FactLife::durable, to_rfc3339(ctx.now())});
  const bool stopped = comes_true(ports_, link(), changefeed(), kEffectPatience, ctx.call(),
                                  [](const auto& seen) { return seen && is_at_rest(*seen); });
  if (!stopped) was_ignored("pause", changefeed());
}

void PauseLink::compensate(StepContext& ctx) {
  if (!ctx.fact("paused", scope())) return;
  // A classic TiCDC queues a pause: it may take effect after a first look (measured §2 D).
  static constexpr Millis kQueued{1000};
  std::optional<FeedSummary> feed;
  const auto rests = [&](const std::optional<FeedSummary>& seen) {
    feed = seen;
    return seen && is_at_rest(*seen);
  };
  if (!comes_true(ports_, link(), changefeed(), kQueued, ctx.call(), rests)) {
    if (feed) return;
    if (!comes_true(ports_, link(), changefeed(), SettledLook::kGone - kQueued, ctx.call(),
                    rests)) {
      if (!feed) leave_paused(ctx, "it is not on the list of its TiCDC any more");
      return;
    }
  }
  try {
    run_again(ctx);
  } catch (const Error& e) {
    if (e.code() == "FEED_UPDATE_REFUSED") return;  // it runs already
    // Said of a feed that lives only while TiCDC changes its owner (measured §2 A12).
    static constexpr int kPasses = 3;
    const bool gone = e.code() == "FEED_NOT_FOUND" && ++not_found_ > kPasses;
    if (may_pass(e) && !gone) throw;
    // Gates that this operation closed are opened after this: they do not wait for a link.
    leave_paused(ctx, e.code() + ": " + e.message());
  }
}

void PauseLink::run_again(StepContext& ctx) {
  static constexpr int kTries = 3;
  for (int tried = 0; tried < kTries; ++tried) {
    ports_.world.ticdc(link().from).resume(changefeed(), ctx.call());
    ports_.feeds.forget(link().from);
    if (comes_true(ports_, link(), changefeed(), kEffectPatience, ctx.call(),
                   [](const auto& seen) { return seen && !is_at_rest(*seen); }))
      return;
  }
  leave_paused(ctx, "TiCDC takes the order to resume it, and nothing comes of it");
}

void PauseLink::leave_paused(StepContext& ctx, const std::string& why) {
  ctx.event("alarm", "link " + to_string(link()) + " stays paused, " + "changefeed " +
                         changefeed().value() + " could not be resumed: " + why +
                         "; mend that, then: bdrmesh link repair " + words_of(args_, link()));
}

Verdict ResumeLink::precondition(StepContext& ctx) {
  return sight_.look(ports_, link(), changefeed(), ctx.call()) ? holds()
                                                               : no_feed(link(), changefeed());
}

Verdict ResumeLink::verify(StepContext& ctx) {
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (!feed) return no_feed(link(), changefeed());
  const auto before = ctx.fact("resumed_at", scope());
  if (before && failed_again(*feed)) {
    return refused("LINK_HALTED",
                   "changefeed " + changefeed().value() + " failed again" +
                       (feed->error ? ": " + feed->error->code + " " + feed->error->message : ""),
                   "bdrmesh link explain " + words_of(args_, link()));
  }
  if (is_at_rest(*feed)) return not_yet("changefeed " + changefeed().value() + " to run");
  if (!before || feed->checkpoint > tso_of(*before, "tso")) return holds();
  return not_yet("the checkpoint of " + changefeed().value() + " to move" +
                 (feed->error ? "; " + feed->error->code : ""));
}

/// For a moment after the order the list still shows the old failure (measured §2 D).
bool ResumeLink::failed_again(const FeedSummary& feed) {
  static constexpr Millis kOldNews{2000};
  if (feed.state != "failed") {
    failed_since_.reset();
    return false;
  }
  if (!failed_since_) failed_since_ = ports_.clock.mono();
  return ports_.clock.mono() - *failed_since_ >= kOldNews;
}

void ResumeLink::execute(StepContext& ctx) {
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (!feed || !is_at_rest(*feed)) return;
  if (!ctx.fact("resumed_at", scope())) {
    ctx.set_fact({"resumed_at", scope(), FactLife::durable, tso_fact("tso", feed->checkpoint)});
    ctx.checkpoint();
  }
  order_to_run(ctx);
  ports_.feeds.forget(link().from);
  std::string state;
  const bool runs = comes_true(ports_, link(), changefeed(), kEffectPatience, ctx.call(),
                               [&](const std::optional<FeedSummary>& seen) {
                                 state = seen ? seen->state : "";
                                 return seen && !is_at_rest(*seen);
                               });
  // One that fails all the time has been told to run.
  const bool told_once = std::exchange(told_before_, true);
  if (!runs && (state != "failed" || !told_once)) was_ignored("resume", changefeed());
}

void ResumeLink::order_to_run(StepContext& ctx) {
  TicdcClient& ticdc = ports_.world.ticdc(link().from);
  try {
    ticdc.resume(changefeed(), ctx.call());
  } catch (const Error& e) {
    if (may_pass(e)) throw;
    if (e.code() == "FEED_UPDATE_REFUSED") return;  // somebody else has resumed it
    // v8.5.4 may answer with the old error of the feed, and call it normal without running it
    // (ticdc-api §1.5.7).
    const auto feed = look_now(ports_, link(), changefeed(), ctx.call());
    if (!feed || is_at_rest(*feed)) throw;
    ctx.event("warning", "TiCDC answered " + e.code() + " to the resumption of changefeed " +
                             changefeed().value() + " and calls it " + feed->state +
                             ": it is paused and resumed once more");
    ticdc.pause(changefeed(), ctx.call());
    ticdc.resume(changefeed(), ctx.call());
  }
}

void ResumeLink::compensate(StepContext& ctx) {
  if (!ctx.fact("resumed_at", scope())) return;
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (!feed || is_at_rest(*feed)) return;
  ports_.world.ticdc(link().from).pause(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
}

Verdict RemoveLink::verify(StepContext& ctx) {
  const auto feed = sight_.look(ports_, link(), changefeed(), ctx.call());
  if (feed) {
    if (!is_at_rest(*feed)) {
      return refused("LINK_RUNS",
                     "changefeed " + changefeed().value() + " runs again: somebody resumed it",
                     "pause it, then bdrmesh op resume");
    }
    return not_yet("changefeed " + changefeed().value() + " to leave the list");
  }
  const std::vector<LinkIncarnation> book =
      ports_.links.incarnations(GroupName(get_required<std::string>(args_, "group")));
  const auto mine = std::ranges::find(book, changefeed(), &LinkIncarnation::changefeed);
  // Those before it too: what had disappeared and was made anew is no reason to miss it still.
  for (LinkIncarnation one : book) {
    if (mine == book.end() || one.link != link() || one.number > mine->number || one.removed)
      continue;
    one.removed = true;
    ports_.links.put(one);
  }
  return holds();
}

void RemoveLink::execute(StepContext& ctx) {
  ports_.world.ticdc(link().from).remove(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
  const bool gone = comes_true(ports_, link(), changefeed(), kEffectPatience, ctx.call(),
                               [](const auto& seen) { return !seen; });
  if (!gone) was_ignored("delete", changefeed());
  ctx.cross_line("changefeed " + changefeed().value() + " is deleted");
}

Crossing RemoveLink::crossed(StepContext& ctx) {
  return sight_.look(ports_, link(), changefeed(), ctx.call()) ? Crossing::no : Crossing::yes;
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
