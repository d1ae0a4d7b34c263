// What must be remembered of links beyond a restart: incarnations and up to where each is proven.
// The state file implements it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/link.h"
#include "model/tso.h"

namespace bdrmesh {

struct LinkIncarnation {
  GroupName group;
  Link link;
  int number = 0;
  ChangefeedId changefeed;
  Tso start;
  Tso proven;  ///< the target has everything of the origin up to here
  std::optional<WallTime> proven_at;
  bool removed = false;
};

/// Implementations are thread-safe; each call is durable when it returns.
class LinkBook {
 public:
  virtual ~LinkBook() = default;
  virtual std::vector<LinkIncarnation> incarnations(const GroupName& group) const = 0;
  virtual void put(const LinkIncarnation& incarnation) = 0;
  /// Records that `changefeed` was proven up to `tso` at `at`; never moves back.
  virtual void proven(const GroupName& group, const Link& link, const ChangefeedId& changefeed,
                      Tso tso, WallTime at) = 0;
};

/// A stretch of the origin's history of which nobody knows that the target has it.
struct ProofGap {
  Tso from;
  Tso to;
};

/// What lies between the position up to which the predecessor of `feed` was proven and the start of
/// `feed` (design §1, continuous). @return std::nullopt: nothing does, or it is the first one.
std::optional<ProofGap> gap_before(const std::vector<LinkIncarnation>& all,
                                   const ChangefeedId& feed);

/// The highest number used so far for the link; 0 when it never had a feed.
int last_incarnation(const std::vector<LinkIncarnation>& all, const Link& link);

}  // namespace bdrmesh
