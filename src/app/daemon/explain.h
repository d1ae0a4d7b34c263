// Explains one link: what the watch knows, and what the target says when it is asked now. Blocks
// for two seconds at most.
#pragma once

#include "mesh/judge/explain.h"
#include "mesh/mesh_watch.h"

namespace bdrmesh {

/// @param origin, target  nullptr: not asked yet
/// @return [{"area","text","remedy","certain"}], certain ones first.
Json explain(const GroupName& group, const Link& link, const LinkSeen& seen,
             const ClusterSeen* origin, const ClusterSeen* target, TidbCluster& target_tidb,
             const std::string& sink_user, const Clock& clock, const Call& call);

}  // namespace bdrmesh
