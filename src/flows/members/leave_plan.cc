#include "flows/members/leave_plan.h"

#include <algorithm>

#include "flows/members/member_stages.h"
#include "flows/require.h"
#include "flows/step_args.h"
#include "gate/standing_gate.h"

namespace bdrmesh::flows {
namespace {

void refuse(const GroupSnapshot& snapshot, const ClusterSnapshot& leaver) {
  const std::string& group = snapshot.group.name.value();
  const std::string& name = leaver.name.value();
  if (snapshot.group.members.size() < 3) {
    throw Error(ErrorKind::precondition, "TWO_MEMBERS",
                "group " + group + " has two members: when one leaves, no group is left",
                "bdrmesh group stop " + group + " takes both apart; if " + name +
                    " is dead: bdrmesh cluster evict " + name + " --group " + group);
  }
  require_managed(snapshot);
  const bool is_primary =
      leaver.role == BdrRole::primary || snapshot.group.ddl_primary == leaver.name;
  if (is_primary) {
    throw Error(ErrorKind::precondition, "IS_DDL_PRIMARY",
                name + " is the ddl_primary of group " + group +
                    ": without it no replicable DDL would reach anybody",
                "set ddl_primary to another member in the configuration, start bdrmesh serve "
                "again, bdrmesh group apply " +
                    group + ", then leave");
  }
}

std::string gate_words(const ClusterName& leaver, const LeaveOptions& options) {
  if (options.keep_serving)
    return "applications may write on " + leaver.value() +
           " again; nobody else gets what they write there";
  return "the gate of " + leaver.value() +
         " stays closed; to let applications write there alone: bdrmesh gate open " +
         leaver.value();
}

PlannedStep report_step(const GroupSnapshot& snapshot, const GroupSpec& configured,
                        const ClusterName& leaver, const LeaveOptions& options) {
  std::vector<EndedMembership> ended = snapshot.ended;
  ended.push_back({snapshot.group.name, leaver, "left", "", ""});
  PlannedStep step;
  step.type = "report_departure";
  step.args = {{"group", snapshot.group.name.value()},
               {"member", leaver.value()},
               {"gate", gate_words(leaver, options)},
               {"configuration", lines_for_configuration(configured, ended)}};
  return step;
}

}  // namespace

const ClusterSnapshot& member_of(const GroupSnapshot& snapshot, const ClusterName& cluster) {
  const auto found = std::ranges::find(snapshot.clusters, cluster, &ClusterSnapshot::name);
  if (found != snapshot.clusters.end()) return *found;
  const auto gone = std::ranges::find(snapshot.ended, cluster, &EndedMembership::cluster);
  if (gone != snapshot.ended.end()) {
    throw Error(ErrorKind::precondition, "NOT_A_MEMBER",
                cluster.value() + (gone->how == "evicted" ? " was evicted from" : " has left") +
                    " group " + gone->group.value() + " already, at " + gone->at,
                "bdrmesh op show " + gone->operation);
  }
  std::string names;
  for (const ClusterName& name : snapshot.names())
    names += (names.empty() ? "" : ", ") + name.value();
  throw Error(ErrorKind::precondition, "NOT_A_MEMBER",
              cluster.value() + " is no member of group " + snapshot.group.name.value(),
              "its members are " + names);
}

std::optional<std::string> evacuated_as(const ClusterSnapshot& seen, const GroupName& group) {
  const std::string role = evacuated_role(group.value());
  if (seen.token && note_of(*seen.token, standing_owner(role))) return role;
  return std::nullopt;
}

Plan plan_leave(const GroupSnapshot& snapshot, const GroupSpec& configured,
                const ClusterName& leaver, const LeaveOptions& options) {
  const ClusterSnapshot& seen = member_of(snapshot, leaver);
  refuse(snapshot, seen);
  const std::vector<LinkSnapshot> touched = links_of(snapshot, leaver);
  require_feeds(snapshot, touched);
  const std::string& group = snapshot.group.name.value();

  PlanBuilder plan("cluster.leave", leaver.value() + " leaves group " + group);
  plan.subject({{"group", group},
                {"cluster", leaver.value()},
                {"keep_serving", options.keep_serving},
                {"reason", leaver.value() + " leaves group " + group}});
  plan.lock("group:" + group);
  plan.lock("cluster:" + leaver.value());
  plan.stage("claim");
  for (const ClusterName& name : snapshot.names()) plan.step(on_cluster("claim_token", name));
  plan.stage("quiet DDL queue").step(on_cluster("require_quiet_ddl_queue", leaver));
  healthy_outgoing(plan, snapshot, leaver, Millis{10000});
  plan.pause_budget_from_next_stage(options.max_pause);
  close_and_drain(plan, snapshot, leaver, {options.kill, evacuated_as(seen, snapshot.group.name)});
  plan.stage("stop feeds and confirm");
  for (const LinkSnapshot& link : touched) plan.step(feed_step("pause_link", snapshot, link));
  plan.stage("membership ends");
  for (const ClusterName& name : snapshot.names()) {
    plan.step(on_cluster("note_ended", name,
                         {{"group", group}, {"member", leaver.value()}, {"how", "left"}}));
  }
  plan.stage("look again")
      .step(on_cluster("look_again_to_leave", leaver,
                       {{"links", links_as_json(touched)}, {"roles", seen.role_supported}}));
  plan.step(on_cluster("announce_line", leaver));
  plan.point_of_no_return("the first changefeed is deleted");
  plan.stage("remove feeds");
  for (const LinkSnapshot& link : touched) plan.step(feed_step("remove_link", snapshot, link));
  if (seen.role_supported) {
    plan.stage("role off").step(on_cluster("set_role", leaver, {{"role", ""}}));
  }
  if (options.keep_serving) {
    open_gates(plan, {leaver});
  } else {
    keep_closed(plan, leaver, former_member_role(group));
  }
  plan.stage("report").step(report_step(snapshot, configured, leaver, options));
  return plan.build();
}

}  // namespace bdrmesh::flows
