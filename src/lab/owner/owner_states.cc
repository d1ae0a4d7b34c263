// How a feed's state follows from what its worker meets (ticdc-api §2.1; measured.md A9, A19, §3.3,
// §3.12).
#include <algorithm>

#include "lab/owner/owner.h"

namespace bdrmesh::lab {

/// @return false while nobody knows the feed.
bool Owner::be_born(Feed& feed) {
  if (feed.initialised) return true;
  if (age(feed) < times_.newborn) return false;
  feed.initialised = true;
  gc_.begin(feed.info, feed.checkpoint);
  if (feed.info.state == feed_state::kNormal) start_worker(feed);
  gc_kept_.reset();
  return true;
}

void Owner::watch(Feed& feed, MonoTime now) {
  if (!be_born(feed)) return;
  report_again(feed, now);
  if (feed.trouble.retry_at && now >= *feed.trouble.retry_at) try_again(feed, now);
  if (feed.worker) take_progress(feed, feed.worker->progress(), now);
}

void Owner::take_progress(Feed& feed, const FeedWorker::Progress& progress, MonoTime now) {
  const bool advanced = progress.checkpoint > feed.checkpoint;
  feed.checkpoint = progress.checkpoint;
  feed.info.saved_checkpoint = progress.checkpoint;  // what was shown never goes back
  feed.resolved = progress.resolved;
  feed.puller_resolved = progress.resolved;
  feed.last_synced = std::max(feed.last_synced, progress.last_synced);
  if (feed.info.state == feed_state::kStopped) return;  // its worker is about to end
  if (advanced && gc_.rule() == GcRule::at_checkpoints) check_gc(feed);
  if (feed.info.state == feed_state::kFailed) return;
  if (progress.finished) {
    retire_worker(feed);
    feed.info.state = feed_state::kFinished;
    feed.info.admin_job = 4;
  } else if (progress.ended_by) {
    take_end(feed, progress, now);
  } else if (progress.warning) {
    take_warning(feed, *progress.warning, now);
  } else if (feed.trouble.since && feed.checkpoint > feed.trouble.checkpoint) {
    leave_trouble(feed);
  } else if (feed.info.state == feed_state::kWarning &&
             feed.trouble.has_used_up(feed.info.config.stuck_duration, now)) {
    fail(feed, given_up(feed.info.error.value_or(feed.info.warning.value_or(FeedError{})),
                        cluster_.clock.now()));
  }
}

void Owner::take_end(Feed& feed, const FeedWorker::Progress& progress, MonoTime now) {
  retire_worker(feed);
  ++feed.dml_errors;
  if (progress.ended_kind == FeedFailure::Kind::unretryable) {
    const FeedError& error = *progress.ended_by;
    return fail(feed, is_classic()
                          ? error
                          : FeedError{error.time, "CDC:ErrChangefeedUnretryable", error.message});
  }
  if (progress.ended_kind == FeedFailure::Kind::duplicate_entry && is_classic()) {
    // It lasts about a second, then rows come as REPLACE (measured.md A9).
    enter_trouble(feed, feed_state::kWarning, now);
    feed.info.warning = progress.ended_by;
    feed.trouble.retry_at = now + times_.feed.restart_after_duplicate;
    return;
  }
  take_error(feed, *progress.ended_by, now);
}

/// The worker has ended.
void Owner::take_error(Feed& feed, const FeedError& met, MonoTime now) {
  const FeedError error = is_classic() ? met : worded_for_new_arch(met);
  if (class_of(met) != ErrorClass::retryable) return fail(feed, error);
  enter_trouble(feed, is_classic() ? feed_state::kPending : feed_state::kWarning, now);
  if (feed.trouble.has_used_up(feed.info.config.stuck_duration, now)) {
    return fail(feed, given_up(error, cluster_.clock.now()));
  }
  feed.info.error = error;
  feed.trouble.retry_at = now + feed.trouble.next_pause(times_.feed);
}

/// The worker has trouble with a DDL and tries on.
void Owner::take_warning(Feed& feed, const FeedError& warning, MonoTime now) {
  if (is_classic()) {
    if (feed.info.state != feed_state::kWarning) {
      ++feed.ddl_errors;
      enter_trouble(feed, feed_state::kWarning, now);
    }
    feed.info.warning = warning;
    if (feed.trouble.has_used_up(feed.info.config.stuck_duration, now)) {
      fail(feed, given_up(warning, cluster_.clock.now()));
    }
    return;
  }
  // It is reported for the first time a while after it began.
  if (!feed.trouble.reported_at) {
    feed.trouble.begin(feed.checkpoint, now);
    feed.trouble.reported_at = now;
  }
  if (now - *feed.trouble.reported_at < times_.report_every) return;
  retire_worker(feed);
  ++feed.ddl_errors;
  take_error(feed, warning, now);
  if (feed.trouble.retry_at) feed.trouble.reported_at = now;
}

/// New architecture: each further report of one DDL error doubles the pause (measured.md §3.12).
void Owner::report_again(Feed& feed, MonoTime now) {
  FeedTrouble& trouble = feed.trouble;
  if (feed.worker || !trouble.reported_at || !trouble.retry_at) return;
  if (trouble.backoff >= times_.feed.backoff_longest) return;
  if (now - *trouble.reported_at < times_.report_every) return;
  trouble.reported_at = now;
  trouble.retry_at = now + trouble.next_pause(times_.feed);
  if (feed.info.error) feed.info.error->time = cluster_.clock.now();
}

void Owner::try_again(Feed& feed, MonoTime now) {
  feed.trouble.retry_at.reset();
  feed.trouble.reported_at.reset();
  if (feed.trouble.has_used_up(feed.info.config.stuck_duration, now)) {
    return fail(feed, given_up(feed.info.error.value_or(feed.info.warning.value_or(FeedError{})),
                               cluster_.clock.now()));
  }
  if (is_classic()) {
    feed.info.state = feed_state::kWarning;
  } else {
    feed.info.state = feed_state::kNormal;  // and no trace of the error (measured.md §3.3)
    feed.info.error.reset();
  }
  start_worker(feed);
}

void Owner::fail(Feed& feed, FeedError error) {
  retire_worker(feed);
  feed.trouble = {};
  feed.info.state = feed_state::kFailed;
  feed.info.admin_job = 1;
  feed.info.error = std::move(error);
}

void Owner::enter_trouble(Feed& feed, const char* state, MonoTime now) {
  feed.trouble.begin(feed.checkpoint, now);
  feed.info.state = state;
  feed.refused_is_saved = feed.refused.has_value();
}

void Owner::leave_trouble(Feed& feed) {
  feed.info.state = feed_state::kNormal;
  feed.info.error.reset();
  feed.info.warning.reset();
  feed.trouble = {};
}

}  // namespace bdrmesh::lab
