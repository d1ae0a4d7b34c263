// Operations that rest on a backup, as a user asks for them. Blocks.
#pragma once

#include "flows/backup/backup_stages.h"
#include "flows/kinds.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// `group.apply` {group, from_backup_of, hold_history_ms?}.
PlannedOperation group_from_backup(const FlowPorts& ports, const Json& args, const Call& call);

/// What is to be copied from `source` to `targets`: asked of both now, so that a target that is not
/// empty is refused before anything is begun.
/// @throws Error precondition `TARGET_NOT_EMPTY` with the list; invalid `BAD_ARGUMENT` for a span.
Copy look_at_copy(const FlowPorts& ports, const GroupSpec& group, const ClusterName& source,
                  const std::vector<ClusterName>& targets, const Json& args, const Call& call);

/// What a dry run tells of it.
void add_outlook(const Copy& copy, Json& outlook);

}  // namespace bdrmesh::flows
