#include "doctor/checks.h"
#include "mesh/judge/findings.h"

namespace bdrmesh::doctor {
namespace {

ClusterSight look(const CheckContext& ctx, const ClusterName& name) {
  ClusterSight sight;
  sight.name = name;
  TicdcClient& ticdc = ctx.world.ticdc(name);
  for (FeedSummary& feed : ticdc.list(ctx.call)) {
    FeedSight one{feed, std::nullopt};
    // A question about a newborn feed can kill its TiCDC (measured §2 A1).
    if (feed.checkpoint.is_set()) one.detail = ticdc.find(feed.id, ctx.call);
    sight.feeds.push_back(std::move(one));
  }
  sight.feeds_known = true;
  return sight;
}

}  // namespace

std::vector<Finding> Feeds::run(CheckContext& ctx) const {
  Findings findings;
  std::vector<ClusterSight> seen;
  for (const ClusterName& name : ctx.members_in(ctx.with_ticdc))
    ctx.asked(findings, name, "feeds of TiCDC", [&] { seen.push_back(look(ctx, name)); });
  for (const MeshFinding& one : mesh_findings(ctx.desired, ctx.group, seen, {})) {
    // What our own state knows is not the doctor's business.
    if (one.code == "FEED_NOT_IN_BOOK") continue;
    const std::string text = one.object + ": " + one.text;
    if (one.code == "FEED_OF_ANOTHER_CLUSTER") {
      findings.error(one.code, ClusterName(), text, one.remedy);
    } else if (one.severity == "info") {
      findings.ok(one.code, ClusterName(), text);
    } else {
      // `group apply` and `link repair` put it right, or it is not ours to touch.
      findings.warn(one.code, ClusterName(), text, one.remedy);
    }
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
