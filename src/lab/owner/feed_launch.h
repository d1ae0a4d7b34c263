// From what is stored of a changefeed to what its worker shall carry. Pure, but for the redo log,
// which the worker opens itself.
#pragma once

#include <string>

#include "lab/core/cluster_state.h"
#include "lab/feed/feed_plan.h"
#include "lab/owner/changefeed.h"

namespace bdrmesh::lab {

/// @param address  of the node that carries it: redo files are named after it.
/// @param from_ts  everything above it is delivered.
/// @throws ApiError when what is stored can not be run; rows up to the present TSO are written with
/// REPLACE, as they may have been delivered before (measured.md A14).
FeedPlan launch_plan(ClusterState& cluster, const ChangefeedInfo& info, const std::string& address,
                     std::uint64_t from_ts);

}  // namespace bdrmesh::lab
