// The part of a feed's worker that holds changes back: for a DDL, whose rows before and behind it
// must not meet it, and for syncpoints (ticdc-api §5.3, §6.3).
#include <algorithm>
#include <utility>

#include "lab/feed/ddl_rules.h"
#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kGather{1500};

}  // namespace

/// Classic stops the whole feed; new only the table, where one table is concerned.
void FeedWorker::open_ddl_barrier(DdlJob job, BinlogPosition end) {
  std::uint64_t shown = 0;
  {
    const std::lock_guard lock(mutex_);
    shown = progress_.checkpoint;
  }
  Barrier barrier;
  barrier.ts = std::max(event_commit_ts(job), shown + 1);
  barrier.stands_at = writers_.classic ? barrier.ts : barrier.ts - 1;
  barrier.all_tables = writers_.classic || !concerns_one_table(job);
  barrier.gather_until = cluster_.clock.mono() + kGather;
  barrier.read_to = end;
  barrier.end = std::move(end);
  barrier.ddl = std::move(job);
  barrier_ = std::move(barrier);
}

void FeedWorker::open_sync_barrier() {
  Barrier barrier;
  barrier.ts = next_sync_;
  barrier.stands_at = next_sync_;
  barrier.gather_until = MonoTime::max();
  barrier.read_to = marks_.empty() ? applied_ : marks_.back().position;
  barrier_ = std::move(barrier);
}

bool FeedWorker::blocks(const RowChange& row) const {
  const auto& ddl = barrier_->ddl;
  if (!ddl) return row.commit_ts > barrier_->ts;
  const bool same_table =
      row.table->schema == ddl->db && (ddl->table.empty() || row.table->name == ddl->table);
  if (same_table) return true;
  return barrier_->all_tables && row.commit_ts > barrier_->ts;
}

/// What the barrier does not concern goes on; the rest waits behind it.
void FeedWorker::hold(FeedItem item, const std::stop_token& stop) {
  barrier_->read_to = item.end;
  std::vector<SinkUnit> free;
  std::vector<SinkUnit> blocked;
  for (SinkUnit& unit : item.units) {
    const bool waits = std::any_of(unit.rows.begin(), unit.rows.end(),
                                   [this](const KeyedChange& row) { return blocks(row.change); });
    if (waits && item.commit_ts <= barrier_->stands_at) barrier_->stands_at = item.commit_ts - 1;
    (waits ? blocked : free).push_back(std::move(unit));
  }
  if (!free.empty() && !pool_->add(std::move(free), stop)) return;
  item.units = std::move(blocked);
  if (item.ddl) {
    // Its own turn comes when this one is over; until then nothing behind it can be judged.
    barrier_->reads = false;
    if (!barrier_->gathered && !has_gathered()) barrier_->gather_until = cluster_.clock.mono();
    const bool is_older = !barrier_->ddl && event_commit_ts(*item.ddl) <= barrier_->ts;
    if (is_older) sync_waits_for_ddl_ = true;
  }
  held_.push_back(std::move(item));
}

/// Whether all rows up to the barrier's timestamp have come.
bool FeedWorker::has_gathered() const {
  return barrier_->read_to.is_set() && sampler_.resolved_at(barrier_->read_to) >= barrier_->ts;
}

void FeedWorker::step_barrier(const std::stop_token& stop) {
  if (barrier_->gathered) {
    // Again, as a redo log may have become durable since.
    if (barrier_->stands_at != 0) hold_checkpoint(barrier_->stands_at);
    step_ddl();
    return;
  }
  const bool complete = has_gathered();
  if (!complete && cluster_.clock.mono() < barrier_->gather_until) return;
  if (!barrier_->ddl && sync_waits_for_ddl_) {
    release();  // the point is taken behind that DDL
    return;
  }
  if (!complete && barrier_->ddl) barrier_->stands_at = 0;
  if (!pool_->drain(stop)) return;
  barrier_->gathered = true;
  if (barrier_->all_tables) barrier_->reads = false;
  if (barrier_->stands_at != 0) hold_checkpoint(barrier_->stands_at);
  if (barrier_->ddl) {
    start_ddl();
    return;
  }
  sync_points_->write(barrier_->ts);
  next_sync_ = next_sync_point(barrier_->ts, plan_.from_ts, plan_.sync_points.interval,
                               cluster_.profile.ticdc);
  release();
}

void FeedWorker::start_ddl() {
  auto run = std::make_unique<DdlRun>(writers_, *barrier_->ddl);
  const std::lock_guard lock(mutex_);
  if (aborted_) run->abort();
  ddl_ = std::move(run);
}

void FeedWorker::step_ddl() {
  if (const auto failure = ddl_->failure()) throw *failure;
  set_warning(ddl_->warning());
  const bool done = ddl_->is_done();
  if (!done && !ddl_->may_go_on_alone()) return;
  set_warning(std::nullopt);
  {
    const std::lock_guard lock(mutex_);
    if (!done) alone_.push_back(std::move(ddl_));
    ddl_.reset();
  }
  mark(barrier_->end);
  sync_waits_for_ddl_ = false;
  release();
}

void FeedWorker::release() {
  barrier_.reset();
  for (; !held_.empty(); held_.pop_back()) waiting_.push_front(std::move(held_.back()));
}

}  // namespace bdrmesh::lab
