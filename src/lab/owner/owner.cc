#include "lab/owner/owner.h"

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
    : cluster_(cluster),
      sampler_(sampler),
      times_(std::move(times)),
      gc_(cluster, times_.gc_rule.value_or(gc_rule_of(cluster.profile)), times_.gc_ttl) {}

Owner::~Owner() { stop(); }

void Owner::start(std::vector<std::string> nodes) {
  {
    const std::lock_guard lock(mutex_);
    nodes_ = std::move(nodes);
    in_office_ = true;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Owner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  std::vector<std::unique_ptr<FeedWorker>> ending;
  {
    const std::lock_guard lock(mutex_);
    in_office_ = false;
    for (auto& [id, feed] : feeds_) retire_worker(feed);
    jobs_.clear();
    ending = std::exchange(retired_, {});
  }
  for (const auto& worker : ending) worker->request_stop();
  for (const auto& worker : ending) worker->abort();
}

void Owner::run(const std::stop_token& stop) {
  while (cluster_.clock.wait_for(times_.tick, stop)) tick();
}

void Owner::tick() {
  const std::lock_guard lock(mutex_);
  std::erase_if(retired_, [](const auto& worker) { return worker->ended(); });
  if (!in_office_ || resting_) return;
  const MonoTime now = cluster_.clock.mono();
  run_jobs(now);
  for (auto& [id, feed] : feeds_) watch(feed, now);
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
  feed.carrier = idlest_node();
  feed.faults->suspend(suspended_.contains(feed.carrier));
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
  view.dml_errors = feed.dml_errors;
  view.ddl_errors = feed.ddl_errors;
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
  // Only a running feed takes its redo log with it (ticdc-api §1.5.5).
  if (found->second.worker) found->second.worker->forget();
  retire_worker(found->second);
  feeds_.erase(found);
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
  if (is_classic()) {
    gc_.drop_creating(id);
    gc_.drop_resuming(id);
  }
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
    feed.trouble = {};
  } else if (job.kind == Job::Kind::resume && !running) {
    feed.info.error.reset();
    feed.info.state = feed_state::kNormal;
    feed.info.admin_job = 0;
    feed.trouble = {};
    if (job.overwrite != 0) feed.checkpoint = job.overwrite;
    gc_.begin(feed.info, feed.checkpoint);
    start_worker(feed);
  }
}

Owner::Feed& Owner::any_feed(const std::string& id) {
  const auto found = feeds_.find(id);
  if (found == feeds_.end()) {
    throw Error(ErrorKind::invalid, "LAB_NO_SUCH_FEED", "no changefeed " + id);
  }
  return found->second;
}

std::shared_ptr<FeedFaults> Owner::faults(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return any_feed(id).faults;
}

void Owner::meet_error(const std::string& id, const FeedError& error) {
  const std::lock_guard lock(mutex_);
  Feed& feed = any_feed(id);
  retire_worker(feed);
  take_error(feed, error, cluster_.clock.mono());
}

void Owner::drift(const std::string& id, const std::function<void(ChangefeedInfo&)>& change) {
  const std::lock_guard lock(mutex_);
  Feed& feed = any_feed(id);
  change(feed.info);
  feed.shown.reset();
  if (feed.worker) start_worker(feed);
}

}  // namespace bdrmesh::lab
