// When the owner renews what its feeds hold in PD, and looks which of them to give up.
#include <algorithm>

#include "lab/owner/owner.h"

namespace bdrmesh::lab {

std::uint64_t Owner::gc_safepoint() const { return cluster_.safepoints.minimum(); }

void Owner::renew_gc() {
  const std::lock_guard lock(mutex_);
  if (in_office_ && !resting_) renew_gc_locked(cluster_.clock.mono());
}

void Owner::keep_gc(MonoTime now) {
  const bool due = !gc_kept_ || now - *gc_kept_ >= times_.gc_refresh;
  if (due || gc_.is_outdated()) renew_gc_locked(now);
  if (gc_.rule() == GcRule::at_checkpoints) return;
  for (auto& [id, feed] : feeds_) {
    if (feed.initialised) check_gc(feed);
  }
}

void Owner::renew_gc_locked(MonoTime now) {
  gc_kept_ = now;
  std::optional<std::uint64_t> least;
  for (const auto& [id, feed] : feeds_) {
    if (!gc_.holds(feed.info, feed.checkpoint)) continue;
    least = std::min(least.value_or(feed.checkpoint), feed.checkpoint);
  }
  gc_.renew(least);
  if (is_classic()) return;
  const std::uint64_t kept = least.value_or(cluster_.oracle.next());
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (!lost_.contains(node)) gc_.renew_keeper(nodes_[node], kept);
  }
  for (auto& [id, feed] : feeds_) {
    // A new coordinator does not know that it should (measured.md §3.22).
    if (feed.created_in_this_term) gc_.drop_creating(id);
    feed.created_in_this_term = false;
  }
}

void Owner::check_gc(Feed& feed) {
  if (auto lost = gc_.verdict(feed.info, feed.checkpoint)) fail(feed, std::move(*lost));
}

}  // namespace bdrmesh::lab
