// How long a feed may stand still before the history that it needs is gone (design §2 rule 14,
// ticdc-api §2.2). Pure.
#pragma once

#include <optional>
#include <string>

#include "clients/ticdc_client.h"
#include "mesh/cluster_seen.h"

namespace bdrmesh {

struct GcBudget {
  Millis used{0};                   ///< the feed is so far behind
  std::optional<Millis> left;       ///< absent: it holds the history without limit
  std::optional<WallTime> dies_at;  ///< when nothing moves until then
  std::string basis;                ///< by which rule, in words
  std::string level;  ///< ample, half (spent: look at it), short (a tenth is left), gone
  /// Beyond its time, and the new architecture holds back garbage collection for it since then.
  std::optional<WallTime> held_since{};

  bool operator==(const GcBudget&) const = default;
};

/// Reckons for the worst case: that TiCDC is the one that holds back garbage collection. A server
/// that does not tell its gc-ttl is taken to have the default, a day.
/// @return std::nullopt for a feed without a position, or without a time of its origin.
std::optional<GcBudget> gc_budget(const FeedSummary& feed, std::optional<Tso> origin_now,
                                  const std::string& ticdc_version, const TicdcTraits& traits,
                                  WallTime now);

}  // namespace bdrmesh
