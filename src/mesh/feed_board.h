// One list call per TiCDC cluster serves everybody who waits for its feeds (design §5).
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "clients/world.h"

namespace bdrmesh {

/// The feeds of one TiCDC cluster as one answer told them.
struct FeedSheet {
  MonoTime asked;  ///< the request left after this
  WallTime at;
  std::map<ChangefeedId, FeedSummary> feeds;

  std::optional<FeedSummary> find(const ChangefeedId& id) const;
};

class FeedBoard {
 public:
  FeedBoard(World& world, const Clock& clock) : world_(world), clock_(clock) {}

  /// A sheet that was asked for not before `not_before`; asks if nobody has yet, waits for a
  /// running request. Blocks.
  /// @throws Error transient as TicdcClient::list.
  std::shared_ptr<const FeedSheet> look(const ClusterName& cluster, MonoTime not_before,
                                        const Call& call);

  /// What was asked before this counts for nobody any more: we have just changed a feed there.
  /// Waits for a running request.
  void forget(const ClusterName& cluster);

 private:
  struct Slot {
    std::mutex asking;  // held during the request; guards sheet
    std::shared_ptr<const FeedSheet> sheet;
  };
  Slot& slot_of(const ClusterName& cluster);

  World& world_;
  const Clock& clock_;
  std::mutex mutex_;  // guards slots_
  std::map<ClusterName, Slot> slots_;
};

}  // namespace bdrmesh
