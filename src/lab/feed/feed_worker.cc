#include "lab/feed/feed_worker.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kRowsPerBatch = 256;  // max-txn-row
constexpr Millis kIdle{50};
constexpr Millis kEngineRetry{300};
constexpr std::size_t kLongestShape = 1024;

constexpr int kDuplicateEntry = 1062;

std::string dml_text(const std::string& shape, const std::string& code, const std::string& cause) {
  const std::string text =
      code == "CDC:ErrMySQLDuplicateEntry" ? "MySQL duplicate entry error" : "MySQL txn error";
  return "Failed query info: " + shape.substr(0, kLongestShape) + "; : [" + code + "]" + text +
         ": " + cause;
}

}  // namespace

FeedWorker::FeedWorker(ClusterState& cluster, const PositionSampler& sampler,
                       const FeedTimes& times, std::shared_ptr<FeedFaults> faults, FeedPlan plan)
    : cluster_(cluster),
      sampler_(sampler),
      times_(times),
      faults_(std::move(faults)),
      plan_(std::move(plan)),
      sink_(plan_.sink, cluster.source_id(), times.sink_read_timeout),
      keys_(engine_login(cluster)) {
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
  return progress_;
}

bool FeedWorker::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void FeedWorker::abort() { sink_.abort(); }

void FeedWorker::run(const std::stop_token& stop) {
  std::optional<FeedFailure> failure;
  while (!stop.stop_requested()) {
    try {
      replicate(stop);
      break;
    } catch (const FeedFailure& e) {
      failure = e;
      break;
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::bug) {
        failure.emplace(FeedFailure::Kind::retryable, "CDC:ErrProcessorUnknown", e.message());
        break;
      }
      // The upstream's engine is away: as with TiKV away, the checkpoint just stands.
      reader_.reset();
      pause(kEngineRetry, stop);
      from_ts_ = progress().checkpoint;
      replace_up_to_ = cluster_.oracle.next();
    }
  }
  const std::lock_guard lock(mutex_);
  if (failure) {
    progress_.ended_by = FeedError{cluster_.clock.now(), failure->code, failure->what()};
    progress_.ended_kind = failure->kind;
  }
  ended_ = true;
}

/// Begins at what the checkpoint says; what was applied beyond it is delivered again.
void FeedWorker::replicate(const std::stop_token& stop) {
  ahead_.clear();
  batch_.clear();
  const auto wanted = [this](const std::string& schema, const std::string& table) {
    return plan_.filter->matches(schema, table);
  };
  applied_ = {};
  read_to_ = {};
  reader_.emplace(engine_login(cluster_), sampler_.start_for(from_ts_), wanted);
  while (!stop.stop_requested() && !progress().finished) {
    if (!faults_->pass(stop)) return;
    auto item = next_item(batch_.empty() ? kIdle : Millis{0});
    if (item) take_item(std::move(*item), stop);
    if (!item || batch_.size() >= kRowsPerBatch) flush(stop);
    if (stop.stop_requested()) return;
    if (batch_.empty()) {
      applied_ = read_to_;
      publish_checkpoint();
    }
  }
}

void FeedWorker::take_item(UpstreamItem item, const std::stop_token& stop) {
  if (item.transaction) take_transaction(std::move(*item.transaction));
  if (item.ddl_job) {
    flush(stop);
    take_ddl(*item.ddl_job, stop);
  }
  read_to_ = std::move(item.end);
}

std::optional<UpstreamItem> FeedWorker::next_item(Millis wait) {
  if (ahead_.empty()) return reader_->next(wait);
  UpstreamItem item = std::move(ahead_.front());
  ahead_.pop_front();
  return item;
}

void FeedWorker::take_transaction(UpstreamTransaction transaction) {
  const bool not_tidbs = transaction.commit_ts == 0;
  const bool delivered = transaction.commit_ts <= from_ts_;
  const bool foreign = plan_.bdr_mode && transaction.write_source != 0;
  const bool beyond = plan_.target_ts != 0 && transaction.commit_ts > plan_.target_ts;
  const bool ignored = std::find(plan_.ignored_start_ts.begin(), plan_.ignored_start_ts.end(),
                                 transaction.start_ts) != plan_.ignored_start_ts.end();
  if (not_tidbs || delivered || foreign || beyond || ignored) return;
  for (RowChange& row : transaction.rows) add_row(std::move(row));
}

void FeedWorker::add_row(RowChange change) {
  const TableMap& table = *change.table;
  const RowKey& key = keys_.key_of(table);
  if (key.empty() && !plan_.force_replicate) return;
  if (faults_->takes_drop(table.schema, table.name)) return;
  KeyedChange keyed{std::move(change), key, false};
  if (key.empty()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) keyed.key.push_back(i);
  }
  keyed.replace = plan_.safe_mode || keyed.change.commit_ts <= replace_up_to_;
  if (faults_->takes_duplicate(table.schema, table.name)) {
    batch_.push_back(keyed);
    keyed.replace = true;
  }
  batch_.push_back(std::move(keyed));
}

/// Writes the batch, and goes on trying while the sink's patience lasts; the state is normal
/// meanwhile.
void FeedWorker::flush(const std::stop_token& stop) {
  if (batch_.empty() || !faults_->hold_back(stop)) return;
  const MonoTime give_up = cluster_.clock.mono() + times_.sink_patience;
  Millis wait = times_.sink_retry_first;
  while (!stop.stop_requested()) {
    if (!faults_->pass(stop)) return;
    try {
      write_batch();
      break;
    } catch (const Error& e) {
      sink_.close();
      if (stop.stop_requested()) return;
      if (server_error_of(e) == kDuplicateEntry) {
        const std::string code = "CDC:ErrMySQLDuplicateEntry";
        throw FeedFailure(FeedFailure::Kind::duplicate_entry, code,
                          dml_text(failing_shape_, code, go_text_of(e)));
      }
      if (cluster_.clock.mono() >= give_up) {
        const std::string text = dml_text(failing_shape_, "CDC:ErrMySQLTxnError", go_text_of(e));
        throw FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrReachMaxTry",
                          "[CDC:ErrReachMaxTry]reach maximum try: 8, error: " + text + ": " + text);
      }
    }
    pause(wait, stop);
    wait = std::min(wait * 2, times_.sink_retry_longest);
  }
}

void FeedWorker::write_batch() {
  failing_shape_ = "BEGIN";
  sink_.open();
  sink_.run("BEGIN");
  for (const RowStatement& statement : row_statements(batch_)) {
    failing_shape_ = statement.shape;
    sink_.run(statement.sql);
  }
  failing_shape_ = "COMMIT; ";
  sink_.run("COMMIT");
  const std::lock_guard lock(mutex_);
  progress_.rows += batch_.size();
  for (const KeyedChange& keyed : batch_) {
    progress_.last_synced = std::max(progress_.last_synced, keyed.change.commit_ts);
  }
  batch_.clear();
}

void FeedWorker::publish_checkpoint() {
  const std::uint64_t newest = sampler_.newest();
  const std::uint64_t reached_ts = applied_.is_set() ? sampler_.resolved_at(applied_) : 0;
  const std::lock_guard lock(mutex_);
  progress_.resolved = std::max(progress_.resolved, newest);
  if (reached_ts <= progress_.checkpoint) return;
  progress_.checkpoint = reached_ts;
  if (plan_.target_ts != 0 && reached_ts >= plan_.target_ts) {
    progress_.checkpoint = plan_.target_ts;
    progress_.finished = true;
  }
}

/// A feed that is stuck on a DDL stands exactly at its commit-ts (ticdc-api §5.1).
void FeedWorker::hold_checkpoint(std::uint64_t ts) {
  const std::uint64_t newest = sampler_.newest();
  const std::lock_guard lock(mutex_);
  progress_.resolved = std::max(progress_.resolved, newest);
  progress_.checkpoint = std::max(progress_.checkpoint, ts);
}

void FeedWorker::set_warning(std::optional<FeedError> warning) {
  const std::lock_guard lock(mutex_);
  progress_.warning = std::move(warning);
}

bool FeedWorker::pause(Millis duration, const std::stop_token& stop) const {
  return cluster_.clock.wait_for(duration, stop);
}

}  // namespace bdrmesh::lab
