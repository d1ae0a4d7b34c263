#include "flows/members/evacuate_plan.h"

#include <algorithm>

#include "flows/members/leave_plan.h"
#include "flows/members/member_stages.h"
#include "flows/require.h"
#include "flows/step_args.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

bool stands_closed(const ClusterSnapshot& seen) {
  if (!seen.token) return false;
  const std::vector<GateNote> notes = gate_notes(*seen.token);
  return std::ranges::any_of(notes, &GateNote::standing);
}

void require_somebody_else(const GroupSnapshot& snapshot, const ClusterName& member) {
  const bool somebody = std::ranges::any_of(snapshot.clusters, [&](const ClusterSnapshot& other) {
    return other.name != member && !stands_closed(other);
  });
  if (somebody) return;
  throw Error(ErrorKind::precondition, "LAST_WRITABLE",
              "no other member of group " + snapshot.group.name.value() +
                  " takes writes: applications would have nowhere to go",
              "bdrmesh gate list");
}

std::vector<LinkSnapshot> incoming(const GroupSnapshot& snapshot, const ClusterName& member) {
  std::vector<LinkSnapshot> links = links_of(snapshot, member);
  std::erase_if(links, [&](const LinkSnapshot& one) { return one.link.to != member; });
  return links;
}

}  // namespace

Plan plan_evacuate(const GroupSnapshot& snapshot, const ClusterName& member,
                   const EvacuateOptions& options) {
  const ClusterSnapshot& seen = member_of(snapshot, member);
  const std::string& group = snapshot.group.name.value();
  if (evacuated_as(seen, snapshot.group.name)) {
    throw Error(ErrorKind::precondition, "EVACUATED_ALREADY",
                member.value() + " is evacuated already",
                "to come back: bdrmesh cluster evacuate " + member.value() + " --back");
  }
  require_managed(snapshot);
  require_feeds(snapshot, snapshot.outgoing(member));
  require_somebody_else(snapshot, member);
  PlanBuilder plan("cluster.evacuate", "evacuate " + member.value() + " of group " + group);
  plan.subject({{"group", group}, {"cluster", member.value()}, {"reason", options.reason}});
  plan.lock("cluster:" + member.value());
  plan.stage("claim").step(on_cluster("claim_token", member));
  healthy_outgoing(plan, snapshot, member, options.max_lag);
  plan.pause_budget_from_next_stage(options.max_pause);
  close_and_drain(plan, snapshot, member, {options.kill, std::nullopt});
  keep_closed(plan, member, evacuated_role(group));
  return plan.build();
}

Plan plan_return(const GroupSnapshot& snapshot, const ClusterName& member) {
  const ClusterSnapshot& seen = member_of(snapshot, member);
  const std::string& group = snapshot.group.name.value();
  const auto role = evacuated_as(seen, snapshot.group.name);
  if (!role) {
    throw Error(ErrorKind::precondition, "NOT_EVACUATED", member.value() + " is not evacuated",
                "bdrmesh gate list");
  }
  const std::vector<LinkSnapshot> links = incoming(snapshot, member);
  require_feeds(snapshot, links);
  PlanBuilder plan("cluster.return", member.value() + " of group " + group + " comes back");
  plan.subject({{"group", group},
                {"cluster", member.value()},
                {"reason", member.value() + " comes back from an evacuation"}});
  plan.lock("cluster:" + member.value());
  plan.stage("claim").step(on_cluster("claim_token", member));
  plan.stage("mark");
  for (const LinkSnapshot& link : links) plan.step(on_cluster("write_marker", link.link.from));
  plan.stage("it has what the others wrote");
  for (const LinkSnapshot& link : links) plan.step(feed_step("await_marker", snapshot, link));
  plan.stage("take the gate over")
      .step(on_cluster("take_over_gate", member, {{"role", *role}, {"to_open", true}}));
  open_gates(plan, {member});
  return plan.build();
}

}  // namespace bdrmesh::flows
