#include "flows/backup/start_by_backup.h"

#include <algorithm>

#include "flows/group/group_apply.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

void refuse_feeds(const GroupSnapshot& snapshot) {
  for (const LinkSnapshot& link : snapshot.links) {
    if (!link.feed && !link.ever_in_book) continue;
    throw Error(ErrorKind::precondition, "LINKS_THERE",
                "link " + to_string(link.link) + " of group " + snapshot.group.name.value() +
                    (link.feed ? " has a changefeed" : " has had a changefeed") +
                    ": a start copies data into empty clusters that replicate nothing yet",
                "for a new member of a group that runs: bdrmesh cluster join CLUSTER --group " +
                    snapshot.group.name.value());
  }
}

bool has_role(const GroupSnapshot& snapshot, const ClusterName& cluster) {
  const auto seen = std::ranges::find(snapshot.clusters, cluster, &ClusterSnapshot::name);
  return seen != snapshot.clusters.end() && seen->role_supported && seen->role != BdrRole::none;
}

}  // namespace

void prepare_copy(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot,
                  const Copy& copy) {
  plan.lock("group:" + snapshot.group.name.value());
  for (const ClusterName& name : snapshot.names()) plan.lock("cluster:" + name.value());
  examine(plan, snapshot, {"SCHEMA_DIFFERS"});
  require_targets(plan, copy);
  set_up_clusters(plan, desired, snapshot);
  if (has_role(snapshot, copy.source)) take_role_off(plan, copy.source);
  probe_storage(plan, copy);
}

Plan plan_start_by_backup(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy) {
  refuse_feeds(snapshot);
  require_copy(snapshot.group, copy);
  const std::string& group = snapshot.group.name.value();
  PlanBuilder plan("group.apply",
                   "bring up group " + group + " from a backup of " + copy.source.value());
  plan.subject(
      subject_of(copy, "group apply: it is filled from a backup of " + copy.source.value()));
  prepare_copy(plan, desired, snapshot, copy);
  close_targets(plan, copy);
  hold_gc(plan, {copy.source}, copy.hold);
  plan.stage("position of the source")
      .step(on_cluster("take_fence", copy.source, {{"fact", "start"}, {"durable", true}}));
  copy_tables(plan, copy);
  take_target_positions(plan, copy);
  check_tables(plan, snapshot);
  create_links(plan, snapshot);
  set_wanted_roles(plan, snapshot);
  prove_links(plan, snapshot);
  compare_schemas(plan, copy, snapshot.names());
  give_back_gc(plan, {copy.source});
  open_targets(plan, copy);
  return plan.build();
}

}  // namespace bdrmesh::flows
