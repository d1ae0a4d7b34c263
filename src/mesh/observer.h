// Looks at every cluster on a tick of its own and keeps the latest look. One cluster that hangs
// delays nobody else's. Judging is pure and in judge/; deciding what to do about it is not done
// here. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "mesh/cluster_seen.h"
#include "mesh/feed_board.h"
#include "mesh/feed_watch.h"
#include "mesh/gate_view.h"
#include "mesh/judge/link_verdict.h"
#include "model/desired.h"

namespace bdrmesh {

class Observer {
 public:
  struct Options {
    Millis tick{1000};
    Millis patience{5000};    ///< one look at TiDB may take so long, and one at TiCDC
    Millis seldom{10000};     ///< version, health and settings of TiCDC, and PD's id
    Millis reread{30000};     ///< a feed's configuration is read again after this, if nothing
                              ///< happened to it; at once after a change of its state
    std::size_t details = 2;  ///< configurations read per look at most
  };

  Observer(const Desired& desired, World& world, FeedBoard& feeds, const Clock& clock,
           Options options);
  Observer(const Desired& desired, World& world, FeedBoard& feeds, const Clock& clock)
      : Observer(desired, world, feeds, clock, Options{}) {}
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// What is done after each look by the thread that looked; before `start`. May throw Error.
  using AfterLook = std::function<void(const ClusterSeen&, const Call&)>;
  void after_each_look(AfterLook after) { after_ = std::move(after); }

  /// Begins to look; does not block.
  void start();
  /// Ends after the looks in progress; joins.
  void stop();

  /// nullptr before the first look ended.
  std::shared_ptr<const ClusterSeen> latest(const ClusterName& cluster) const;
  std::optional<Movement> movement(const ClusterName& cluster, const ChangefeedId& feed) const;

 private:
  /// What one cluster's thread remembers from look to look.
  struct Watching {
    std::string release;
    TicdcSeen ticdc;
    std::optional<std::uint64_t> pd_cluster_id;
    std::optional<MonoTime> seldom_due;
    std::optional<MonoTime> unhealthy_since;
    FeedWatch feeds;
    std::map<ChangefeedId, FeedDetail> details;
    std::map<ChangefeedId, WallTime> details_read;
  };

  void watch(const ClusterName& cluster, const std::stop_token& stop);
  ClusterSeen look(const ClusterName& cluster, const Call& call, Watching& known);
  /// The same call, with the whole patience before it.
  Call fresh_call(const Call& call) const;
  void look_at_tidb(ClusterSeen& seen, const Call& call, Watching& known);
  void look_at_ticdc(ClusterSeen& seen, const Call& call, Watching& known);
  void note_health(bool healthy, Watching& known) const;
  void read_details(const ClusterSeen& seen, const FeedSheet& fresh, const Call& call,
                    Watching& known);
  void keep(ClusterSeen seen, const Watching& known);

  const Desired& desired_;
  World& world_;
  FeedBoard& feeds_;
  const Clock& clock_;
  Options options_;
  AfterLook after_;
  mutable std::mutex mutex_;  // guards latest_ and movements_
  std::map<ClusterName, std::shared_ptr<const ClusterSeen>> latest_;
  std::map<ClusterName, std::map<ChangefeedId, Movement>> movements_;
  std::vector<std::jthread> threads_;
};

}  // namespace bdrmesh
