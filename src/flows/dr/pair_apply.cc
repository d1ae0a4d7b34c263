#include "flows/dr/pair_apply.h"

#include <algorithm>

#include "flows/dr/switchover_plan.h"
#include "flows/group/group_apply.h"
#include "flows/link/link_changes.h"
#include "flows/link/link_kinds.h"
#include "flows/step_args.h"
#include "gate/standing_gate.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {

Change standing_gate_change(const GroupSnapshot& snapshot) {
  const ClusterName& secondary = snapshot.group.members.back();
  const auto seen = std::ranges::find(snapshot.clusters, secondary, &ClusterSnapshot::name);
  const std::string owner = standing_owner(secondary_role(snapshot.group.name));
  const bool stands =
      seen != snapshot.clusters.end() && seen->token && note_of(*seen->token, owner);
  return {"cluster " + secondary.value(),
          "gate of a secondary",
          "closed",
          stands ? "closed" : "not noted as closed",
          stands ? "none" : "set",
          stands ? "" : "applications may write to the secondary"};
}

Plan plan_pair_apply(const Desired& desired, const GroupSnapshot& snapshot) {
  const LinkSnapshot& link = require_pair_link(snapshot);
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("group.apply", "settings of pair " + group);
  plan.subject({{"group", group}, {"reason", "group apply"}});
  plan.lock("group:" + group);
  for (const ClusterName& name : snapshot.names()) plan.lock("cluster:" + name.value());
  examine(plan, snapshot, {});
  set_up_clusters(plan, desired, snapshot);
  plan.stage("the secondary stands closed")
      .step(on_cluster("stand_closed", link.link.to,
                       {{"role", secondary_role(snapshot.group.name)}}));
  const bool replaced = !links_to("repair", desired, snapshot).empty();
  if (!replaced && !links_to("resume", desired, snapshot).empty()) {
    plan.stage("resume").step(on_link("resume_link", link.link,
                                      {{"group", group}, {"changefeed", link.changefeed.value()}}));
  }
  if (replaced) {
    replace_feeds(plan, desired, snapshot, {link});
  } else {
    prove_links(plan, snapshot);
  }
  return plan.build();
}

}  // namespace bdrmesh::flows
