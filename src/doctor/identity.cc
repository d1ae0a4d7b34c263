#include <map>

#include "doctor/checks.h"

namespace bdrmesh::doctor {
namespace {

/// Two TSOs taken a moment apart differ by the time of two calls; more means another PD or another
/// clock.
constexpr Millis kCallSlack{5000};
constexpr Millis kClockSlack{2000};

Millis apart(WallTime a, WallTime b) { return a < b ? b - a : a - b; }

std::string seconds(Millis time) {
  return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() % 1000 / 100) +
         " s";
}

/// Named as we name the feeds of a group, whichever of its members it starts from: those of another
/// member are what swapped addresses show.
bool is_ours(const CheckContext& ctx, const ChangefeedId& feed) {
  for (const GroupSpec& group : ctx.desired.groups) {
    for (const ClusterName& from : group.members) {
      for (const ClusterName& to : group.members) {
        if (incarnation_of(feed, group.name, {from, to}) > 0) return true;
      }
    }
  }
  return false;
}

/// PD's id is told by PD, by TiDB (mysql.tidb) and by each feed of TiCDC (upstream_id): all must
/// agree.
void compare_ids(const CheckContext& ctx, const ClusterName& name, std::uint64_t pd,
                 Findings& findings) {
  if (ctx.with_tidb.contains(name)) {
    ctx.asked(findings, name, "cluster id of TiDB", [&] {
      const auto told = ctx.world.tidb(name).cluster_id(ctx.call);
      // 1 is what a store without PD says (measured §1 B).
      if (!told || *told == pd || *told == 1) return;
      findings.error("TIDB_OF_ANOTHER_CLUSTER", name,
                     "TiDB of " + name.value() + " belongs to cluster " + std::to_string(*told) +
                         ", its PD to " + std::to_string(pd),
                     "check `tidb` and `pd` of [[cluster]] " + name.value());
    });
  }
  if (!ctx.with_ticdc.contains(name)) return;
  ctx.asked(findings, name, "feeds of TiCDC", [&] {
    for (const FeedSummary& feed : ctx.world.ticdc(name).list(ctx.call)) {
      if (feed.upstream_id == 0 || feed.upstream_id == pd) continue;
      if (!is_ours(ctx, feed.id)) {
        // Made with `pd_addrs` of its own (ticdc-api §1.5.1): nothing of ours depends on it.
        findings.warn("FOREIGN_FEED_READS_ANOTHER", name,
                      "changefeed " + feed.id.value() + " on the TiCDC of " + name.value() +
                          ", which bdrmesh did not make, reads cluster " +
                          std::to_string(feed.upstream_id) + ", not " + name.value(),
                      "nothing, if its owner wants it so; it shares the nodes with our links");
        continue;
      }
      findings.error("TICDC_OF_ANOTHER_CLUSTER", name,
                     "changefeed " + feed.id.value() + " of the TiCDC of " + name.value() +
                         " reads cluster " + std::to_string(feed.upstream_id) + ", PD of " +
                         name.value() + " is " + std::to_string(pd),
                     "check `ticdc` and `pd` of [[cluster]] " + name.value());
    }
  });
}

/// TiCDC takes its TSO from the PD of its own cluster: far from TiDB's, it is another one (found
/// before there is a feed).
void compare_times(const CheckContext& ctx, const ClusterName& name, Findings& findings) {
  ctx.asked(findings, name, "TSO", [&] {
    const Tso tidb = ctx.world.tidb(name).current_tso(ctx.call);
    const WallTime ours = ctx.clock.now();
    if (ctx.with_ticdc.contains(name)) {
      const Tso ticdc = ctx.world.ticdc(name).tso(ctx.call);
      if (const Millis far = apart(tidb.time(), ticdc.time()); far > kCallSlack) {
        findings.error("TICDC_TSO_FAR_OFF", name,
                       "TiCDC of " + name.value() + " tells a TSO " + seconds(far) +
                           " from that of its TiDB: it reads another cluster",
                       "check `ticdc` of [[cluster]] " + name.value());
      }
    }
    if (const Millis far = apart(tidb.time(), ours); far > kClockSlack) {
      findings.warn(
          "CLOCK_OFFSET", name,
          "the clock of PD of " + name.value() + " and ours are " + seconds(far) + " apart",
          "let NTP set both; lags are told from TSOs of the same cluster and stay right");
    }
  });
}

}  // namespace

std::vector<Finding> Identity::run(CheckContext& ctx) const {
  Findings findings;
  std::map<std::uint64_t, ClusterName> seen;
  for (const ClusterName& name : ctx.members_in(ctx.with_pd)) {
    std::uint64_t pd = 0;
    if (!ctx.asked(findings, name, "cluster id of PD",
                   [&] { pd = ctx.world.pd(name).cluster_id(ctx.call); }))
      continue;
    const auto [twin, is_new] = seen.emplace(pd, name);
    if (!is_new) {
      findings.error("SAME_CLUSTER_TWICE", name,
                     name.value() + " and " + twin->second.value() +
                         " have the same PD cluster id " + std::to_string(pd) +
                         ": a feed between them would replicate a cluster into itself",
                     "check the addresses of both [[cluster]] sections");
    }
    compare_ids(ctx, name, pd, findings);
  }
  for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) compare_times(ctx, name, findings);
  if (seen.size() == ctx.group.members.size()) {
    findings.ok("CLUSTERS_DISTINCT", ClusterName(),
                std::to_string(seen.size()) + " distinct clusters");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
