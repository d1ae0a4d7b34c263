// Who carries a feed: its worker belongs to a node, and goes on elsewhere when that node is dead
// (measured.md "Owner change": rows come again as REPLACE after a death, not after a resign).
#include <algorithm>

#include "lab/feed/api_error.h"
#include "lab/owner/feed_launch.h"
#include "lab/owner/owner.h"

namespace bdrmesh::lab {

void Owner::leave_office() {
  const std::lock_guard lock(mutex_);
  if (!in_office_) return;
  in_office_ = false;
  jobs_.clear();
}

void Owner::enter_office() {
  if (!is_classic()) read_saved();
  const std::lock_guard lock(mutex_);
  in_office_ = true;
  gc_.forget();
  gc_kept_.reset();
  const MonoTime now = cluster_.clock.mono();
  for (auto& [id, feed] : feeds_) {
    feed.shown.reset();
    feed.last_synced = 0;
    feed.dml_errors = 0;
    feed.ddl_errors = 0;
    feed.created_in_this_term = false;
    const bool waits = feed.trouble.retry_at.has_value();
    feed.trouble.backoff = Millis{0};
    if (waits && is_classic()) feed.trouble.retry_at = now;
    if (is_classic()) continue;
    if (waits) feed.trouble.retry_at = now + feed.trouble.next_pause(times_.feed);
    if (feed.info.error) feed.info.error->message = cut_for_etcd(feed.info.error->message);
  }
}

void Owner::rest(bool resting) {
  const std::lock_guard lock(mutex_);
  resting_ = resting;
}

std::size_t Owner::idlest_node() const {
  std::vector<std::size_t> feeds(std::max<std::size_t>(nodes_.size(), 1), 0);
  for (const auto& [id, feed] : feeds_) {
    if (feed.carrier < feeds.size()) ++feeds[feed.carrier];
  }
  std::size_t idlest = 0;
  for (std::size_t node = 1; node < feeds.size(); ++node) {
    if (lost_.contains(node)) continue;
    if (lost_.contains(idlest) || feeds[node] < feeds[idlest]) idlest = node;
  }
  return idlest;
}

void Owner::lose(std::size_t node) {
  const std::lock_guard lock(mutex_);
  lost_.insert(node);
  suspended_.erase(node);
  for (auto& [id, feed] : feeds_) {
    if (feed.carrier != node) continue;
    if (feed.worker) feed.worker->abort();
    retire_worker(feed);
    feed.faults->suspend(false);
    feed.checkpoint = feed.info.saved_checkpoint;
  }
}

void Owner::hand_over(std::size_t from, std::size_t to) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, feed] : feeds_) {
    if (feed.carrier != from) continue;
    feed.carrier = to;
    feed.faults->suspend(suspended_.contains(to));
    const bool runs =
        feed.info.state == feed_state::kNormal || feed.info.state == feed_state::kWarning;
    if (feed.initialised && runs && !feed.trouble.retry_at) start_worker(feed);
  }
}

void Owner::welcome(std::size_t node) {
  const std::lock_guard lock(mutex_);
  lost_.erase(node);
}

void Owner::suspend(std::size_t node, bool suspended) {
  const std::lock_guard lock(mutex_);
  if (suspended) suspended_.insert(node);
  if (!suspended) suspended_.erase(node);
  for (auto& [id, feed] : feeds_) {
    if (feed.carrier == node) feed.faults->suspend(suspended);
  }
}

/// Rows up to the present TSO may have been delivered before: they are written with REPLACE
/// (measured.md A14).
void Owner::start_worker(Feed& feed) {
  retire_worker(feed);
  feed.trouble.retry_at.reset();
  if (!can_run(feed)) return;  // begins when another node takes it over
  if (!cluster_.gc.has_history(feed.checkpoint)) {
    const std::string code = "CDC:ErrSnapshotLostByGC";
    return fail(feed, {cluster_.clock.now(), code,
                       "[" + code +
                           "]fail to create or maintain changefeed due to snapshot loss caused by "
                           "GC. checkpoint-ts " +
                           std::to_string(feed.checkpoint) +
                           " is earlier than or equal to GC safepoint at " +
                           std::to_string(cluster_.gc.safe_point())});
  }
  const std::string address = feed.carrier < nodes_.size() ? nodes_[feed.carrier] : "";
  try {
    feed.worker =
        std::make_unique<FeedWorker>(cluster_, sampler_, times_.feed, feed.faults,
                                     launch_plan(cluster_, feed.info, address, feed.checkpoint));
  } catch (const ApiError& e) {
    fail(feed, {cluster_.clock.now(), e.code, e.message()});
  } catch (const Error& e) {
    fail(feed, {cluster_.clock.now(), "CDC:ErrOwnerUnknown", e.message()});
  }
}

void Owner::retire_worker(Feed& feed) {
  if (!feed.worker) return;
  feed.worker->request_stop();
  retired_.push_back(std::move(feed.worker));
}

}  // namespace bdrmesh::lab
