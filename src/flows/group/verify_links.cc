#include "flows/group/verify_links.h"

#include "flows/step_args.h"

namespace bdrmesh::flows {

Plan plan_verify_links(const GroupSnapshot& snapshot, Millis patience) {
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("verify.links", "verify the links of group " + group);
  plan.subject({{"group", group}, {"level", "links"}});
  plan.stage("mark");
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (!seen.marker_schema) {
      throw Error(ErrorKind::precondition, "NOT_MANAGED",
                  "cluster " + seen.name.value() + " has no marker schema yet",
                  "bdrmesh group apply " + group);
    }
    // A secondary has no link of its own to prove.
    if (!snapshot.outgoing(seen.name).empty()) plan.step(on_cluster("write_marker", seen.name));
  }
  plan.stage("prove");
  for (const LinkSnapshot& link : snapshot.links) {
    plan.step(on_link("await_marker", link.link,
                      {{"group", group},
                       {"changefeed", link.changefeed.value()},
                       {"whole", true},
                       {"patience_ms", patience.count()}}));
  }
  return plan.build();
}

Plan plan_open_gate(const ClusterName& cluster, const std::string& operation) {
  PlanBuilder plan("gate.open", "open the gate of " + cluster.value());
  plan.subject({{"cluster", cluster.value()}, {"operation", operation}});
  PlannedStep open = on_cluster("reopen_gate_of", cluster, {{"operation", operation}});
  open.lane = LaneKind::gate;
  plan.stage("open gate").step(open);
  return plan.build();
}

}  // namespace bdrmesh::flows
