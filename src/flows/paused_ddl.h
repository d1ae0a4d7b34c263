// A schema change that TiCDC does not replicate: on every cluster, while nobody writes (design §5,
// "Coordinated DDL").
#pragma once

#include <string>
#include <vector>

#include "ddl/classify.h"
#include "ddl/table_check.h"
#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

struct DdlOptions {
  std::string schema;       ///< default schema of the session
  Millis max_pause{10000};  ///< from closing the gates to the line; then everything is undone
  Millis max_lag{10000};    ///< links must be nearer than this before the gates close
  bool kill = false;        ///< kill transactions that do not end within `grace`
  Millis grace{500};
};

/// What the classifier must know about the group.
ddl::Context classifier_context(const GroupSnapshot& snapshot, const DdlOptions& options);

/// Classifies the script for this group, reading the definitions that the text leaves open from the
/// first member. Blocks.
/// @throws Error invalid `DDL_SYNTAX`, `NOT_DDL`; precondition `DDL_STATEMENT_REFUSED` with the
/// reason when a statement must not run in this group at all.
std::vector<ddl::Statement> classify_for_group(const FlowPorts& ports,
                                               const GroupSnapshot& snapshot,
                                               const std::string& script, const DdlOptions& options,
                                               const Call& call);

/// Every statement runs paused, also those that a weaker strategy would do for: one pause, one
/// order. Pure, except for the random name of the rehearsal's schema.
/// @throws Error precondition `LINK_MISSING`, `NOT_MANAGED` when the group has not been applied.
Plan plan_paused_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
                     const DdlOptions& options);

/// What the pause will roughly take: the slowest link's present lag, one round of gates, the sweep.
/// Unknown without links.
Millis expected_pause(const GroupSnapshot& snapshot, const std::vector<Tso>& origin_now);

}  // namespace bdrmesh::flows
