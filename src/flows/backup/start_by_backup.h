// Brings a group up from one member's data: its tables are copied into the others, which are empty,
// while it serves.
#pragma once

#include "engine/plan.h"
#include "flows/backup/backup_stages.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// The start positions: outgoing feeds of the source begin at the TSO of the backup, so that what
/// was written there since follows; those of the restored members begin at a TSO of their own that
/// is taken after RESTORE, behind closed gates: restored rows are no news to anybody, and a feed
/// that began before them would send them back. Pure.
/// @throws Error precondition `LINKS_THERE` when the group has feeds, and as `require_copy`.
Plan plan_start_by_backup(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy);

/// Locks all of the group, and the stages before anything is copied: the doctor, the targets, our
/// schemas, the storage tried while the source has no role. Pure.
void prepare_copy(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot,
                  const Copy& copy);

}  // namespace bdrmesh::flows
