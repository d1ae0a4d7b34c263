#include "flows/dr/rebuild_plan.h"

#include "flows/dr/switchover_plan.h"
#include "flows/step_args.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {

RebuildView look_for_rebuild(const FlowPorts& ports, const GroupName& group, const Call& call) {
  RebuildView view;
  view.snapshot = look_at_group(ports, group, call);
  refuse_held_by_others(ports, view.snapshot);
  if (view.snapshot.group.kind != GroupKind::primary_secondary) {
    throw Error(ErrorKind::precondition, "NOT_A_PAIR", "group " + group.value() + " is no pair",
                "bdrmesh cluster join NAME");
  }
  const Link back{view.snapshot.group.members.back(), view.snapshot.group.members.front()};
  const auto sheet = ports.feeds.look(back.from, ports.clock.mono() - Millis{500}, call);
  for (const auto& [id, feed] : sheet->feeds) {
    const int number = incarnation_of(id, group, back);
    if (number == 0) continue;
    LinkSnapshot one;
    one.link = back;
    one.changefeed = id;
    one.incarnation = number;
    one.feed = feed;
    view.dead.push_back(one);
  }
  const std::string user = ports.desired.cluster(back.to).sink.user_for(back.from);
  view.user_locked = ports.world.users(back.to).is_locked(user, call).value_or(false);
  return view;
}

Plan plan_rebuild(const Desired& desired, const RebuildView& view, const std::string& typed) {
  const GroupSpec& group = view.snapshot.group;
  const ClusterName& primary = group.members.front();
  const ClusterName& old = group.members.back();
  if (view.snapshot.links.front().feed) {
    throw Error(ErrorKind::precondition, "NOT_FAILED_OVER",
                "changefeed " + view.snapshot.links.front().changefeed.value() +
                    " carries rows to " + old.value() + ": there is nothing to rebuild",
                "bdrmesh dr status " + group.name.value());
  }
  if (typed != old.value()) {
    throw Error(ErrorKind::precondition, "NOT_CONFIRMED",
                "'" + typed + "' is not the cluster to be rebuilt: that is " + old.value(),
                "type its name: --cluster " + old.value());
  }
  PlanBuilder plan("dr.rebuild",
                   "make " + old.value() + " ready to be the secondary of " + primary.value());
  plan.subject({{"group", group.name.value()},
                {"cluster", old.value()},
                {"reason", "rebuild of " + group.name.value()}});
  plan.lock("group:" + group.name.value());
  for (const ClusterName& name : view.snapshot.names()) plan.lock("cluster:" + name.value());
  plan.stage("claim");
  for (const ClusterName& name : view.snapshot.names()) plan.step(on_cluster("claim_token", name));
  note_primary_on(plan, view.snapshot, old);
  // First of all: whoever still writes there writes what nobody will ever read.
  plan.stage("the old primary stays closed")
      .step(on_cluster("stand_closed", old, {{"role", secondary_role(group.name)}}));
  plan.stage("TTL off").step(on_cluster("set_ttl_jobs", old, {{"on", false}}));
  plan.stage("its sink stays shut out")
      .step(on_cluster(
          "shut_out_user", primary,
          {{"user", desired.cluster(primary).sink.user_for(old)}, {"from", old.value()}}));
  if (!view.dead.empty()) {
    plan.stage("stop its old feeds");
    for (const LinkSnapshot& one : view.dead) {
      plan.step(on_link("pause_link", one.link,
                        {{"group", group.name.value()}, {"changefeed", one.changefeed.value()}}));
    }
    plan.point_of_no_return("the first of its old feeds is deleted");
    plan.stage("remove its old feeds");
    for (const LinkSnapshot& one : view.dead) {
      plan.step(on_link("remove_link", one.link,
                        {{"group", group.name.value()}, {"changefeed", one.changefeed.value()}}));
    }
  }
  plan.stage("the account is free again")
      .step(on_cluster("let_in_user", primary,
                       {{"user", desired.cluster(primary).sink.user_for(old)}}));
  return plan.build();
}

}  // namespace bdrmesh::flows
