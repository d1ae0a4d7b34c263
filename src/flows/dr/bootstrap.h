// Makes a pair: the secondary gets a copy of the primary while that serves, and follows it.
#pragma once

#include "flows/backup/backup_stages.h"
#include "flows/kinds.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// The feed begins at the TSO of the backup, without bdr mode, with redo and syncpoints as the
/// group has them. The secondary takes no application's writes from before RESTORE on, and for as
/// long as it is the secondary. Pure.
/// @throws Error precondition `LINKS_THERE`, and as `require_copy`.
Plan plan_bootstrap(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy);

/// `dr.bootstrap` {group, hold_history_ms?}. Blocks.
PlannedOperation dr_bootstrap(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
