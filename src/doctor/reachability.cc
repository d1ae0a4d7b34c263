#include <algorithm>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

constexpr Millis kServerPatience{3000};

/// Every tidb-server must answer by itself: one that hangs would commit past a fence (measured §2
/// A20).
void ask_tidb(CheckContext& ctx, const ClusterName& name, Findings& findings) {
  TidbCluster& tidb = ctx.world.tidb(name);
  std::vector<TidbServerInfo> servers;
  if (!ctx.asked(findings, name, "the list of tidb-servers of " + name.value() + " cannot be read",
                 [&] { servers = tidb.servers(ctx.call); })) {
    return;
  }
  std::size_t answered = 0;
  for (const TidbServerInfo& server : servers) {
    const Call call = ctx.call.within(ctx.clock.mono(), kServerPatience);
    const bool here =
        ctx.asked(findings, name, "tidb-server " + server.address.value() + " of " + name.value(),
                  [&] { tidb.super_read_only(server.address, call); });
    if (here) ++answered;
    if (here && server.status_address.empty()) {
      findings.warn("TIDB_NOT_IN_CLUSTER_INFO", name,
                    server.address.value() + " answers, but cluster_info of " + name.value() +
                        " does not list it",
                    "check `tidb` of [[cluster]] " + name.value() +
                        ": does this address belong to another cluster?");
    }
  }
  if (answered == servers.size() && answered > 0) {
    findings.ok("TIDB_REACHABLE", name,
                std::to_string(answered) + " of " + std::to_string(servers.size()) +
                    " tidb-servers answer");
  }
  if (answered > 0) ctx.with_tidb.insert(name);
}

void ask_pd(CheckContext& ctx, const ClusterName& name, Findings& findings) {
  const bool here = ctx.asked(findings, name, "PD of " + name.value(),
                              [&] { ctx.world.pd(name).cluster_id(ctx.call); });
  if (!here) return;
  findings.ok("PD_REACHABLE", name, "PD answers");
  ctx.with_pd.insert(name);
}

/// It says otherwise for a moment at every change of its owner (measured §2 B).
bool becomes_healthy(const CheckContext& ctx, const ClusterName& name) {
  static constexpr Millis kPasses{10000};
  static constexpr Millis kBetween{500};
  const MonoTime begun = ctx.clock.mono();
  // The other checks need time too.
  const MonoTime until = std::min(begun + kPasses, begun + (ctx.call.deadline - begun) / 4);
  for (;;) {
    if (ctx.world.ticdc(name).healthy(ctx.call)) return true;
    if (ctx.clock.mono() >= until || !ctx.clock.wait_for(kBetween, ctx.call.stop)) return false;
  }
}

void ask_ticdc(CheckContext& ctx, const ClusterName& name, Findings& findings) {
  bool healthy = false;
  const bool here = ctx.asked(findings, name, "TiCDC of " + name.value(), [&] {
    ctx.world.ticdc(name).server(ctx.call);
    healthy = becomes_healthy(ctx, name);
  });
  if (!here) return;
  ctx.with_ticdc.insert(name);
  if (healthy) {
    findings.ok("TICDC_REACHABLE", name, "TiCDC answers and calls itself healthy");
  } else {
    findings.warn("TICDC_UNHEALTHY", name,
                  "TiCDC of " + name.value() + " answers, and says that it is not healthy",
                  "look into the logs of its owner; it may have lost PD");
  }
}

}  // namespace

std::vector<Finding> Reachability::run(CheckContext& ctx) const {
  Findings findings;
  for (const ClusterName& name : ctx.group.members) {
    ask_tidb(ctx, name, findings);
    ask_pd(ctx, name, findings);
    ask_ticdc(ctx, name, findings);
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
