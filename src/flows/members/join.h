// A new member joins a mesh that serves: an exact cut, a copy of one member at it, feeds both ways.
#pragma once

#include "flows/backup/backup_stages.h"
#include "flows/kinds.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct JoinOptions {
  Millis max_pause{10000};  ///< how long the serving members' gates may stay closed for the cut
  bool kill = false;        ///< kill transactions that do not end within a moment
  /// The newcomer was evicted: its users are locked, and its TiCDC may still have its old feeds.
  bool evicted = false;
};

/// `snapshot` holds the serving members, the newcomer (`copy.targets`), and the links between all
/// of them. Start positions: at the cut the serving members have the same rows, and each one's TSO
/// is taken. The newcomer gets the source's copy at the source's TSO, then from every member what
/// was written there after that member's own TSO; in bdr mode a feed carries only what its own
/// cluster's applications wrote, so nothing comes twice. Its own feeds begin after RESTORE, whose
/// rows nobody else needs. Pure.
/// @throws Error precondition `MEMBER_HAS_FEEDS`, `MESH_INCOMPLETE`, `GROUP_NOT_RUNNING`, and as
/// `require_copy`.
Plan plan_join(const Desired& desired, const GroupSnapshot& snapshot, const Copy& copy,
               const JoinOptions& options);

/// `cluster.join` {cluster, group?, source?, max_pause_ms?, hold_history_ms?, kill?, no_cut?}.
/// Blocks.
PlannedOperation cluster_join(const FlowPorts& ports, const Json& args, const Call& call);

}  // namespace bdrmesh::flows
