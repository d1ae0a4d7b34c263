// The verdict over one link: by movement, never by state alone (design §2 rule 6). Pure.
#pragma once

#include <optional>
#include <string>

#include "mesh/cluster_seen.h"

namespace bdrmesh {

struct LinkVerdict {
  std::string word;  ///< moving, slow, stuck, stopped, failed, missing, unknown
  std::string why;
  std::optional<Millis> lag;
  std::optional<WallTime> since{};  ///< it is so since, where that can be told
};

/// What a heartbeat tells of the link; see Heartbeats.
struct BeatSeen {
  std::optional<WallTime> proven_at;   ///< the newest heartbeat that arrived was written then
  std::optional<WallTime> lost_since;  ///< the checkpoint has passed one that is not on the target
};

/// @param feed      the feed in use as the list shows it; std::nullopt: not on the list
/// @param movement  what was watched of it; std::nullopt: nothing yet
LinkVerdict judge_link(const ClusterSeen& origin, const std::optional<FeedSummary>& feed,
                       const std::optional<Movement>& movement, WallTime now,
                       const BeatSeen& beat = {});

/// Whether a person should look at a link with this verdict.
bool is_fault(const LinkVerdict& verdict);

}  // namespace bdrmesh
