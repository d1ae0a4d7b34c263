#include "mesh/judge/gc_budget.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mesh/judge/feed_errors.h"
#include "mesh/judge/span_words.h"
#include "model/version.h"

namespace bdrmesh {
namespace {

constexpr Millis kDefaultTtl{86'400'000};

/// These hold garbage collection for ever, but for failed feeds: those a day (ticdc-api §2.2,
/// tiflow#9535).
bool has_no_ttl_check(const std::string& version) {
  constexpr std::array kWithout{Version{6, 5, 3}, Version{7, 1, 0}, Version{7, 2, 0}};
  const auto parsed = parse_version(version);
  return parsed && std::ranges::find(kWithout, *parsed) != kWithout.end();
}

std::string basis_of(const TicdcTraits& traits, Millis ttl) {
  const std::string told = traits.gc_ttl ? "gc-ttl is " + in_words(ttl)
                                         : "gc-ttl is not told, taken as " + in_words(ttl);
  if (!traits.new_architecture) return told;
  return *traits.new_architecture
             ? told +
                   "; the new architecture holds on while a coordinator lives, but may fail at "
                   "the first step after a later resume"
             : told + "; classic fails the feed then, also a paused one";
}

GcBudget bounded(GcBudget budget, Millis ttl, std::string basis, WallTime now) {
  budget.left = std::max(ttl - budget.used, Millis{0});
  budget.dies_at = now + *budget.left;
  budget.basis = std::move(basis);
  budget.level = budget.used >= ttl              ? "gone"
                 : budget.used >= ttl - ttl / 10 ? "short"
                 : budget.used >= ttl / 2        ? "half"
                                                 : "ample";
  return budget;
}

}  // namespace

std::optional<GcBudget> gc_budget(const FeedSummary& feed, std::optional<Tso> origin_now,
                                  const std::string& ticdc_version, const TicdcTraits& traits,
                                  WallTime now) {
  if (!feed.checkpoint.is_set() || !origin_now) return std::nullopt;
  GcBudget budget;
  budget.used = lag_between(feed.checkpoint, *origin_now);
  if (feed.state == "failed" && feed.error && meaning_of(*feed.error).area == "history") {
    budget.left = Millis{0};
    budget.dies_at = now;
    budget.basis = "TiCDC says that the history is gone: " + feed.error->code;
    budget.level = "gone";
    return budget;
  }
  if (has_no_ttl_check(ticdc_version) && feed.state == "failed") {
    return bounded(budget, kDefaultTtl,
                   ticdc_version + " forgets a failed feed after a day, whatever gc-ttl is", now);
  }
  if (has_no_ttl_check(ticdc_version)) {
    budget.basis =
        ticdc_version + " holds garbage collection without limit; the disk fills instead";
    budget.level = budget.used >= kDefaultTtl / 2 ? "half" : "ample";
    return budget;
  }
  const Millis ttl = traits.gc_ttl.value_or(kDefaultTtl);
  if (traits.new_architecture.value_or(false) && budget.used >= ttl) {
    budget.held_since = feed.checkpoint.time();
    return bounded(budget, ttl,
                   "the TiCDC of the new architecture holds back garbage collection since " +
                       to_rfc3339(*budget.held_since) +
                       " and may throw the history away at the first step after a resumption",
                   now);
  }
  return bounded(budget, ttl, basis_of(traits, ttl), now);
}

}  // namespace bdrmesh
