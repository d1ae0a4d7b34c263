#include "flows/dr/bootstrap.h"

#include <algorithm>

#include "flows/backup/backup_kinds.h"
#include "flows/backup/start_by_backup.h"
#include "flows/dr/switchover_plan.h"
#include "flows/group/group_apply.h"
#include "flows/seen.h"
#include "flows/step_args.h"
#include "gate/standing_gate.h"
#include "mesh/pair_note.h"

namespace bdrmesh::flows {
namespace {

void refuse_feed(const GroupSnapshot& snapshot) {
  for (const LinkSnapshot& link : snapshot.links) {
    if (!link.feed && !link.ever_in_book) continue;
    throw Error(ErrorKind::precondition, "LINKS_THERE",
                "link " + to_string(link.link) + " of group " + snapshot.group.name.value() +
                    (link.feed ? " has a changefeed" : " has had a changefeed") +
                    ": the pair was made already",
                "bdrmesh dr status " + snapshot.group.name.value());
  }
}

/// A rebuilt old primary stands closed already.
void keep_applications_out(PlanBuilder& plan, const GroupSnapshot& snapshot, const Copy& copy) {
  const std::string role = secondary_role(snapshot.group.name);
  const auto seen =
      std::ranges::find(snapshot.clusters, copy.targets.front(), &ClusterSnapshot::name);
  if (!seen->token || !note_of(*seen->token, standing_owner(role))) {
    close_targets(plan, copy, role);
    return;
  }
  PlannedStep take = on_cluster("take_over_gate", copy.targets.front(), {{"role", role}});
  take.guards_resume = true;
  plan.stage("the secondary is closed").step(std::move(take));
}

Json followed_by(const GroupSpec& group) {
  Json feed{{"bdr_mode", false},
            {"redo", group.redo ? Json(group.redo->storage) : Json()},
            {"syncpoint_interval_ms", Json()}};
  if (group.syncpoint_interval) feed["syncpoint_interval_ms"] = group.syncpoint_interval->count();
  return feed;
}

}  // namespace

Plan plan_bootstrap(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy) {
  refuse_feed(snapshot);
  require_copy(snapshot.group, copy);
  const std::string& group = snapshot.group.name.value();
  const ClusterName& secondary = copy.targets.front();
  PlanBuilder plan("dr.bootstrap", secondary.value() + " becomes the secondary of " +
                                       copy.source.value() + " in group " + group);
  plan.subject(
      subject_of(copy, "dr bootstrap: it is filled from a backup of " + copy.source.value()));
  prepare_copy(plan, desired, snapshot, copy);
  keep_applications_out(plan, snapshot, copy);
  hold_gc(plan, {copy.source}, copy.hold);
  plan.stage("position of the primary")
      .step(on_cluster("take_fence", copy.source, {{"fact", "start"}, {"durable", true}}));
  copy_tables(plan, copy);
  check_tables(plan, snapshot);
  create_links(plan, snapshot);
  prove_links(plan, snapshot);
  compare_schemas(plan, copy, snapshot.names());
  give_back_gc(plan, {copy.source});
  note_primary_on(plan, snapshot, secondary);
  plan.stage("standing gate")
      .step(on_cluster("keep_gate_closed", secondary,
                       {{"role", secondary_role(snapshot.group.name)}}));
  return plan.build();
}

PlannedOperation dr_bootstrap(const FlowPorts& ports, const Json& args, const Call& call) {
  const GroupName name(get_or<std::string>(args, "group", ""));
  if (ports.desired.group(name).kind != GroupKind::primary_secondary) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                "group " + name.value() + " is a mesh, no pair of primary and secondary",
                "bdrmesh group apply " + name.value() + " --from-backup-of CLUSTER");
  }
  const GroupSnapshot snapshot = look_at_group(ports, name, call);
  refuse_held_by_others(ports, snapshot);
  refuse_feed(snapshot);
  const Copy copy = look_at_copy(ports, snapshot.group, snapshot.names().front(),
                                 {snapshot.names().back()}, args, call);
  PlannedOperation planned{plan_bootstrap(ports.desired, snapshot, copy), Json::object(),
                           seen_of(ports.desired, snapshot)};
  add_outlook(copy, planned.outlook);
  planned.outlook["feed"] = followed_by(snapshot.group);
  return planned;
}

}  // namespace bdrmesh::flows
