// What one list of feeds after another tells: which of them move, how fast, and which of TiCDC's
// passing oddities are no news. Pure but for what it remembers. One thread.
#pragma once

#include <deque>
#include <map>

#include "mesh/cluster_seen.h"

namespace bdrmesh {

class FeedWatch {
 public:
  /// A change of the owner takes up to 15 s, a restart 12 s (measured §2 B, §3 17, 18): that long a
  /// silent TiCDC, and a list without an answer, is no fault.
  static constexpr Millis kPassing{20000};
  /// A feed that vanished from the list counts as gone after this (measured §2 A12, A16).
  static constexpr Millis kLingers{3000};

  /// Takes a new list. @return the list to judge by: a checkpoint of 0 of a feed that had one is
  /// that of an owner that has just begun, and a feed that is missing since a moment is kept.
  std::shared_ptr<const FeedSheet> saw(const FeedSheet& fresh, WallTime now);
  /// The list could not be had. @return the last one while that may pass; nullptr afterwards.
  std::shared_ptr<const FeedSheet> missed(WallTime now) const;

  const std::map<ChangefeedId, Movement>& movements() const { return movements_; }

 private:
  struct Sample {
    WallTime at;
    Tso checkpoint;
  };
  void move(const FeedSummary& feed, WallTime now);

  std::shared_ptr<const FeedSheet> last_;
  std::map<ChangefeedId, WallTime> missing_since_;
  std::map<ChangefeedId, Movement> movements_;
  std::map<ChangefeedId, std::deque<Sample>> samples_;
};

}  // namespace bdrmesh
