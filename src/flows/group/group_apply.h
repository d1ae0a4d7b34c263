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

}  // namespace bdrmesh::flows
