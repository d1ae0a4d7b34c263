#include "lab/feed/feed_worker.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kIdle{100};
constexpr Millis kBusy{20};  // rows are in flight: the checkpoint moves soon
constexpr Millis kEngineRetry{300};

}  // namespace

FeedWorker::FeedWorker(ClusterState& cluster, const PositionSampler& sampler,
                       const FeedTimes& times, std::shared_ptr<FeedFaults> faults, FeedPlan plan)
    : cluster_(cluster),
      sampler_(sampler),
      times_(times),
      faults_(std::move(faults)),
      plan_(std::move(plan)),
      // Classic reads the source id once, at its start; new tags everything with 1 (ticdc-api
      // §4.2).
      writers_{cluster.clock,
               cluster.profile.is_classic(),
               plan_.sink,
               plan_.options,
               cluster.profile.is_classic() ? cluster.source_id() : 1,
               times_,
               faults_} {
  from_ts_ = plan_.from_ts;
  replace_up_to_ = plan_.replace_up_to;
  progress_.checkpoint = plan_.from_ts;
  progress_.resolved = plan_.from_ts;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FeedWorker::~FeedWorker() {
  thread_.request_stop();
  abort();
}

FeedWorker::Progress FeedWorker::progress() const {
  const std::lock_guard lock(mutex_);
  Progress seen = progress_;
  seen.rows = rows_before_;
  if (pool_) {
    const SinkPool::Counts counts = pool_->counts();
    seen.rows += counts.rows;
    seen.last_synced = std::max(seen.last_synced, counts.last_synced);
  }
  return seen;
}

bool FeedWorker::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void FeedWorker::request_stop() {
  thread_.request_stop();
  if (writers_.classic && plan_.options.pessimistic) abort();
}

void FeedWorker::forget() {
  std::shared_ptr<ChangeLog> redo;
  {
    const std::lock_guard lock(mutex_);
    forgotten_ = true;
    redo = redo_;
  }
  if (redo) redo->forget();
}

void FeedWorker::open_redo() {
  if (!plan_.open_redo) return;
  try {
    auto redo = plan_.open_redo(plan_.from_ts);
    const std::lock_guard lock(mutex_);
    redo_ = std::move(redo);
    if (redo_ && forgotten_) redo_->forget();
  } catch (const Error& e) {
    throw FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrRedoMetaInitialize",
                      "[CDC:ErrRedoMetaInitialize]initialize meta for redo log: " + e.message());
  }
}

void FeedWorker::abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  if (pool_) pool_->abort();
  if (ddl_) ddl_->abort();
  for (const auto& run : alone_) run->abort();
  if (sync_points_) sync_points_->abort();
}

void FeedWorker::run(const std::stop_token& stop) {
  bool has_redo = false;
  while (!stop.stop_requested()) {
    try {
      if (!std::exchange(has_redo, true)) open_redo();
      replicate(stop);
      break;
    } catch (const FeedFailure& e) {
      note_failure(e);
      break;
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::bug) {
        note_failure(
            FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrProcessorUnknown", e.message()));
        break;
      }
      // The upstream's engine is away: as with TiKV away, the checkpoint just stands.
      tear_down();
      cluster_.clock.wait_for(kEngineRetry, stop);
      from_ts_ = progress().checkpoint;
      replace_up_to_ = cluster_.oracle.next();
    }
  }
  tear_down();
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

void FeedWorker::note_failure(const FeedFailure& failure) {
  // The new architecture wraps what it cannot name (ticdc-api §2.1).
  const bool retryable = failure.kind == FeedFailure::Kind::retryable;
  const std::string code = writers_.classic ? failure.code
                           : retryable      ? "CDC:ErrChangefeedRetryable"
                                            : "CDC:ErrChangefeedUnretryable";
  const std::lock_guard lock(mutex_);
  progress_.ended_by = FeedError{cluster_.clock.now(), code, failure.what()};
  progress_.ended_kind = failure.kind;
}

/// Blocks until transactions in flight are over.
void FeedWorker::tear_down() {
  source_.reset();
  std::unique_ptr<SinkPool> pool;
  std::unique_ptr<DdlRun> ddl;
  std::vector<std::unique_ptr<DdlRun>> alone;
  {
    const std::lock_guard lock(mutex_);
    if (ddl_) ddl_->abort();  // what the downstream began goes on there
    for (const auto& run : alone_) run->abort();
    ddl = std::move(ddl_);
    alone = std::exchange(alone_, {});
    if (!pool_) return;
  }
  {
    // The pool stays reachable for abort() while its writers end.
    std::unique_lock lock(mutex_);
    pool_->request_stop();
    lock.unlock();
    pool_->join();
    lock.lock();
    rows_before_ += pool_->counts().rows;
    progress_.last_synced = std::max(progress_.last_synced, pool_->counts().last_synced);
    pool = std::move(pool_);
  }
}

/// Begins at what the checkpoint says; what was applied beyond it is delivered again.
void FeedWorker::start_over() {
  waiting_.clear();
  held_.clear();
  marks_.clear();
  barrier_.reset();
  sync_waits_for_ddl_ = false;
  applied_ = {};
  {
    const std::lock_guard lock(mutex_);
    pool_ = std::make_unique<SinkPool>(writers_);
    if (aborted_) pool_->abort();
    if (plan_.sync_points.enabled && !sync_points_) {
      const std::string name = writers_.classic ? plan_.id : plan_.space + "/" + plan_.id;
      sync_points_ = std::make_unique<SyncPoints>(writers_, name, plan_.sync_points.retention);
    }
  }
  if (plan_.sync_points.enabled) {
    // A point at which the feed stood may not have been written.
    next_sync_ = next_sync_point(from_ts_ - 1, plan_.from_ts, plan_.sync_points.interval,
                                 cluster_.profile.ticdc);
  }
  source_.emplace(cluster_, sampler_, plan_, *faults_, redo_.get(), from_ts_, replace_up_to_);
}

void FeedWorker::replicate(const std::stop_token& stop) {
  start_over();
  while (!stop.stop_requested() && faults_->pass(stop)) {
    step(stop);
    const std::lock_guard lock(mutex_);
    if (progress_.finished) return;
  }
}

void FeedWorker::step(const std::stop_token& stop) {
  if (const auto failure = pool_->failure()) throw *failure;
  std::erase_if(alone_, [](const auto& run) { return run->has_ended(); });
  const bool sync_is_due = next_sync_ != 0 && sampler_.newest() >= next_sync_;
  if (!barrier_ && sync_is_due && !sync_waits_for_ddl_) open_sync_barrier();
  if (barrier_) step_barrier(stop);
  if (auto item = next_item(stop)) take(std::move(*item), stop);
  publish();
}

std::optional<FeedItem> FeedWorker::next_item(const std::stop_token& stop) {
  constexpr Millis kBarrierStep{5};
  constexpr std::size_t kMostHeld = 20000;
  if (barrier_ && (!barrier_->reads || held_.size() > kMostHeld)) {
    cluster_.clock.wait_for(kBarrierStep, stop);
    return std::nullopt;
  }
  if (!waiting_.empty()) {
    FeedItem item = std::move(waiting_.front());
    waiting_.pop_front();
    return item;
  }
  const Millis wait = barrier_ ? kBarrierStep : pool_->is_idle() ? kIdle : kBusy;
  return source_->next(wait, stop);
}

void FeedWorker::take(FeedItem item, const std::stop_token& stop) {
  if (barrier_) {
    hold(std::move(item), stop);
    return;
  }
  if (!item.units.empty() && !pool_->add(std::move(item.units), stop)) return;
  if (item.ddl) {
    open_ddl_barrier(std::move(*item.ddl), std::move(item.end));
  } else {
    mark(std::move(item.end));
  }
}

void FeedWorker::mark(BinlogPosition position) {
  const std::uint64_t unit = pool_->last_added();
  if (!marks_.empty() && marks_.back().unit == unit) {
    marks_.back().position = std::move(position);
  } else {
    marks_.push_back({unit, std::move(position)});
  }
}

void FeedWorker::publish() {
  const std::uint64_t done = pool_->done_up_to();
  while (!marks_.empty() && marks_.front().unit <= done) {
    applied_ = std::move(marks_.front().position);
    marks_.pop_front();
  }
  const std::uint64_t newest = sampler_.newest();
  std::uint64_t reached = applied_.is_set() ? sampler_.resolved_at(applied_) : 0;
  if (redo_) reached = std::min(reached, redo_->durable_to());
  if (barrier_) reached = std::min(reached, barrier_->ts - 1);
  if (next_sync_ != 0) reached = std::min(reached, next_sync_ - 1);
  std::uint64_t checkpoint = 0;
  {
    const std::lock_guard lock(mutex_);
    progress_.resolved = std::max(progress_.resolved, newest);
    progress_.checkpoint = std::max(progress_.checkpoint, reached);
    if (plan_.target_ts != 0 && progress_.checkpoint >= plan_.target_ts) {
      progress_.checkpoint = plan_.target_ts;
      progress_.finished = true;
    }
    checkpoint = progress_.checkpoint;
  }
  if (redo_) redo_->note_checkpoint(checkpoint);
}

void FeedWorker::hold_checkpoint(std::uint64_t ts) {
  if (redo_) ts = std::min(ts, redo_->durable_to());
  const std::lock_guard lock(mutex_);
  progress_.checkpoint = std::max(progress_.checkpoint, ts);
}

void FeedWorker::set_warning(std::optional<FeedError> warning) {
  const std::lock_guard lock(mutex_);
  progress_.warning = std::move(warning);
}

}  // namespace bdrmesh::lab
