// One look at one cluster, and what many looks tell about its feeds. Values; nothing here asks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "mesh/feed_board.h"
#include "mesh/gate_view.h"

namespace bdrmesh {

struct TicdcSeen {
  std::string version;
  bool healthy = false;
  std::string error;    ///< why it counts as not answering; empty while that may still pass
  std::string trouble;  ///< why the newest question got no answer
  TicdcTraits traits;
};

/// One look at one cluster; immutable. What could not be asked is absent, and `error` says why.
struct ClusterSeen {
  ClusterName name;
  WallTime at;
  std::string release;
  std::optional<int> source_id;
  std::optional<std::string> role;  ///< primary, secondary, none, unknown
  GateView gate;
  std::optional<TokenRow> token;
  std::optional<Tso> now;             ///< the cluster's own time
  std::optional<Millis> clock_ahead;  ///< of its PD before ours; negative: behind
  std::optional<std::uint64_t> pd_cluster_id;
  TicdcSeen ticdc;
  /// The newest list that TiCDC gave, for as long as a change of its owner may take.
  std::shared_ptr<const FeedSheet> feeds;
  std::map<ChangefeedId, FeedDetail> details;  ///< read now and then, see Observer
  std::string error;

  /// `open`, `closed`, `closing` (not alike on all servers) or `unknown`.
  std::string gate_state() const;
};

/// When a feed's checkpoint last moved, as far as we watched.
struct Movement {
  Tso checkpoint;
  WallTime since;  ///< it stands there since; or we have watched since
  /// Seconds of the origin's history that it goes through in a second; absent: too short a time.
  std::optional<double> speed{};
  std::string state{};     ///< the last one seen
  WallTime state_since{};  ///< it has that state since
  WallTime first_seen{};   ///< we know this feed since
};

}  // namespace bdrmesh
