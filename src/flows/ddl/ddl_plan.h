// From a judged script to one plan: a pause for whatever needs one, then the rest by its own
// strategies. Pure, except for random names.
#pragma once

#include <string>
#include <vector>

#include "flows/ddl/ddl_stages.h"

namespace bdrmesh::flows {

/// `script` as `with_strategies` left it. The plan's kind is the strongest strategy of the script:
/// `ddl.paused`, `ddl.replicated`, `ddl.everywhere`.
/// @throws Error precondition `LINK_MISSING`, `NOT_MANAGED` when the group has not been applied;
/// `NO_PRIMARY`; invalid `BAD_UNDO` as `fitting_undo`.
Plan plan_ddl(const GroupSnapshot& snapshot, const std::vector<ddl::Statement>& script,
              const DdlOptions& options);

/// Whether writes will be paused.
bool pauses(const std::vector<ddl::Statement>& script);

}  // namespace bdrmesh::flows
