#include "flows/group/group_apply.h"

#include <algorithm>

#include "flows/dr/pair_apply.h"
#include "flows/dr/switchover_plan.h"
#include "flows/link/link_changes.h"
#include "flows/link/link_kinds.h"
#include "flows/step_args.h"

namespace bdrmesh::flows {
namespace {

std::vector<LinkSnapshot> missing_links(const GroupSnapshot& snapshot) {
  std::vector<LinkSnapshot> missing;
  std::ranges::copy_if(snapshot.links, std::back_inserter(missing),
                       [](const LinkSnapshot& one) { return !one.feed; });
  return missing;
}

/// Where a link that never had a feed begins in a half-built mesh: where its sisters from the same
/// cluster began, when all data were equal. Their first incarnations only: later ones began later.
std::optional<Tso> sisters_start(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  if (link.ever_in_book) return std::nullopt;
  for (const LinkSnapshot& other : snapshot.links) {
    if (other.link.from == link.link.from && other.feed && other.in_book &&
        other.incarnation == 1 && other.start)
      return other.start;
  }
  return std::nullopt;
}

bool can_be_completed(const GroupSnapshot& snapshot) {
  return std::ranges::all_of(missing_links(snapshot), [&](const LinkSnapshot& link) {
    return sisters_start(snapshot, link).has_value();
  });
}

void refuse_drift(const Desired& desired, const GroupSnapshot& snapshot) {
  for (const Change& change : changes(desired, snapshot)) {
    if (change.change != "refused") continue;
    throw Error(ErrorKind::precondition, "DRIFT",
                change.object + ", " + change.property + ": wanted " + change.wanted + ", seen " +
                    change.seen + ": " + change.why,
                "bdrmesh group plan " + snapshot.group.name.value());
  }
  const std::size_t missing = missing_links(snapshot).size();
  if (missing == 0 || missing == snapshot.links.size() || can_be_completed(snapshot)) return;
  // Data that an existing link has not delivered yet would make "equal" untrue for the new one.
  throw Error(ErrorKind::precondition, "HALF_MESH",
              std::to_string(missing) + " of " + std::to_string(snapshot.links.size()) +
                  " links of group " + snapshot.group.name.value() +
                  " have no changefeed while the others replicate",
              "bdrmesh group plan " + snapshot.group.name.value() +
                  "; a new, empty member comes in with: bdrmesh cluster join CLUSTER; otherwise "
                  "remove the other changefeeds, make the data equal, apply again");
}

}  // namespace

void examine(PlanBuilder& plan, const GroupSnapshot& snapshot,
             const std::vector<std::string>& expected) {
  PlannedStep doctor;
  doctor.type = "examine_group";
  doctor.args = {{"group", snapshot.group.name.value()}};
  if (!expected.empty()) doctor.args["expected"] = expected;
  plan.stage("doctor").step(doctor);
}

void set_up_clusters(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot) {
  plan.stage("claim");
  for (const ClusterName& name : snapshot.names()) plan.step(on_cluster("claim_token", name));
  plan.stage("source ids");
  for (const ClusterName& name : snapshot.names())
    plan.step(on_cluster("set_source_id", name, {{"id", desired.cluster(name).source_id}}));
  plan.stage("marker schema");
  for (const ClusterName& name : snapshot.names())
    plan.step(on_cluster("make_marker_schema", name));
}

namespace {

void take_start_positions(PlanBuilder& plan, const GroupSnapshot& snapshot,
                          const ApplyOptions& options) {
  plan.pause_budget_from_next_stage(options.pause_budget);
  close_gates(plan, snapshot.names());
  plan.stage("drain transactions");
  for (const ClusterName& name : snapshot.names())
    plan.step(on_cluster("drain_transactions", name, {{"kill", options.kill}}));
  // All gates are closed: one TSO of each cluster names the same data everywhere, if it was equal.
  plan.stage("start positions");
  for (const ClusterName& name : snapshot.names())
    plan.step(on_cluster("take_fence", name, {{"fact", "start"}, {"durable", true}}));
  plan.stage("gates still closed");
  for (const ClusterName& name : snapshot.names())
    plan.step(on_cluster("require_gate_closed", name));
}

}  // namespace

void create_links(PlanBuilder& plan, const GroupSnapshot& snapshot) {
  plan.stage("links");
  for (const LinkSnapshot& link : snapshot.links) {
    plan.step(on_link("create_link", link.link,
                      {{"group", snapshot.group.name.value()},
                       {"changefeed", link.changefeed.value()},
                       {"incarnation", link.incarnation}}));
  }
}

namespace {

/// No pause: the positions were taken when the first links were made.
void complete_links(PlanBuilder& plan, const GroupSnapshot& snapshot) {
  plan.stage("links");
  for (const LinkSnapshot& link : missing_links(snapshot)) {
    plan.step(on_link("create_link", link.link,
                      {{"group", snapshot.group.name.value()},
                       {"changefeed", link.changefeed.value()},
                       {"incarnation", link.incarnation},
                       {"start_tso", to_string(*sisters_start(snapshot, link))}}));
  }
}

}  // namespace

void check_tables(PlanBuilder& plan, const GroupSnapshot& snapshot) {
  plan.stage("tables");
  for (const LinkSnapshot& link : snapshot.links) {
    plan.step(
        on_link("check_tables", link.link,
                {{"group", snapshot.group.name.value()}, {"changefeed", link.changefeed.value()}}));
  }
}

namespace {

bool contains(const std::vector<LinkSnapshot>& links, const LinkSnapshot& link) {
  return std::ranges::find(links, link.link, &LinkSnapshot::link) != links.end();
}

void resume_links(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot,
                  const std::vector<LinkSnapshot>& replaced) {
  bool begun = false;
  for (const LinkSnapshot& link : links_to("resume", desired, snapshot)) {
    if (contains(replaced, link)) continue;
    if (!begun) plan.stage("resume");
    begun = true;
    plan.step(
        on_link("resume_link", link.link,
                {{"group", snapshot.group.name.value()}, {"changefeed", link.changefeed.value()}}));
  }
}

void set_roles(PlanBuilder& plan, const GroupSnapshot& snapshot, BdrRole role,
               const std::string& stage) {
  bool begun = false;
  for (const ClusterSnapshot& seen : snapshot.clusters) {
    if (!seen.role_supported || wanted_role(snapshot.group, seen.name) != role) continue;
    if (!begun) plan.stage(stage);
    begun = true;
    plan.step(on_cluster("set_role", seen.name, {{"role", std::string(to_string(role))}}));
  }
}

void prove(PlanBuilder& plan, const GroupSnapshot& snapshot,
           const std::vector<LinkSnapshot>& replaced) {
  plan.stage("mark");
  for (const ClusterName& name : snapshot.names()) {
    // A secondary has no link of its own to prove.
    if (!snapshot.outgoing(name).empty()) plan.step(on_cluster("write_marker", name));
  }
  plan.stage("prove");
  for (const LinkSnapshot& link : snapshot.links) {
    if (contains(replaced, link)) continue;
    plan.step(
        on_link("await_marker", link.link,
                {{"group", snapshot.group.name.value()}, {"changefeed", link.changefeed.value()}}));
  }
}

}  // namespace

void set_wanted_roles(PlanBuilder& plan, const GroupSnapshot& snapshot) {
  set_roles(plan, snapshot, BdrRole::none, "roles: none");
  set_roles(plan, snapshot, BdrRole::secondary, "roles: secondary");
  set_roles(plan, snapshot, BdrRole::primary, "roles: primary");
}

void prove_links(PlanBuilder& plan, const GroupSnapshot& snapshot) { prove(plan, snapshot, {}); }

Plan plan_group_apply(const Desired& desired, const GroupSnapshot& snapshot,
                      const ApplyOptions& options) {
  if (snapshot.group.kind == GroupKind::primary_secondary) {
    require_pair_link(snapshot);
    refuse_drift(desired, snapshot);
    return plan_pair_apply(desired, snapshot);
  }
  refuse_drift(desired, snapshot);
  const std::size_t missing = missing_links(snapshot).size();
  const std::string& group = snapshot.group.name.value();

  PlanBuilder plan("group.apply", "bring up group " + group);
  plan.subject({{"group", group}, {"reason", "group apply: start positions are taken"}});
  plan.lock("group:" + group);
  for (const ClusterName& name : snapshot.names()) plan.lock("cluster:" + name.value());

  examine(plan, snapshot, {});
  set_up_clusters(plan, desired, snapshot);
  if (missing == snapshot.links.size()) {
    check_tables(plan, snapshot);
    take_start_positions(plan, snapshot, options);
    open_gates(plan, snapshot.names(), options.kill);
    create_links(plan, snapshot);
  } else if (missing > 0) {
    check_tables(plan, snapshot);
    complete_links(plan, snapshot);
  }
  const std::vector<LinkSnapshot> replaced = links_to("repair", desired, snapshot);
  resume_links(plan, desired, snapshot, replaced);
  set_wanted_roles(plan, snapshot);
  prove(plan, snapshot, replaced);
  if (!replaced.empty()) replace_feeds(plan, desired, snapshot, replaced);
  return plan.build();
}

}  // namespace bdrmesh::flows
