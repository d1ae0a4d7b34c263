// Makes a group as the configuration wants it: settings, schemas, links from equal data, roles,
// proof.
#pragma once

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct ApplyOptions {
  Millis pause_budget{
      30000};         ///< how long the gates may stay closed while start positions are taken
  bool kill = false;  ///< kill transactions that do not end within a moment
};

/// Plans what `changes` finds. Without missing links nothing is paused and only settings, roles and
/// the proof remain. Pure.
/// @throws Error precondition `DRIFT` for changes that are refused, naming the first.
Plan plan_group_apply(const Desired& desired, const GroupSnapshot& snapshot,
                      const ApplyOptions& options);

// Stages that starting from a backup and joining share with it.

/// `expected`: findings that do not count, because the operation is there to end them.
void examine(PlanBuilder& plan, const GroupSnapshot& snapshot,
             const std::vector<std::string>& expected);
/// Token, source id, marker schema of every member.
void set_up_clusters(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot);
void check_tables(PlanBuilder& plan, const GroupSnapshot& snapshot);
/// Every link of the snapshot, from the fact "start" of its origin.
void create_links(PlanBuilder& plan, const GroupSnapshot& snapshot);
void set_wanted_roles(PlanBuilder& plan, const GroupSnapshot& snapshot);
/// A marker through every link of the snapshot.
void prove_links(PlanBuilder& plan, const GroupSnapshot& snapshot);

}  // namespace bdrmesh::flows
