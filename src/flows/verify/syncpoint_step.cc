#include "flows/verify/syncpoint_step.h"

#include <algorithm>

namespace bdrmesh::flows {
namespace {

/// The least GC life time that TiDB takes is ten minutes (measured §1 A24), and the hold that the
/// plan took before this keeps what is younger.
constexpr Millis kSurelyThere{8 * 60 * 1000};

/// TiCDC's new architecture writes `<keyspace>/<id>` (ticdc-api §6.3).
bool is_of(const Syncpoint& one, const ChangefeedId& id) {
  const std::string& name = id.value();
  return one.changefeed == name || one.changefeed.ends_with("/" + name);
}

}  // namespace

Verdict TakeSyncpoint::verify(StepContext& ctx) {
  if (ctx.fact("snapshot", link().from.value()) && ctx.fact("snapshot", link().to.value()))
    return holds();
  const auto all = ports_.world.read_point(link().to).newest_syncpoints(ctx.call());
  const auto found =
      std::ranges::find_if(all, [&](const Syncpoint& one) { return is_of(one, changefeed()); });
  if (found == all.end())
    return not_before(ctx, "changefeed " + changefeed().value() + " to write its first syncpoint");
  const Tso now = ports_.world.tidb(link().from).current_tso(ctx.call());
  const Millis age = lag_between(found->primary, now);
  if (age > kSurelyThere) {
    return not_before(ctx, "the next syncpoint of changefeed " + changefeed().value() +
                               "; the newest is " + std::to_string(age.count() / 1000) + " s old");
  }
  ctx.set_fact(
      {"snapshot", link().from.value(), FactLife::durable, tso_fact("tso", found->primary)});
  ctx.set_fact(
      {"snapshot", link().to.value(), FactLife::durable, tso_fact("tso", found->secondary)});
  return holds();
}

Verdict TakeSyncpoint::not_before(StepContext& ctx, const std::string& waiting) const {
  const auto since = ctx.fact("syncpoint_wait", scope());
  const std::int64_t waited =
      since ? to_millis(ctx.now()) - get_required<std::int64_t>(*since, "since_ms") : 0;
  if (waited < get_required<std::int64_t>(args_, "patience_ms")) return not_yet(waiting);
  return refused("NO_SYNCPOINT", "waited " + std::to_string(waited / 1000) + " s for " + waiting,
                 "bdrmesh link explain " + get_required<std::string>(args_, "group") + " " +
                     link().from.value() + " " + link().to.value());
}

void TakeSyncpoint::execute(StepContext& ctx) {
  if (ctx.fact("syncpoint_wait", scope())) return;
  ctx.set_fact(
      {"syncpoint_wait", scope(), FactLife::durable, Json{{"since_ms", to_millis(ctx.now())}}});
  ctx.checkpoint();
}

}  // namespace bdrmesh::flows
