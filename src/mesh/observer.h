// Looks at every cluster on a tick of its own and keeps the latest look. One cluster that hangs
// delays nobody else's. Judging is pure and below; deciding what to do about it is not done here.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mesh/feed_board.h"
#include "mesh/gate_view.h"
#include "model/desired.h"

namespace bdrmesh {

struct TicdcSeen {
  std::string version;
  bool healthy = false;
  std::string error;
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
  std::optional<Tso> now;  ///< the cluster's own time
  TicdcSeen ticdc;
  std::shared_ptr<const FeedSheet> feeds;
  std::string error;

  /// `open`, `closed`, `closing` (not alike on all servers) or `unknown`.
  std::string gate_state() const;
};

/// When a feed's checkpoint last moved, as far as we watched.
struct Movement {
  Tso checkpoint;
  WallTime since;  ///< it stands there since; or we have watched since
};

struct LinkVerdict {
  std::string word;  ///< moving, slow, stuck, stopped, failed, missing, unknown
  std::string why;
  std::optional<Millis> lag;
};

/// Judges by movement, never by state alone (design §2 rule 6). Pure.
LinkVerdict judge_link(const ClusterSeen& origin, const std::optional<FeedSummary>& feed,
                       const std::optional<Movement>& movement, WallTime now);

class Observer {
 public:
  struct Options {
    Millis tick{1000};
    Millis patience{5000};  ///< one look may take so long
  };

  Observer(const Desired& desired, World& world, FeedBoard& feeds, const Clock& clock,
           Options options);
  Observer(const Desired& desired, World& world, FeedBoard& feeds, const Clock& clock)
      : Observer(desired, world, feeds, clock, Options{}) {}
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// Begins to look; does not block.
  void start();
  /// Ends after the looks in progress; joins.
  void stop();

  /// nullptr before the first look ended.
  std::shared_ptr<const ClusterSeen> latest(const ClusterName& cluster) const;
  std::optional<Movement> movement(const ClusterName& cluster, const ChangefeedId& feed) const;

 private:
  void watch(const ClusterName& cluster, const std::stop_token& stop);
  ClusterSeen look(const ClusterName& cluster, const Call& call, const std::string& known_release);
  void keep(const ClusterName& cluster, ClusterSeen seen);

  const Desired& desired_;
  World& world_;
  FeedBoard& feeds_;
  const Clock& clock_;
  Options options_;
  mutable std::mutex mutex_;  // guards latest_ and movements_
  std::map<ClusterName, std::shared_ptr<const ClusterSeen>> latest_;
  std::map<ClusterName, std::map<ChangefeedId, Movement>> movements_;
  std::vector<std::jthread> threads_;
};

}  // namespace bdrmesh
