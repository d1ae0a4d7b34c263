// How a TiCDC's owner holds garbage collection back, and when it stops doing so (ticdc-api §2.2).
#include <algorithm>
#include <functional>

#include "lab/cdc/owner.h"

namespace bdrmesh::lab {

namespace {

bool lost_history(const ChangefeedInfo& info) {
  if (!info.error) return false;
  return info.error->code == "CDC:ErrGCTTLExceeded" ||
         info.error->code == "CDC:ErrSnapshotLostByGC" ||
         info.error->code == "CDC:ErrStartTsBeforeGC";
}

bool holds_gc(const ChangefeedInfo& info) {
  if (info.state == feed_state::kFinished) return false;
  return !(info.state == feed_state::kFailed && lost_history(info));
}

}  // namespace

std::string Owner::gc_service() const {
  return "ticdc-default-" + std::to_string(std::hash<std::string>{}(cluster_.pd_address()));
}

std::uint64_t Owner::gc_safepoint() const {
  const std::int64_t now = to_millis(cluster_.clock.now()) / 1000;
  std::uint64_t least = UINT64_MAX;
  for (const ServiceSafepoint& entry : cluster_.safepoints.list()) {
    if (entry.expired_at > now) least = std::min(least, entry.safe_point);
  }
  return least == UINT64_MAX ? 0 : least;
}

void Owner::keep_gc(MonoTime now) {
  if (gc_kept_ && now - *gc_kept_ < times_.gc_refresh) return;
  gc_kept_ = now;
  std::uint64_t own = UINT64_MAX;
  for (const auto& [id, feed] : feeds_) {
    if (holds_gc(feed.info)) own = std::min(own, feed.checkpoint - 1);
  }
  if (own == UINT64_MAX) return;  // the entry of the last feed runs out by its ttl
  cluster_.safepoints.set(gc_service(), own, times_.gc_ttl);
  for (auto& [id, feed] : feeds_) {
    if (feed.initialised) {
      cluster_.safepoints.remove(gc_service() + "-creating-default_" + id);
      check_gc_ttl(feed, own, cluster_.safepoints.min_or(own));
    }
  }
}

void Owner::check_gc_ttl(Feed& feed, std::uint64_t own, std::uint64_t least) {
  if (!holds_gc(feed.info)) return;
  constexpr int kLogicalBits = 18;
  const auto lag_ms = static_cast<std::int64_t>((cluster_.oracle.next() >> kLogicalBits) -
                                                (feed.checkpoint >> kLogicalBits));
  std::string code;
  std::string text;
  if (own <= least && Millis{lag_ms} > times_.gc_ttl) {
    code = "CDC:ErrGCTTLExceeded";
    text = "the checkpoint-ts(" + std::to_string(feed.checkpoint) +
           ") lag of the changefeed(default/" + feed.info.id +
           ") has exceeded the GC TTL and the changefeed is blocking global GC progression";
  } else if (feed.checkpoint - 1 < least) {
    code = "CDC:ErrSnapshotLostByGC";
    text =
        "fail to create or maintain changefeed due to snapshot loss caused by GC. checkpoint-ts " +
        std::to_string(feed.checkpoint) + " is earlier than or equal to GC safepoint at " +
        std::to_string(least);
  }
  if (code.empty()) return;
  retire_worker(feed);
  feed.retry_at.reset();
  feed.info.state = feed_state::kFailed;
  feed.info.admin_job = 1;
  feed.info.error = FeedError{cluster_.clock.now(), code, "[" + code + "]" + text};
}

}  // namespace bdrmesh::lab
