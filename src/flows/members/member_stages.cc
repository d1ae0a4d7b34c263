#include "flows/members/member_stages.h"

#include "flows/step_args.h"

namespace bdrmesh::flows {

std::vector<LinkSnapshot> links_of(const GroupSnapshot& snapshot, const ClusterName& member) {
  std::vector<LinkSnapshot> touched;
  for (const LinkSnapshot& link : snapshot.links) {
    if (link.link.from == member || link.link.to == member) touched.push_back(link);
  }
  return touched;
}

PlannedStep feed_step(const std::string& type, const GroupSnapshot& snapshot,
                      const LinkSnapshot& link, const Json& more) {
  Json args{{"group", snapshot.group.name.value()}, {"changefeed", link.changefeed.value()}};
  args.update(more);
  return on_link(type, link.link, std::move(args));
}

Json links_as_json(const std::vector<LinkSnapshot>& links) {
  Json all = Json::array();
  for (const LinkSnapshot& link : links) {
    all.push_back({{"from", link.link.from.value()},
                   {"to", link.link.to.value()},
                   {"changefeed", link.changefeed.value()}});
  }
  return all;
}

void healthy_outgoing(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& member,
                      Millis max_lag) {
  plan.stage("healthy links");
  for (const LinkSnapshot& link : snapshot.outgoing(member))
    plan.step(feed_step("require_healthy_link", snapshot, link, {{"max_lag_ms", max_lag.count()}}));
}

void close_and_drain(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& member,
                     const DrainOptions& options) {
  if (options.standing) {
    PlannedStep take = on_cluster("take_over_gate", member, {{"role", *options.standing}});
    take.guards_resume = true;
    plan.stage("close gates").step(std::move(take));
  } else {
    close_gates(plan, {member});
  }
  plan.stage("drain transactions")
      .step(on_cluster("drain_transactions", member, {{"kill", options.kill}}));
  // Beside what a restart takes anew, so that the feeds run when the drain is proven again.
  plan.stage("fence and mark").step(on_cluster("take_fence", member));
  plan.step(on_cluster("write_marker", member));
  for (const LinkSnapshot& link : snapshot.outgoing(member))
    plan.step(feed_step("carry_on_link", snapshot, link));
  plan.stage("drain links");
  for (const LinkSnapshot& link : snapshot.outgoing(member))
    plan.step(feed_step("drain_link", snapshot, link));
}

void keep_closed(PlanBuilder& plan, const ClusterName& member, const std::string& role) {
  PlannedStep keep = on_cluster("keep_gate_closed", member, {{"role", role}});
  // Like opening, it ends the pause: from then on the gate is not this operation's any more.
  keep.lane = LaneKind::gate;
  plan.stage("gate stays closed").step(std::move(keep));
}

}  // namespace bdrmesh::flows
