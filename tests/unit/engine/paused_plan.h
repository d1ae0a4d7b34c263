// A toy plan of the shape of a paused DDL: gates, a volatile fence, a line, the change, gates
// again, roles.
#pragma once

#include <string>

#include "unit/engine/toy_world.h"

namespace bdrmesh::toy {

inline const std::vector<std::string>& clusters() {
  static const std::vector<std::string> names{"east", "west"};
  return names;
}

/// Teaches `world` the steps of `paused_plan`.
inline void learn_paused_plan(World& world) {
  for (const auto& cluster : clusters()) {
    const std::string gate = "gate." + cluster;
    world.behaviour("fence." + cluster) = {
        .precondition = {},
        .verify =
            [cluster](StepContext& ctx) {
              return ctx.fact("fence", cluster) ? holds() : not_yet("a fence");
            },
        .execute =
            [&world, cluster](StepContext& ctx) {
              world.set("fence." + cluster);
              ctx.set_fact(
                  {"fence", cluster, FactLife::volatile_, world.times_set("fence." + cluster)});
            },
        .compensate = {},
        .crossed = {}};
    world.behaviour("change." + cluster).execute = [&world, cluster](StepContext& ctx) {
      world.set("change." + cluster);
      ctx.cross_line("changed " + cluster);
    };
    world.behaviour("open." + cluster) = {
        .precondition = {},
        .verify = [&world, gate](
                      StepContext&) { return world.has(gate) ? not_yet("an open gate") : holds(); },
        .execute = [&world, gate](StepContext&) { world.unset(gate); },
        .compensate = {},
        .crossed = [](StepContext&) { return Crossing::no; }};
    world.behaviour("roles." + cluster).crossed = [](StepContext&) { return Crossing::no; };
  }
}

inline void add_everywhere(PlanBuilder& plan, const std::string& thing,
                           LaneKind lane = LaneKind::work, bool guards = false) {
  for (const auto& cluster : clusters()) {
    PlannedStep step = set(thing + "." + cluster, cluster, lane);
    step.guards_resume = guards;
    plan.step(step);
  }
}

inline Plan paused_plan(Millis budget = Millis{5000}) {
  PlanBuilder plan("toy.paused", "change something while nobody writes");
  plan.lock("cluster:east").lock("cluster:west");
  plan.stage("prepare");
  add_everywhere(plan, "prepare");
  plan.pause_budget_from_next_stage(budget);
  plan.stage("close");
  add_everywhere(plan, "gate", LaneKind::work, true);
  plan.stage("fence");
  add_everywhere(plan, "fence");
  plan.stage("look again").step(set("look", ""));
  plan.point_of_no_return("the first change is made");
  plan.stage("change");
  add_everywhere(plan, "change");
  plan.stage("open");
  add_everywhere(plan, "open", LaneKind::gate);
  plan.stage("roles");
  add_everywhere(plan, "roles");
  return plan.build();
}

}  // namespace bdrmesh::toy
