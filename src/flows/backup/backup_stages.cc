#include "flows/backup/backup_stages.h"

#include "flows/backup/long_task.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

Json names_of(const std::vector<ClusterName>& clusters) {
  Json names = Json::array();
  for (const ClusterName& name : clusters) names.push_back(name.value());
  return names;
}

PlannedStep on_long_lane(PlannedStep step) {
  step.lane = LaneKind::slow;
  step.undo_lane = LaneKind::slow;
  return step;
}

}  // namespace

Json subject_of(const Copy& copy, const std::string& reason) {
  return {{"group", copy.group.value()},       {"source", copy.source.value()},
          {"targets", names_of(copy.targets)}, {"tables", to_json(copy.tables)},
          {"hold_ms", copy.hold.count()},      {"reason", reason}};
}

void require_copy(const GroupSpec& group, const Copy& copy) {
  if (group.backup_storage.empty()) {
    throw Error(ErrorKind::precondition, "NO_BACKUP_STORAGE",
                "group " + group.name.value() + " names no storage for backups",
                "give the group: backup = { storage = \"s3://…\", rate_limit = \"120MB/s\" }; both "
                "clusters must reach it");
  }
  (void)megabytes_per_second(group.backup_rate_limit);
  if (!copy.tables.empty()) return;
  throw Error(
      ErrorKind::precondition, "NO_TABLES",
      "the rules of group " + group.name.value() + " take no table of " + copy.source.value(),
      "check `tables` of the group, and that " + copy.source.value() +
          " is the cluster that has the data");
}

void require_targets(PlanBuilder& plan, const Copy& copy) {
  plan.stage("targets");
  for (const ClusterName& name : copy.targets)
    plan.step(on_cluster("require_restorable", name, {{"source", copy.source.value()}}));
  for (const ClusterName& name : copy.targets) plan.step(on_cluster("require_no_tables", name));
}

void take_role_off(PlanBuilder& plan, const ClusterName& cluster) {
  plan.stage("no role").step(on_cluster("set_role", cluster, {{"role", ""}}));
}

void probe_storage(PlanBuilder& plan, const Copy& copy) {
  plan.stage("storage").step(on_long_lane(
      on_cluster("probe_storage", copy.source, {{"targets", names_of(copy.targets)}})));
}

void close_targets(PlanBuilder& plan, const Copy& copy, const std::string& stands_as) {
  plan.stage("close the empty ones");
  for (const ClusterName& name : copy.targets) {
    PlannedStep close = on_cluster("close_gate", name, {{"for_ms", copy.hold.count()}});
    if (!stands_as.empty()) close.args["stands_as"] = stands_as;
    close.guards_resume = true;
    close.undo_lane = LaneKind::gate;
    plan.step(std::move(close));
  }
}

void hold_gc(PlanBuilder& plan, const std::vector<ClusterName>& clusters, Millis life) {
  plan.stage("hold history");
  for (const ClusterName& name : clusters)
    plan.step(on_cluster("hold_gc", name, {{"life_ms", life.count()}}));
}

void copy_tables(PlanBuilder& plan, const Copy& copy) {
  plan.stage("backup").step(on_long_lane(on_cluster("run_backup", copy.source)));
  plan.stage("restore");
  for (const ClusterName& name : copy.targets)
    plan.step(on_long_lane(on_cluster("run_restore", name, {{"source", copy.source.value()}})));
}

void take_target_positions(PlanBuilder& plan, const Copy& copy) {
  plan.stage("positions of the restored");
  for (const ClusterName& name : copy.targets)
    plan.step(on_cluster("take_fence", name, {{"fact", "start"}, {"durable", true}}));
  plan.stage("restored ones still closed");
  for (const ClusterName& name : copy.targets) plan.step(on_cluster("require_gate_closed", name));
}

void compare_schemas(PlanBuilder& plan, const Copy& copy,
                     const std::vector<ClusterName>& clusters) {
  PlannedStep compare;
  compare.type = "compare_schemas";
  compare.args = {{"tables", to_json(copy.tables)}, {"clusters", names_of(clusters)}};
  plan.stage("compare schemas").step(on_long_lane(std::move(compare)));
}

void give_back_gc(PlanBuilder& plan, const std::vector<ClusterName>& clusters) {
  plan.stage("give history back");
  for (const ClusterName& name : clusters) plan.step(on_cluster("give_back_gc", name));
}

void open_targets(PlanBuilder& plan, const Copy& copy) {
  plan.point_of_no_return("a cluster that was filled takes writes");
  plan.stage("open the filled ones");
  for (const ClusterName& name : copy.targets) {
    PlannedStep open = on_cluster("open_for_good", name);
    open.lane = LaneKind::gate;
    plan.step(std::move(open));
  }
}

Json not_carried() {
  return Json::array({"users, roles and grants", "views and sequences", "SQL bindings",
                      "placement policies", "TiFlash replicas",
                      "TTL_ENABLE (off on what a feed writes)", "global variables", "statistics"});
}

}  // namespace bdrmesh::flows
