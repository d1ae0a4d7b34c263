#include "flows/gate/left_transactions.h"

#include <algorithm>

#include "flows/gate/gate_steps.h"

namespace bdrmesh::flows {
namespace {

constexpr std::size_t kNamed = 20;
/// A frozen tidb-server must not hold up what comes after the opening.
constexpr Millis kPatience{4000};

/// Since when the operation keeps writers out of the cluster.
std::optional<WallTime> closed_since(const StepContext& ctx, const ClusterName& cluster) {
  const std::optional<Json> set = ctx.fact("gate_set", cluster.value());
  if (!set) return std::nullopt;
  return from_millis(get_required<std::int64_t>(*set, "at_ms"));
}

void tell(StepContext& ctx, const ClusterName& cluster, const OpenTransaction& row, bool killed) {
  const auto age = (to_millis(ctx.now()) - to_millis(row.start_ts.time())) / 1000;
  const std::string who = "session " + std::to_string(row.session_id) + " of user '" + row.user +
                          "' on " + row.instance + " of " + cluster.value() +
                          " is inside a transaction that began while writes were refused, " +
                          std::to_string(std::max<std::int64_t>(age, 0)) + " s ago";
  if (killed) {
    ctx.event("warning", "killed: " + who);
    return;
  }
  ctx.event("warning",
            who +
                ": its COMMIT was refused, what it writes now is not committed and is locked "
                "until it says COMMIT or ROLLBACK; KILL TIDB " +
                std::to_string(row.session_id) +
                "; on that tidb-server ends it, and the connection pool must ROLLBACK after every "
                "error 1836");
}

Json look_and_tell(const FlowPorts& ports, StepContext& ctx, const ClusterName& cluster,
                   WallTime opened, bool kill) {
  TidbCluster& tidb = ports.world.tidb(cluster);
  const std::optional<WallTime> closed = closed_since(ctx, cluster);
  Json result{{"count", 0}, {"killed", 0}, {"sessions", Json::array()}};
  if (!closed) return result;
  const Call call = ctx.call().within(ports.clock.mono(), kPatience);
  const std::vector<TidbServerInfo> servers = tidb.servers(call);
  const TransactionLook look = tidb.look_at_transactions(servers, call);
  if (!look.warnings.empty()) result["incomplete"] = look.warnings.front();
  const std::vector<OpenTransaction> left =
      begun_in_the_pause(look, exempt_users(ports.desired, cluster), *closed, opened);
  result["count"] = left.size();
  int killed = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto server =
        std::ranges::find(servers, left[i].instance, &TidbServerInfo::status_address);
    const bool ends = kill && server != servers.end();
    if (ends) tidb.kill_session(server->address, left[i].session_id, ctx.call());
    killed += ends ? 1 : 0;
    if (i >= kNamed) continue;
    tell(ctx, cluster, left[i], ends);
    result["sessions"].push_back({{"session", left[i].session_id},
                                  {"user", left[i].user},
                                  {"instance", left[i].instance},
                                  {"since", left[i].started}});
  }
  if (left.size() > kNamed)
    ctx.event("warning", std::to_string(left.size() - kNamed) + " more sessions like these on " +
                             cluster.value());
  result["killed"] = killed;
  return result;
}

}  // namespace

std::vector<OpenTransaction> begun_in_the_pause(const TransactionLook& look,
                                                const std::vector<std::string>& exempt,
                                                WallTime closed, WallTime opened) {
  std::vector<OpenTransaction> left;
  std::ranges::copy_if(look.rows, std::back_inserter(left), [&](const OpenTransaction& row) {
    return std::ranges::find(exempt, row.user) == exempt.end() && row.start_ts.time() >= closed &&
           row.start_ts.time() <= opened;
  });
  return left;
}

Json name_left_transactions(const FlowPorts& ports, StepContext& ctx, const ClusterName& cluster,
                            WallTime opened, bool kill) {
  // Catches, because the gate is open: who is left can be asked later, as the page of gate close
  // says.
  try {
    return look_and_tell(ports, ctx, cluster, opened, kill);
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
    ctx.event("warning", "whether sessions on " + cluster.value() +
                             " were left inside a transaction is not known: " + e.message());
    return {{"unknown", e.code()}};
  }
}

Verdict NameLeftTransactions::verify(StepContext& ctx) {
  if (ctx.fact("left_transactions", scope())) return holds();
  return not_yet("a look for sessions left inside a transaction on " + cluster().value());
}

void NameLeftTransactions::execute(StepContext& ctx) {
  const std::optional<Json> opening = ctx.fact("opening", scope());
  const WallTime opened = opening ? tso_of(*opening, "tso").time() : ctx.now();
  ctx.set_fact(
      {"left_transactions", scope(), FactLife::durable,
       name_left_transactions(ports_, ctx, cluster(), opened, get_or(args_, "kill", false))});
}

}  // namespace bdrmesh::flows
