// The operations on one link: pause, resume, adopt, repair. Planners are pure.
#pragma once

#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// The snapshot of `link`. @throws Error invalid `UNKNOWN_LINK`.
const LinkSnapshot& link_of(const GroupSnapshot& snapshot, const Link& link);

/// @throws Error precondition `LINK_MISSING`.
Plan plan_link_pause(const GroupSnapshot& snapshot, const LinkSnapshot& link);
Plan plan_link_resume(const GroupSnapshot& snapshot, const LinkSnapshot& link);
/// Lets a feed go on that failed, and waits for nothing: whether it moves, whoever watches it sees.
/// @throws also Error precondition `LINK_NOT_FAILED`.
Plan plan_link_resume_once(const GroupSnapshot& snapshot, const LinkSnapshot& link);
/// @throws also Error precondition `LINK_IN_BOOK`, when there is nothing to adopt.
Plan plan_link_adopt(const GroupSnapshot& snapshot, const LinkSnapshot& link);

struct RepairOptions {
  bool replace = false;      ///< a new incarnation though nothing seems wrong with the feed
  std::string lose_rows_of;  ///< the link's name, typed: begin now though rows in between are lost
};

/// What a repair does, decided from the snapshot: resume; a new incarnation from where the old one
/// stopped; from the last proven position when the feed is gone; or, confirmed, from now.
/// @throws Error precondition `REPAIR_LOSES_ROWS` when only a confirmed loss helps,
/// `NOT_CONFIRMED`, `DRIFT` for what no repair may touch.
Plan plan_link_repair(const Desired& desired, const GroupSnapshot& snapshot,
                      const LinkSnapshot& link, const RepairOptions& options);

/// The number of the changefeed that would be made next.
int next_incarnation(const GroupSnapshot& snapshot, const LinkSnapshot& link);

/// Stages that put a new incarnation beside each link's stopped feed, prove it, and remove the old
/// one behind the line. Also for `group apply`.
void replace_feeds(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot,
                   const std::vector<LinkSnapshot>& links);

}  // namespace bdrmesh::flows
