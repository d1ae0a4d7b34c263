// Snapshots of a group made by hand, for planners; and questions to plans.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

inline Desired three_clusters() {
  Desired desired;
  GroupSpec group;
  group.name = GroupName("orders");
  group.tables = {"app.*"};
  int number = 0;
  for (const char* name : {"east", "west", "south"}) {
    ClusterSpec cluster;
    cluster.name = ClusterName(name);
    cluster.source_id = ++number;
    desired.clusters.push_back(cluster);
    group.members.push_back(cluster.name);
  }
  desired.groups = {group};
  return desired;
}

/// The group before the first apply.
inline GroupSnapshot bare(const Desired& desired) {
  GroupSnapshot snapshot;
  snapshot.group = desired.groups.front();
  for (const ClusterSpec& cluster : desired.clusters) {
    ClusterSnapshot seen;
    seen.name = cluster.name;
    seen.role = BdrRole::none;
    seen.source_id = 1;
    seen.release = "v8.5.1";
    snapshot.clusters.push_back(seen);
  }
  for (const Link& link : snapshot.group.links())
    snapshot.links.push_back(
        {link, changefeed_id(snapshot.group.name, link, 1), 1, std::nullopt, false, false});
  return snapshot;
}

/// The group as an apply leaves it.
inline GroupSnapshot applied(const Desired& desired) {
  GroupSnapshot snapshot = bare(desired);
  for (ClusterSnapshot& seen : snapshot.clusters) {
    seen.role = wanted_role(snapshot.group, seen.name);
    seen.source_id = desired.cluster(seen.name).source_id;
    seen.marker_schema = true;
    seen.token_ours = true;
  }
  for (LinkSnapshot& link : snapshot.links) {
    link.feed = FeedSummary{link.changefeed, "normal", Tso::at(from_millis(1'790'000'000'000)), 7,
                            std::nullopt};
    link.in_book = true;
    link.ever_in_book = true;
  }
  return snapshot;
}

inline std::vector<std::string> stage_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const PlannedStage& stage : plan.stages) names.push_back(stage.name);
  return names;
}

/// Where the first stage with a step of `type` stands; the number of stages when there is none.
inline std::size_t stage_of(const Plan& plan, const std::string& type) {
  const auto found = std::ranges::find_if(plan.stages, [&](const PlannedStage& stage) {
    return std::ranges::find(stage.steps, type, &PlannedStep::type) != stage.steps.end();
  });
  return static_cast<std::size_t>(found - plan.stages.begin());
}

inline bool has(const Plan& plan, const std::string& type) {
  return stage_of(plan, type) < plan.stages.size();
}

/// The steps of `type`, in the order of the plan.
inline std::vector<PlannedStep> steps_of(const Plan& plan, const std::string& type) {
  std::vector<PlannedStep> found;
  for (const PlannedStage& stage : plan.stages)
    std::ranges::copy_if(stage.steps, std::back_inserter(found),
                         [&](const PlannedStep& step) { return step.type == type; });
  return found;
}

template <class Act>
Error error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorKind::bug, "NOTHING_THROWN", ""};
}

}  // namespace bdrmesh::flows
