#include "flows/link/link_steps.h"

#include <algorithm>

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
  return compare_with_wanted(*detail, ctx.call());
}

Verdict CreateLink::compare_with_wanted(const FeedDetail& detail, const Call& call) const {
  const SinkSpec& sink = ports_.desired.cluster(link().to).sink;
  const auto differences =
      feed_differences(wanted_replica_config(group(), changefeed()), sink.user_for(link().from),
                       sink.address, ports_.world.pd(link().from).cluster_id(call), detail);
  if (differences.empty()) return holds();
  const FeedDifference& first = differences.front();
  return refused("FEED_DIFFERS",
                 "changefeed " + changefeed().value() + " has " + first.property + " = " +
                     first.seen + ", wanted " + first.wanted,
                 "bdrmesh group plan " + group().name.value());
}

Tso CreateLink::start_position(const StepContext& ctx) const {
  const std::string given = get_or<std::string>(args_, "start_tso", "");
  if (!given.empty()) return parse_tso(given);
  const std::string fact = get_or<std::string>(args_, "start_fact", "start");
  const std::string where = get_or<std::string>(args_, "start_scope", link().from.value());
  return tso_of(require_fact(ctx, fact, where), "tso");
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
    // Ours from an attempt whose answer was lost; `verify` compares it with what is wanted.
    if (e.code() != "FEED_EXISTS" || !tried_before) throw;
  }
}

void CreateLink::compensate(StepContext& ctx) {
  if (!ctx.fact("creating", scope())) return;
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
