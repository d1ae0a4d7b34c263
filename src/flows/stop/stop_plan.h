// The verified stop of a group: `group stop GROUP --open all|NAME|none`. Pure.
#pragma once

#include "flows/snapshot.h"
#include "flows/verify/rows_plan.h"

namespace bdrmesh::flows {

struct StopOptions {
  std::vector<ClusterName> open;  ///< whose gates open at the end; the others stay closed
  bool keep_feeds_paused = false;
  bool accept_unproven = false;  ///< parts of tables that no digest takes are listed, not refused
  bool kill = false;             ///< transactions in the way of the pause
  Millis max_pause{10000};
  Millis grace{500};  ///< before a transaction in the way is killed
  VerifyRowsOptions rows;
};

/// @throws Error precondition `NOT_MANAGED`, `LINK_MISSING`; invalid `NO_TABLES`.
Plan plan_group_stop(const GroupSnapshot& snapshot, const std::vector<TableName>& tables,
                     const StopOptions& options);

/// Lets the paused feeds of a group go on, proves every link, opens gates that a stop left closed,
/// sets the roles as configured. @param held  members whose gate a stop left closed, and its
/// operation
/// @throws Error precondition `FEEDS_REMOVED` when there are none to go on.
Plan plan_group_start(const GroupSnapshot& snapshot,
                      const std::map<ClusterName, std::string>& held);

}  // namespace bdrmesh::flows
