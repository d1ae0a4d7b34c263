// The part of a feed's worker that deals with DDL: the schema tracker's refusals, the BDR gate, the
// barrier.
#include <algorithm>
#include <utility>

#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kStep{50};
constexpr Millis kDdlRetry{1000};
constexpr Millis kLookAhead{1500};

bool is_privilege_error(int number) { return number == 1142 || number == 8121 || number == 1836; }

}  // namespace

void FeedWorker::take_ddl(std::int64_t job_id, const std::stop_token& stop) {
  std::optional<DdlJob> job;
  while (!job && !stop.stop_requested()) {
    if (!cluster_.jobs.find(job_id)) return;
    job = cluster_.jobs.wait_final(job_id, cluster_.clock.mono() + kStep, stop);
  }
  if (!job || job->state != JobState::synced) return;
  keys_.forget();
  if (job->finished_ts < from_ts_ || !wants_ddl(*job)) return;
  look_ahead(*job, stop);
  run_ddl(*job, stop);
}

/// Every job goes through the schema tracker first, whatever the role; then through the gate.
bool FeedWorker::wants_ddl(const DdlJob& job) {
  const bool passes = passes_filter(job, *plan_.filter);
  if (const auto renamed = new_name_of(job.query, job.db); renamed && !passes) {
    if (plan_.filter->matches(renamed->schema, renamed->table)) {
      throw FeedFailure(
          FeedFailure::Kind::unretryable, "CDC:ErrSyncRenameTableFailed",
          "[CDC:ErrSyncRenameTableFailed]table's old name is not in filter rule, and its new "
          "name in filter rule table id '" +
              std::to_string(job.table_id) + "', ddl query: [" + job.query + "]");
    }
  }
  const bool ignored = std::find(plan_.ignored_start_ts.begin(), plan_.ignored_start_ts.end(),
                                 job.start_ts) != plan_.ignored_start_ts.end();
  if (!passes || ignored || !is_replicated_kind(job.type)) return false;
  if (can_change_keys(job) && !plan_.force_replicate && !job.table.empty() &&
      keys_.has_key(job.db, job.table) == false) {
    if (job.type == "create table") return false;  // discarded without a word (measured.md A11)
    throw FeedFailure(
        FeedFailure::Kind::retryable, "CDC:ErrProcessorUnknown",
        "An eligible table become ineligible after DDL: [" + job.query +
            "] it is a dangerous operation and may cause data loss. If you want to replicate "
            "this ddl safely, pelase pause the changefeed and update the `force-replicate=true` "
            "in the changefeed configuration, then resume the changefeed.");
  }
  return !plan_.bdr_mode || job.bdr_role == "primary";
}

/// Rows of other tables may have committed below the job's timestamp and stand behind its event.
/// They go first, so that the checkpoint may stand at that timestamp while the DDL waits.
void FeedWorker::look_ahead(const DdlJob& job, const std::stop_token& stop) {
  const MonoTime until = cluster_.clock.mono() + kLookAhead;
  BinlogPosition read_to = ahead_.empty() ? BinlogPosition{} : ahead_.back().end;
  while (!stop.stop_requested() && cluster_.clock.mono() < until) {
    if (read_to.is_set() && sampler_.resolved_at(read_to) >= job.finished_ts) break;
    auto item = reader_->next(kStep);
    if (!item) continue;
    read_to = item->end;
    ahead_.push_back(std::move(*item));
  }
  std::uint64_t stands_at = job.finished_ts;
  if (!read_to.is_set() || sampler_.resolved_at(read_to) < job.finished_ts) stands_at = 0;
  for (UpstreamItem& item : ahead_) {
    if (!item.transaction || item.transaction->commit_ts >= job.finished_ts) continue;
    const auto& rows = item.transaction->rows;
    const bool same_table = std::any_of(rows.begin(), rows.end(), [&](const RowChange& row) {
      return row.table->schema == job.db && (job.table.empty() || row.table->name == job.table);
    });
    if (same_table) {
      stands_at = std::min(stands_at, item.transaction->commit_ts - 1);
    } else {
      take_transaction(std::exchange(*item.transaction, {}));
    }
  }
  flush(stop);
  if (stands_at != 0 && !stop.stop_requested()) hold_checkpoint(stands_at);
}

/// Tries until it is done downstream. The feed says `warning` once it failed, and goes on trying.
void FeedWorker::run_ddl(const DdlJob& job, const std::stop_token& stop) {
  const MonoTime silent_until = cluster_.clock.mono() + times_.sink_patience;
  while (!stop.stop_requested()) {
    if (!faults_->pass(stop)) return;
    try {
      try_ddl(job);
      set_warning(std::nullopt);
      return;
    } catch (const Error& e) {
      sink_.close();
      if (stop.stop_requested()) return;
      const int number = server_error_of(e);
      if (is_ignorable_ddl_error(number)) {
        set_warning(std::nullopt);
        return;
      }
      if (!is_privilege_error(number) || cluster_.clock.mono() >= silent_until) {
        set_warning(FeedError{cluster_.clock.now(), "CDC:ErrOwnerUnknown", go_text_of(e)});
      }
    }
    pause(std::min(kDdlRetry, times_.sink_retry_longest), stop);
  }
}

void FeedWorker::try_ddl(const DdlJob& job) {
  sink_.open();
  const std::string schema = job.default_db.empty() ? job.db : job.default_db;
  const bool makes_or_drops_schema = job.type.find("schema") != std::string::npos;
  if (!schema.empty() && !makes_or_drops_schema) sink_.run("USE " + quoted(schema));
  sink_.run(job.query);
}

}  // namespace bdrmesh::lab
