#include "flows/link/link_steps.h"

#include <algorithm>

#include "flows/link/feed_look.h"
#include "mesh/feed_config.h"

namespace bdrmesh::flows {

Verdict CheckTables::verify(StepContext& ctx) {
  const GroupSpec& group =
      ports_.desired.group(GroupName(get_required<std::string>(args_, "group")));
  const Tso now = ports_.world.tidb(link().from).current_tso(ctx.call());
  const EligibleTables tables =
      ports_.world.ticdc(link().from)
          .verify_table(now, ports_.world.sink_uri(link()),
                        wanted_replica_config(group, changefeed()), ctx.call());
  if (tables.ineligible.empty()) return holds();
  return refused("TABLE_INELIGIBLE",
                 "TiCDC of " + link().from.value() + " cannot carry " +
                     to_string(tables.ineligible.front()) +
                     (tables.ineligible.size() > 1
                          ? " and " + std::to_string(tables.ineligible.size() - 1) + " more"
                          : "") +
                     ": no primary key and no NOT NULL unique key",
                 "give the table a key, or take it out of the group's tables");
}

const GroupSpec& CreateLink::group() const {
  return ports_.desired.group(GroupName(get_required<std::string>(args_, "group")));
}

Verdict CreateLink::precondition(StepContext& ctx) {
  const std::string gone = get_or<std::string>(args_, "in_place_of", "");
  if (gone.empty()) return holds();
  const auto feed = look_now(ports_, link(), ChangefeedId(gone), ctx.call());
  if (feed) {
    return refused("FEED_IS_THERE",
                   "changefeed " + gone + " is on the list: its TiCDC had only changed its owner",
                   "bdrmesh link show " + group().name.value() + " " + link().from.value() + " " +
                       link().to.value());
  }
  if (missing_for_long(feed)) return holds();
  return not_yet("changefeed " + gone + " to stay away from its TiCDC's list for 3 s");
}

Verdict CreateLink::verify(StepContext& ctx) {
  // On a newborn feed only the list is safe: other calls can kill the whole TiCDC (measured §2 A1).
  const auto sheet = ports_.feeds.look(link().from, ports_.clock.mono(), ctx.call());
  const auto feed = sheet->find(changefeed());
  if (!feed) return not_yet("changefeed " + changefeed().value() + " to appear");
  if (feed->state == "failed" || feed->state == "stopped") {
    return refused("LINK_HALTED", "changefeed " + changefeed().value() + " is " + feed->state,
                   "bdrmesh link list");
  }
  if (!feed->checkpoint.is_set())
    return not_yet("the first tick of changefeed " + changefeed().value());
  const auto detail = ports_.world.ticdc(link().from).find(changefeed(), ctx.call());
  if (!detail) return not_yet("the details of changefeed " + changefeed().value());
  // At our very position nobody else begins: made by an earlier run that this state forgot.
  if (!ctx.fact("creating", scope()) && detail->start_ts != start_position(ctx))
    return taken_by_other();
  return compare_with_wanted(*detail, ctx.call());
}

bool CreateLink::begins_at(Tso start, const Call& call) const {
  const auto feed = ports_.feeds.look(link().from, ports_.clock.mono(), call)->find(changefeed());
  // A question about a newborn feed can kill its TiCDC (measured §2 A1).
  if (!feed || !feed->checkpoint.is_set()) return false;
  const auto detail = ports_.world.ticdc(link().from).find(changefeed(), call);
  return detail && detail->start_ts == start;
}

Verdict CreateLink::taken_by_other() const {
  return refused("FEED_EXISTS",
                 "TiCDC of " + link().from.value() + " has a changefeed " + changefeed().value() +
                     " that this operation did not make",
                 "find out who made it; bdrmesh link list shows what it does");
}

Verdict CreateLink::compare_with_wanted(const FeedDetail& detail, const Call& call) const {
  const SinkSpec& sink = ports_.desired.cluster(link().to).sink;
  auto differences =
      feed_differences(wanted_replica_config(group(), changefeed()), sink.user_for(link().from),
                       sink.address, ports_.world.pd(link().from).cluster_id(call), detail);
  std::ranges::move(feed_additions(sink.params, detail), std::back_inserter(differences));
  if (differences.empty()) return holds();
  const FeedDifference& first = differences.front();
  return refused("FEED_DIFFERS",
                 "changefeed " + changefeed().value() + " has " + first.property + " = " +
                     first.seen + ", wanted " + first.wanted,
                 "bdrmesh group plan " + group().name.value());
}

Tso CreateLink::start_position(const StepContext& ctx) const {
  const std::string given = get_or<std::string>(args_, "start_tso", "");
  const std::string fact = get_or<std::string>(args_, "start_fact", "start");
  const std::string where = get_or<std::string>(args_, "start_scope", link().from.value());
  const Tso start =
      given.empty() ? tso_of(require_fact(ctx, fact, where), "tso") : parse_tso(given);
  if (start.is_set()) return start;
  // To TiCDC it would mean: now, whatever was written before (ticdc-api §1.5.1).
  throw Error(
      ErrorKind::precondition, "START_UNKNOWN",
      "nothing says where changefeed " + changefeed().value() + " has to begin: the position is 0",
      "bdrmesh link repair " + group().name.value() + " " + link().from.value() + " " +
          link().to.value());
}

void CreateLink::execute(StepContext& ctx) {
  const Tso start = start_position(ctx);
  const bool tried_before = ctx.fact("creating", scope()).has_value();
  if (!tried_before) {
    ctx.set_fact({"creating", scope(), FactLife::durable, changefeed().value()});
    ctx.checkpoint();
  }
  // Begun after rows were lost, nothing before its start is proven, nor is the gap.
  const Tso proven = get_or(args_, "unproven", false) ? Tso() : start;
  LinkIncarnation incarnation{group().name, link(), get_required<int>(args_, "incarnation"),
                              changefeed(), start,  proven,
                              std::nullopt, false};
  ports_.links.put(incarnation);
  // A stopped feed has delivered everything up to its checkpoint (ticdc-api §5.1).
  const ChangefeedId before(get_or<std::string>(args_, "carries_on", ""));
  if (!before.empty()) ports_.links.proven(group().name, link(), before, start, ctx.now());
  try {
    ports_.world.ticdc(link().from)
        .create({changefeed(), start, ports_.world.sink_uri(link()),
                 wanted_replica_config(group(), changefeed())},
                ctx.call());
  } catch (const Error& e) {
    if (e.code() != "FEED_EXISTS") throw;
    // Ours from an attempt whose answer was lost; `verify` compares it with what is wanted.
    if (tried_before || begins_at(start, ctx.call())) return;
    // Somebody else's, made since we looked: not ours to remove.
    ctx.set_fact({"not_ours", scope(), FactLife::durable, changefeed().value()});
    ctx.checkpoint();
    incarnation.removed = true;
    ports_.links.put(incarnation);
    throw;
  }
}

void CreateLink::compensate(StepContext& ctx) {
  if (!ctx.fact("creating", scope()) || ctx.fact("not_ours", scope())) return;
  TicdcClient& ticdc = ports_.world.ticdc(link().from);
  ticdc.remove(changefeed(), ctx.call());
  // A DELETE close to the create is lost with a 200, and a create whose answer was lost may arrive
  // late (measured §2 A2, A3): only the list tells, a second later.
  static constexpr Millis kSettling{1000};
  ports_.clock.wait_for(kSettling, ctx.call().stop);
  if (ports_.feeds.look(link().from, ports_.clock.mono(), ctx.call())->find(changefeed())) {
    throw Error(ErrorKind::transient, "FEED_STILL_LISTED",
                "changefeed " + changefeed().value() + " is still listed after its removal");
  }
  for (LinkIncarnation one : ports_.links.incarnations(group().name)) {
    if (one.changefeed != changefeed()) continue;
    one.removed = true;
    ports_.links.put(one);
  }
}

}  // namespace bdrmesh::flows
