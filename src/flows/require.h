// What planners require of a group before anything else. Pure.
#pragma once

#include <vector>

#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// Every cluster is this manager's, with the marker schema.
/// @throws Error precondition `NOT_MANAGED` naming the first that is not.
void require_managed(const GroupSnapshot& snapshot);
/// Each of `links` has a changefeed.
/// @throws Error precondition `LINK_MISSING` naming the first that has none.
void require_feeds(const GroupSnapshot& snapshot, const std::vector<LinkSnapshot>& links);

}  // namespace bdrmesh::flows
