#include "lab/cdc/owner.h"

#include <algorithm>
#include <utility>

#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

bool runs(const std::string& state) {
  return state == feed_state::kNormal || state == feed_state::kWarning;
}

}  // namespace

Owner::Owner(ClusterState& cluster, const PositionSampler& sampler, OwnerTimes times)
    : cluster_(cluster), sampler_(sampler), times_(times) {}

Owner::~Owner() { stop(); }

void Owner::start() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, feed] : feeds_) {
    feed.born = cluster_.clock.mono();
    feed.checkpoint = feed.info.saved_checkpoint;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Owner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  std::vector<std::unique_ptr<FeedWorker>> ending;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, feed] : feeds_) {
      retire_worker(feed);
      feed.initialised = false;
      feed.shown.reset();
      feed.retry_at.reset();
      feed.last_synced = 0;
      if (feed.info.state == feed_state::kPending || feed.info.state == feed_state::kWarning) {
        feed.info.state = feed_state::kNormal;
      }
    }
    jobs_.clear();
    ending = std::exchange(retired_, {});
  }
  for (const auto& worker : ending) {
    worker->request_stop();
    worker->abort();
  }
}

void Owner::run(const std::stop_token& stop) {
  while (cluster_.clock.wait_for(times_.tick, stop)) tick();
}

void Owner::tick() {
  const std::lock_guard lock(mutex_);
  if (suspended_) return;
  const MonoTime now = cluster_.clock.mono();
  run_jobs(now);
  for (auto& [id, feed] : feeds_) watch(feed, now);
  std::erase_if(retired_, [](const auto& worker) { return worker->ended(); });
  save(now);
  keep_gc(now);
}

Millis Owner::age(const Feed& feed) const {
  return std::chrono::duration_cast<Millis>(cluster_.clock.mono() - feed.born);
}

void Owner::create(ChangefeedInfo info) {
  const std::lock_guard lock(mutex_);
  if (feeds_.contains(info.id)) {
    if (!cluster_.profile.is_classic()) throw ApiError(500, "", "changefeed already exists");
    throw ApiError(500, "DFLOW:ErrMetaOpFailed",
                   "unexpected meta operation failure: Create changefeed default/" + info.id);
  }
  Feed feed;
  feed.born = cluster_.clock.mono();
  info.saved_checkpoint = info.start_ts;
  feed.checkpoint = info.start_ts;
  feed.faults->suspend(suspended_);
  feed.info = std::move(info);
  std::string id = feed.info.id;
  if (!cluster_.profile.is_classic()) {
    feed.initialised = true;  // known at once; rows move a moment later
    jobs_.push_back({Job::Kind::begin, id, 0, feed.born + times_.begin_delay});
  }
  feeds_.emplace(std::move(id), std::move(feed));
}

bool Owner::exists(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return feeds_.contains(id);
}

ChangefeedView Owner::view_of(const Feed& feed) const {
  const bool old = feed.shown && cluster_.clock.mono() < feed.shown_until;
  ChangefeedView view;
  view.info = old ? *feed.shown : feed.info;
  if (feed.refused) {
    view.info.sink_uri = feed.refused->sink_uri;
    view.info.config = feed.refused->config;
    view.info.target_ts = feed.refused->target_ts;
  }
  if (!feed.initialised) return view;
  view.checkpoint = feed.checkpoint;
  view.resolved = feed.worker ? std::max(feed.resolved, feed.checkpoint) : 0;
  view.puller_resolved = feed.puller_resolved;
  view.last_synced = feed.last_synced;
  if (feed.worker) view.rows = feed.worker->progress().rows;
  return view;
}

std::vector<ChangefeedView> Owner::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ChangefeedView> views;
  views.reserve(feeds_.size());
  for (const auto& [id, feed] : feeds_) views.push_back(view_of(feed));
  return views;
}

const Owner::Feed& Owner::born_feed(const std::string& id) const {
  const auto found = feeds_.find(id);
  if (found == feeds_.end() || !found->second.initialised) throw not_exists(id);
  return found->second;
}

Owner::Feed& Owner::born_feed(const std::string& id) {
  return const_cast<Feed&>(std::as_const(*this).born_feed(id));  // NOLINT: one lookup for both
}

ChangefeedView Owner::view(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return view_of(born_feed(id));
}

ChangefeedInfo Owner::stored(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const Feed& feed = born_feed(id);
  return feed.refused ? view_of(feed).info : feed.info;
}

bool Owner::is_deadly(const std::string& id) const {
  if (!cluster_.profile.is_classic()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(id);
  return found != feeds_.end() && !found->second.initialised && age(found->second) > times_.unborn;
}

Owner::Asked Owner::pause(const std::string& id) {
  if (is_deadly(id)) return Asked::killed;
  const std::lock_guard lock(mutex_);
  born_feed(id);
  jobs_.push_back({Job::Kind::pause, id, 0, cluster_.clock.mono() + times_.admin_delay});
  return Asked::queued;
}

void Owner::resume(const std::string& id, std::uint64_t overwrite) {
  const std::lock_guard lock(mutex_);
  Feed& feed = born_feed(id);
  if (overwrite != 0 && !runs(feed.info.state) && feed.info.state != feed_state::kPending) {
    // Shown at once, while still stopped (measured.md §1.5.7).
    feed.checkpoint = overwrite;
    feed.info.saved_checkpoint = overwrite;
    feed.info.start_ts = overwrite;
  }
  jobs_.push_back({Job::Kind::resume, id, overwrite, cluster_.clock.mono() + times_.admin_delay});
}

bool Owner::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(id);
  if (found == feeds_.end() || !found->second.initialised) return false;
  retire_worker(found->second);
  feeds_.erase(found);
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
  cluster_.safepoints.remove(gc_service() + "-creating-default_" + id);
  gc_kept_.reset();
  return true;
}

void Owner::update(const ChangefeedInfo& info) {
  const std::lock_guard lock(mutex_);
  Feed& feed = born_feed(info.id);
  feed.refused.reset();
  if (cluster_.profile.is_classic()) {
    feed.shown = feed.info;
    feed.shown_until = cluster_.clock.mono() + times_.update_delay;
  }
  feed.info.sink_uri = info.sink_uri;
  feed.info.config = info.config;
  feed.info.target_ts = info.target_ts;
}

void Owner::run_jobs(MonoTime now) {
  std::vector<Job> due;
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (job->due > now) {
      ++job;
      continue;
    }
    due.push_back(std::move(*job));
    job = jobs_.erase(job);
  }
  for (const Job& job : due) apply(job);
}

/// In a state that does not suit a job is dropped without a word (ticdc-api §1.5.6).
void Owner::apply(const Job& job) {
  const auto found = feeds_.find(job.id);
  if (found == feeds_.end()) return;
  Feed& feed = found->second;
  if (!cluster_.profile.is_classic()) return apply_new_arch(job, feed);
  const bool running = runs(feed.info.state) || feed.info.state == feed_state::kPending;
  if (job.kind == Job::Kind::pause && running) {
    retire_worker(feed);
    feed.info.state = feed_state::kStopped;
    feed.info.admin_job = 1;
    feed.retry_at.reset();
  } else if (job.kind == Job::Kind::resume && !running) {
    feed.info.error.reset();
    feed.info.state = feed_state::kNormal;
    feed.info.admin_job = 0;
    feed.backoff = Millis{0};
    if (job.overwrite != 0) feed.checkpoint = job.overwrite;
    start_worker(feed);
  }
}

void Owner::watch(Feed& feed, MonoTime now) {
  if (!feed.initialised) {
    if (age(feed) < times_.newborn) return;
    feed.initialised = true;
    if (runs(feed.info.state)) start_worker(feed);
    gc_kept_.reset();
  }
  if (feed.retry_at && now >= *feed.retry_at) {
    feed.info.state = feed_state::kWarning;
    start_worker(feed);
  }
  if (!feed.worker) return;
  const FeedWorker::Progress progress = feed.worker->progress();
  feed.checkpoint = progress.checkpoint;
  feed.resolved = progress.resolved;
  feed.puller_resolved = progress.resolved;
  feed.last_synced = std::max(feed.last_synced, progress.last_synced);
  if (feed.info.state == feed_state::kStopped) return;  // its worker is about to end
  if (progress.finished) {
    retire_worker(feed);
    feed.info.state = feed_state::kFinished;
    feed.info.admin_job = 4;
  } else if (progress.ended_by) {
    take_end(feed, progress, now);
  } else if (progress.warning) {
    if (feed.info.state != feed_state::kWarning) enter_trouble(feed, feed_state::kWarning, now);
    feed.info.warning = progress.warning;
  } else if (feed.info.state == feed_state::kWarning && feed.checkpoint > feed.trouble_checkpoint) {
    leave_trouble(feed);
  }
  const bool troubled = feed.info.state == feed_state::kWarning;
  if (troubled && now - feed.trouble_since > feed.info.config.stuck_duration) {
    retire_worker(feed);
    feed.info.state = feed_state::kFailed;
    feed.info.admin_job = 1;
    FeedError last = feed.info.error.value_or(feed.info.warning.value_or(FeedError{}));
    feed.info.error =
        FeedError{cluster_.clock.now(), "CDC:ErrChangefeedUnretryable",
                  "[CDC:ErrChangefeedUnretryable]changefeed is in unretryable state, "
                  "please check the error message, and you should manually handle it: " +
                      last.message};
  }
}

void Owner::take_end(Feed& feed, const FeedWorker::Progress& progress, MonoTime now) {
  retire_worker(feed);
  switch (progress.ended_kind) {
    case FeedFailure::Kind::duplicate_entry:
      enter_trouble(feed, feed_state::kWarning, now);
      feed.info.warning = progress.ended_by;
      feed.retry_at = now + times_.feed.restart_after_duplicate;
      break;
    case FeedFailure::Kind::retryable:
      enter_trouble(feed, feed_state::kPending, now);
      feed.info.error = progress.ended_by;
      feed.backoff = feed.backoff.count() == 0
                         ? times_.feed.backoff_first
                         : std::min(feed.backoff * 2, times_.feed.backoff_longest);
      feed.retry_at = now + feed.backoff;
      break;
    case FeedFailure::Kind::unretryable:
      feed.info.state = feed_state::kFailed;
      feed.info.admin_job = 1;
      feed.info.error = progress.ended_by;
      break;
  }
}

void Owner::enter_trouble(Feed& feed, const char* state, MonoTime now) {
  if (feed.info.state == feed_state::kNormal) {
    feed.trouble_checkpoint = feed.checkpoint;
    feed.trouble_since = now;
  }
  feed.info.state = state;
  feed.refused_is_saved = feed.refused.has_value();
}

void Owner::leave_trouble(Feed& feed) {
  feed.info.state = feed_state::kNormal;
  feed.info.error.reset();
  feed.info.warning.reset();
  feed.backoff = Millis{0};
}

/// Rows up to the present TSO may have been delivered before: they are written with REPLACE
/// (measured.md A14).
void Owner::start_worker(Feed& feed) {
  retire_worker(feed);
  feed.retry_at.reset();
  FeedPlan plan;
  plan.id = feed.info.id;
  plan.sink = parse_sink_uri(feed.info.sink_uri);
  plan.filter =
      std::make_shared<TableFilter>(feed.info.config.rules, feed.info.config.case_sensitive);
  plan.bdr_mode = feed.info.config.bdr_mode;
  plan.force_replicate = feed.info.config.force_replicate;
  plan.safe_mode = feed.info.config.safe_mode;
  plan.from_ts = feed.checkpoint;
  plan.replace_up_to = cluster_.oracle.next();
  plan.target_ts = feed.info.target_ts;
  plan.ignored_start_ts = feed.info.config.ignored_start_ts;
  feed.worker = std::make_unique<FeedWorker>(cluster_, sampler_, times_.feed, feed.faults, plan);
}

void Owner::retire_worker(Feed& feed) {
  if (!feed.worker) return;
  feed.worker->request_stop();
  retired_.push_back(std::move(feed.worker));
}

void Owner::save(MonoTime now) {
  if (now - saved_ < times_.save_every) return;
  saved_ = now;
  for (auto& [id, feed] : feeds_) {
    if (feed.initialised) feed.info.saved_checkpoint = feed.checkpoint;
  }
}

std::shared_ptr<FeedFaults> Owner::faults(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(id);
  if (found == feeds_.end()) {
    throw Error(ErrorKind::invalid, "LAB_NO_SUCH_FEED", "no changefeed " + id);
  }
  return found->second.faults;
}

void Owner::suspend(bool suspended) {
  const std::lock_guard lock(mutex_);
  suspended_ = suspended;
  for (auto& [id, feed] : feeds_) feed.faults->suspend(suspended);
}

}  // namespace bdrmesh::lab
