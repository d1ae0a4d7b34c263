#include "flows/members/evict_steps.h"

#include <algorithm>

#include "base/random_id.h"
#include "clients/sink_uri.h"
#include "flows/dr/failover_steps.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

constexpr Millis kPatience{2000};  ///< for a cluster that is taken for dead

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

std::string seconds(std::int64_t ms) {
  return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
}

std::optional<FeedSummary> listed(const FlowPorts& ports, const Link& link, const ChangefeedId& id,
                                  const Call& call) {
  for (FeedSummary& feed : ports.world.ticdc(link.from).list(call)) {
    if (feed.id == id) return std::move(feed);
  }
  return std::nullopt;
}

void take_for_removed(const FlowPorts& ports, const GroupName& group, const ChangefeedId& id) {
  for (LinkIncarnation one : ports.links.incarnations(group)) {
    if (one.changefeed != id || one.removed) continue;
    one.removed = true;
    ports.links.put(one);
  }
}

/// Answers of a cluster that may be dead: what fails is told and left. A lost answer is asked for
/// by doing the same once more.
void try_to(StepContext& ctx, const std::string& what, const std::function<void()>& act) {
  for (int tries = 1;; ++tries) {
    try {
      act();
      return;
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
      if (e.kind() == ErrorKind::ambiguous && tries == 1) continue;
      ctx.event("warning", what + " could not be done: " + e.code() + ", " + e.message());
      return;
    }
  }
}

}  // namespace

Verdict RequireMemberGone::precondition(StepContext& ctx) {
  const ClusterName lost(get_required<std::string>(args_, "cluster"));
  const std::vector<std::string> signs = signs_of_life(ports_, lost, kPatience, ctx.call());
  if (signs.empty()) return holds();
  const std::string because = get_or<std::string>(args_, "because", "");
  if (!because.empty()) {
    ctx.event("alarm", lost.value() + " answers (" + joined(signs) +
                           "), and is evicted all the same because: " + because);
    return holds();
  }
  return refused(
      "MEMBER_ANSWERS", lost.value() + " is not dead: " + joined(signs) + " answered just now",
      args_.contains("remedy")
          ? get_required<std::string>(args_, "remedy")
          : "bdrmesh cluster leave " + lost.value() + " --group " +
                get_or<std::string>(args_, "group", "") +
                " loses nothing; to evict it nevertheless: --although-alive-because \"why\"");
}

Verdict StateMemberLoss::verify(StepContext& ctx) {
  return ctx.facts("loss").empty() ? not_yet("how much may be lost") : holds();
}

void StateMemberLoss::execute(StepContext& ctx) {
  for (const Json& one : get_required<Json>(args_, "links")) {
    const Link link{ClusterName(get_required<std::string>(one, "from")),
                    ClusterName(get_required<std::string>(one, "to"))};
    const ChangefeedId id(get_required<std::string>(one, "changefeed"));
    Tso proven = parse_tso(get_or<std::string>(one, "proven", "0"));
    std::string by = "the last marker or heartbeat that arrived";
    try_to(ctx, "asking the TiCDC of " + link.from.value(), [&] {
      const auto feed = listed(ports_, link, id, ctx.call().within(ports_.clock.mono(), kPatience));
      if (!feed || feed->checkpoint <= proven) return;
      proven = feed->checkpoint;
      by = "the checkpoint of its changefeed";
    });
    Json loss{{"proven", to_string(proven)}, {"by", by}};
    if (proven.is_set()) {
      const std::int64_t gap =
          std::max<std::int64_t>(0, to_millis(ctx.now()) - to_millis(proven.time()));
      loss["proven_time"] = to_rfc3339(proven.time());
      loss["at_most_ms"] = gap;
      loss["text"] = link.to.value() + " has what " + link.from.value() + " committed up to " +
                     to_rfc3339(proven.time()) + " (" + by +
                     "); what it committed later, at most " + seconds(gap) +
                     ", may be missing there";
    } else {
      loss["text"] = "nothing says how much of " + link.from.value() + " " + link.to.value() +
                     " has: this link was never proven";
    }
    ctx.set_fact({"loss", to_string(link), FactLife::durable, loss});
    ctx.event("alarm", loss.at("text").get<std::string>());
  }
}

std::string ApplyMemberRedo::user(const StepContext& ctx) const {
  const std::string& id = ctx.operation();
  return "bdr_redo_" + id.substr(id.size() - std::min<std::size_t>(6, id.size()));
}

Verdict ApplyMemberRedo::precondition(StepContext& ctx) {
  if (ctx.fact("redo", scope()) || ports_.redo == nullptr || !ports_.redo->fault().empty())
    return holds();
  const std::string missing = missing_for_redo_user(tidb().own_grants(ctx.call()));
  if (missing.empty()) return holds();
  const std::string& own = ports_.desired.cluster(cluster()).user;
  return refused("MAY_NOT_GRANT",
                 "our user " + own + " may not make the user that writes the redo log on " +
                     scope() + ": it lacks, or may not hand on, " + missing,
                 "there, as an administrator: " + grants_for_redo_user(own));
}

Verdict ApplyMemberRedo::verify(StepContext& ctx) {
  return ctx.fact("redo", scope()) ? holds() : not_yet("the redo log to be written on " + scope());
}

void ApplyMemberRedo::execute(StepContext& ctx) {
  const std::string storage = get_required<std::string>(args_, "storage");
  const std::string fault =
      ports_.redo == nullptr ? "no cdc program is configured" : ports_.redo->fault();
  if (!fault.empty()) {
    const std::string text = "the redo log " + storage + " was NOT applied on " + scope() + ": " +
                             fault + "; to do it by hand: cdc redo apply --storage " + storage;
    ctx.event("alarm", text);
    ctx.set_fact({"redo", scope(), FactLife::durable, {{"applied", false}, {"text", text}}});
    return;
  }
  if (const auto mark = ctx.fact("redo_child", scope()))
    ports_.redo->end_leftover(mark->get<std::string>());
  UserKeeper& users = ports_.world.users(cluster());
  const Secret password(random_id(32));
  users.make_user(user(ctx), password, redo_grants(), ctx.call());
  const Secret uri = make_sink_uri(ports_.desired.cluster(cluster()).tidb.front().value(),
                                   user(ctx), password, {});
  const std::string said = ports_.redo->apply(
      storage, uri,
      [&](const std::string& mark) {
        ctx.set_fact({"redo_child", scope(), FactLife::durable, mark});
        ctx.checkpoint();
      },
      ctx.call());
  users.drop_user(user(ctx), ctx.call());
  ctx.set_fact({"redo",
                scope(),
                FactLife::durable,
                {{"applied", true}, {"text", "the redo log was applied: " + said}}});
}

void ApplyMemberRedo::compensate(StepContext& ctx) {
  const auto mark = ctx.fact("redo_child", scope());
  if (!mark || ports_.redo == nullptr) return;
  ports_.redo->end_leftover(mark->get<std::string>());
  ports_.world.users(cluster()).drop_user(user(ctx), ctx.call());
}

Verdict AbandonLink::verify(StepContext& ctx) {
  if (sight_.look(ports_, link(), changefeed(), ctx.call()))
    return not_yet("changefeed " + changefeed().value() + " to leave the list");
  take_for_removed(ports_, GroupName(get_required<std::string>(args_, "group")), changefeed());
  return holds();
}

void AbandonLink::execute(StepContext& ctx) {
  TicdcClient& ticdc = ports_.world.ticdc(link().from);
  const auto feed = listed(ports_, link(), changefeed(), ctx.call());
  if (!feed) return;
  // A question about a newborn feed can kill its TiCDC (measured §2 A1).
  if (!feed->checkpoint.is_set()) {
    throw Error(ErrorKind::transient, "FEED_NEWBORN",
                "changefeed " + changefeed().value() + " has not had its first tick");
  }
  // Stopped first: removing one that runs takes away its redo files too (ticdc-api §1.5.5).
  if (feed->state == "normal" || feed->state == "warning" || feed->state == "pending")
    ticdc.pause(changefeed(), ctx.call());
  ticdc.remove(changefeed(), ctx.call());
  ports_.feeds.forget(link().from);
  const bool gone = comes_true(ports_, link(), changefeed(), kEffectPatience, ctx.call(),
                               [](const auto& seen) { return !seen; });
  if (!gone) was_ignored("delete", changefeed());
  if (!harmless()) ctx.cross_line("changefeed " + changefeed().value() + " is deleted");
}

bool AbandonLink::harmless() const { return get_or(args_, "harmless", false); }

Crossing AbandonLink::crossed(StepContext& ctx) {
  if (harmless()) return Crossing::no;
  return sight_.look(ports_, link(), changefeed(), ctx.call()) ? Crossing::no : Crossing::yes;
}

Verdict StopWhatAnswers::verify(StepContext& ctx) {
  return ctx.fact("stopped_what_answers", "") ? holds() : not_yet("one try");
}

void StopWhatAnswers::execute(StepContext& ctx) {
  const ClusterName lost(get_required<std::string>(args_, "cluster"));
  try_to(ctx, "stopping the changefeeds of " + lost.value(), [&] { pause_its_feeds(ctx, lost); });
  try_to(ctx, "closing the gate of " + lost.value(), [&] { close_its_gate(ctx, lost); });
  const GroupName group(get_required<std::string>(args_, "group"));
  for (const LinkIncarnation& one : ports_.links.incarnations(group)) {
    if (one.link.from == lost) take_for_removed(ports_, group, one.changefeed);
  }
  ctx.set_fact({"stopped_what_answers", "", FactLife::durable, lost.value()});
}

void StopWhatAnswers::pause_its_feeds(StepContext& ctx, const ClusterName& lost) {
  const auto limits = [&] { return ctx.call().within(ports_.clock.mono(), kPatience); };
  TicdcClient& ticdc = ports_.world.ticdc(lost);
  const std::vector<FeedSummary> feeds = ticdc.list(limits());
  for (const Json& one : get_required<Json>(args_, "links")) {
    const ChangefeedId id(get_required<std::string>(one, "changefeed"));
    const auto feed = std::ranges::find(feeds, id, &FeedSummary::id);
    if (feed == feeds.end() || !feed->checkpoint.is_set() || feed->state == "stopped") continue;
    ticdc.pause(id, limits());
    ctx.event("info", "paused changefeed " + id.value() + " of " + lost.value());
  }
}

void StopWhatAnswers::close_its_gate(StepContext& ctx, const ClusterName& lost) {
  const Call limits = ctx.call().within(ports_.clock.mono(), kPatience);
  announce_standing(ports_.tokens, lost,
                    former_member_role(get_required<std::string>(args_, "group")), ctx.now(), "",
                    limits);
  ports_.gate.close(lost, limits);
  ctx.event("info", "the gate of " + lost.value() + " was told to close");
}

Verdict ReportEviction::verify(StepContext& ctx) {
  return ctx.fact("eviction", "") ? holds() : not_yet("the report");
}

/// What the certificate of an eviction may claim: that the survivors agree, nothing of the lost
/// one.
Json ReportEviction::proof(const StepContext& ctx) {
  const std::string beyond = "that nothing of what the lost member committed last is missing";
  const auto report = ctx.fact("verification", "");
  const std::string verdict =
      report ? get_or<std::string>(*report, "verdict", "incomplete") : "not compared";
  const bool equal = verdict == "equal";
  Json not_proven = Json::array({beyond});
  if (!equal) not_proven.push_back("that the survivors have the same rows");
  return {{"holds", equal},
          {"verdict", verdict},
          {"statement", equal ? "the survivors have the same rows" : "the member is shut out"},
          {"not_proven", not_proven}};
}

void ReportEviction::execute(StepContext& ctx) {
  const std::string lost = get_required<std::string>(args_, "cluster");
  const std::string group = get_required<std::string>(args_, "group");
  Json loss = Json::array();
  for (const Fact& fact : ctx.facts("loss")) {
    loss.push_back({{"link", fact.scope}, {"text", fact.value.at("text")}});
  }
  Json redo = Json::array();
  for (const Fact& fact : ctx.facts("redo"))
    redo.push_back({{"cluster", fact.scope}, {"text", fact.value.at("text")}});
  const std::string file = get_required<std::string>(args_, "configuration");
  const std::string next = get_required<std::string>(args_, "next");
  ctx.set_fact({"eviction",
                "",
                FactLife::durable,
                {{"evicted", lost},
                 {"group", group},
                 {"loss", loss},
                 {"redo", redo},
                 {"configuration", file},
                 {"next", next}}});
  ctx.set_fact({"proof", "", FactLife::durable, proof(ctx)});
  ctx.event("info", lost +
                        " is evicted: its users are locked on the survivors, and stay so until "
                        "it joins again");
  ctx.event("info", "the configuration still names it: " + file);
  ctx.event("info", "next: " + next);
}

}  // namespace bdrmesh::flows
