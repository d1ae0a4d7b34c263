// A schema change that TiCDC does not replicate: on every cluster, while nobody writes (design §5,
// "Coordinated DDL").
#pragma once

#include <vector>

#include "flows/ddl/ddl_stages.h"

namespace bdrmesh::flows {

/// Writes the stages of one pause around `part`: everything that can be undone, the line, the
/// change, and back to normal. What of the script follows comes behind.
void add_paused(DdlStages& stages, const Statements& part);

/// The whole script in one pause, whatever its strategies. Pure, except for the random name of the
/// rehearsal's tables.
/// @throws Error precondition `LINK_MISSING`, `NOT_MANAGED` when the group has not been applied.
Plan plan_paused_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
                     const DdlOptions& options);

/// What the pause will roughly take: the slowest link's present lag, one round of gates, the sweep.
/// Unknown without links.
Millis expected_pause(const GroupSnapshot& snapshot, const std::vector<Tso>& origin_now);

}  // namespace bdrmesh::flows
