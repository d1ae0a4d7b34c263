#include "lab/ddl/ddl_owner.h"

#include <algorithm>

#include "lab/ddl/metadata_locks.h"
#include "lab/net/socket.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPoll{2};
constexpr int kLockWaitTimeout = 1205;
constexpr int kInterrupted = 1317;
constexpr int kEngineInterrupted = 1927;
/// From this try on newcomers are held up for a moment: a busy table would never be free otherwise.
constexpr int kPoliteTries = 50;
constexpr Millis kImpoliteWait{1000};

/// Errors that TiDB finds before a job exists (measured B §4.1).
bool is_refused_before_submission(int code) {
  static constexpr int kCodes[] = {1007, 1008, 1044, 1045, 1046, 1049, 1050, 1051, 1054, 1060,
                                   1061, 1064, 1091, 1142, 1143, 1146, 1227, 1347, 4091, 4092};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

std::string key_of(const ObjectName& table) {
  return to_lower(table.schema) + "." + to_lower(table.name);
}

SqlFailure cancelled_failure() { return {8214, "HY000", "Cancelled DDL job"}; }

}  // namespace

/// One job on its way.
class DdlOwner::Run {
 public:
  Run(DdlOwner& owner, std::int64_t id, const JobPlan& plan, const DdlWork& work,
      const std::stop_token& ending)
      : owner_(owner),
        cluster_(owner.cluster_),
        jobs_(owner.cluster_.jobs),
        id_(id),
        plan_(plan),
        work_(work),
        ending_(ending) {}

  std::optional<SqlFailure> go() {
    try {
      wait_turn();
      begin();
      for (const std::string& state : plan_.states) enter(state);
      if (plan_.states.empty()) stand_in_force();
      give_to_engine();
    } catch (const Failed& failed) {
      return end_badly(failed.failure);
    }
    finish();
    return std::nullopt;
  }

 private:
  struct Failed {
    SqlFailure failure;
  };

  DdlJob now() const {
    const auto job = jobs_.find(id_);
    if (!job) throw Failed{cancelled_failure()};
    return *job;
  }
  void change(const std::function<void(DdlJob&)>& how) { jobs_.update(id_, how); }
  void wait(Millis time) {
    if (!cluster_.clock.wait_for(time, ending_)) throw SocketClosed("cluster ends");
  }

  /// Cancelled and paused jobs go no further.
  void obey_orders() {
    for (DdlJob job = now(); job.state != JobState::running; job = now()) {
      if (job.state == JobState::cancelling) throw Failed{cancelled_failure()};
      if (job.state == JobState::pausing) {
        change([](DdlJob& paused) { paused.state = JobState::paused; });
      } else if (job.state == JobState::queueing) {
        // Resumed: the owner takes it up again with its next look at the queue.
        wait(kPoll);
        change([](DdlJob& resumed) {
          if (resumed.state == JobState::queueing) resumed.state = JobState::running;
        });
        continue;
      }
      wait(kPoll);
    }
  }

  bool is_next(const DdlJob& job) const {
    const std::vector<DdlJob> open = jobs_.open();
    return std::none_of(open.begin(), open.end(), [&](const DdlJob& other) {
      return other.id < job.id && exclude_each_other(other, job);
    });
  }

  void wait_turn() {
    const MonoTime ready = cluster_.clock.mono() + cluster_.faults.ddl_delay();
    for (;;) {
      const DdlJob job = now();
      if (job.state == JobState::cancelling) throw Failed{cancelled_failure()};
      if (job.state == JobState::pausing) {
        change([](DdlJob& paused) { paused.state = JobState::paused; });
      }
      const bool may = job.state == JobState::queueing;
      if (may && cluster_.clock.mono() >= ready && is_next(job)) return;
      queued_ = true;
      wait(kPoll);
    }
  }

  void begin() {
    planned_ = cluster_.faults.takes_ddl_failure(now().query);
    if (planned_ && !planned_->rolls_back)
      throw Failed{{planned_->code, "HY000", planned_->message}};
    change([&](DdlJob& job) {
      if (job.state == JobState::queueing) job.state = JobState::running;
      job.start_time = cluster_.oracle.now();
      for (DdlSubJob& sub : job.sub_jobs) {
        sub.state = JobState::running;
        sub.start_time = job.start_time;
      }
    });
  }

  /// A schema state, and the wait for all who still use the one before.
  void enter(const std::string& state) {
    const std::uint64_t version = jobs_.next_schema_version();
    change([&](DdlJob& job) {
      job.schema_version = version;
      if (job.sub_jobs.empty()) job.schema_state = state;
      for (DdlSubJob& sub : job.sub_jobs) sub.schema_state = state;
    });
    wait(cluster_.faults.ddl_step());
    wait_for_locks();
    obey_orders();
    if (state == "write reorganization") reorganize();
    if (planned_) {
      throw Failed{{planned_->code, "HY000", planned_->message}};
    }
  }

  /// The change holds for whoever comes now, the job still waits for those that were there before.
  void stand_in_force() {
    if (planned_) throw Failed{{planned_->code, "HY000", planned_->message}};
    if (!is_blocked()) return;
    obey_orders();
    change([&](DdlJob& job) {
      job.state = JobState::done;
      job.schema_state = plan_.last_state;
    });
    wait_for_locks();
  }

  bool is_blocked() const {
    const DdlJob job = now();
    if (cluster_.faults.holds_ddl(job.query)) return true;
    const bool locks =
        cluster_.variables.stored("tidb_enable_metadata_lock").value_or("ON") == "ON";
    return locks && !blockers_of(job, cluster_.sessions.list()).empty();
  }

  void wait_for_locks() {
    if (!is_blocked()) return;
    queued_ = true;
    change([](DdlJob& job) { job.waits_for_locks = true; });
    while (is_blocked()) wait(kPoll);
    change([](DdlJob& job) { job.waits_for_locks = false; });
  }

  void reorganize() {
    if (!plan_.reorganizes) return;
    const std::uint64_t rows = work_.count_rows();
    const MonoTime began = cluster_.clock.mono();
    for (;;) {
      obey_orders();
      const Millis time = cluster_.faults.backfill_time();
      const auto passed = std::chrono::duration_cast<Millis>(cluster_.clock.mono() - began);
      const bool over = passed >= time;
      change([&](DdlJob& job) {
        const auto share = static_cast<std::uint64_t>(std::max<std::int64_t>(passed.count(), 0));
        job.row_count = over ? rows : rows * share / static_cast<std::uint64_t>(time.count());
      });
      if (over) return;
      wait(kPoll);
    }
  }

  void give_to_engine() {
    for (int tries = 0;; ++tries) {
      if (now().state != JobState::done) obey_orders();
      change([](DdlJob& job) { job.in_engine = true; });
      const auto failure = work_.apply(tries < kPoliteTries ? Millis{0} : kImpoliteWait);
      change([](DdlJob& job) { job.in_engine = false; });
      if (!failure) return;
      if (failure->code != kLockWaitTimeout) throw Failed{*failure};
      queued_ = true;
      change([](DdlJob& job) { job.waits_for_locks = true; });
      wait(kPoll);
      while (is_blocked()) wait(kPoll);
      change([](DdlJob& job) { job.waits_for_locks = false; });
    }
  }

  void finish() {
    work_.applied();
    const CommitInFlight commit(cluster_.ledger);
    const std::uint64_t finished = commit.ts();
    const std::uint64_t seq_num = jobs_.next_seq_num();
    const std::uint64_t version = jobs_.next_schema_version();
    change([&](DdlJob& job) {
      job.state = JobState::done;
      job.schema_state = plan_.last_state;
      job.finished_ts = finished;
      job.seq_num = seq_num;
      job.schema_version = version;
      job.end_time = cluster_.oracle.now();
      for (DdlSubJob& sub : job.sub_jobs) {
        sub.state = JobState::done;
        sub.schema_state = sub.final_schema_state;
      }
    });
    owner_.note_change(now(), plan_.lossy_column);
    change([](DdlJob& job) { job.state = JobState::synced; });
  }

  /// What had begun is rolled back; what had not, or the owner would not do, is cancelled (measured
  /// A17).
  SqlFailure end_badly(SqlFailure failure) {
    const auto job = jobs_.find(id_);
    const bool interrupted = failure.code == kInterrupted || failure.code == kEngineInterrupted;
    if ((job && job->state == JobState::cancelling) || interrupted) failure = cancelled_failure();
    const bool owners_word = is_refused_before_submission(failure.code);
    if (owners_word && !queued_) {
      jobs_.forget(id_);
      return failure;
    }
    const bool begun = job && job->start_time && !owners_word;
    const std::uint64_t seq_num = jobs_.next_seq_num();
    change([&](DdlJob& ended) {
      ended.state = begun ? JobState::rollback_done : JobState::cancelled;
      ended.schema_state = plan_.first_state;
      ended.error_code = failure.code;
      ended.error = failure.message;
      ended.end_time = cluster_.oracle.now();
      ended.seq_num = seq_num;
      ended.row_count = 0;
      ended.waits_for_locks = false;
      if (!ended.start_time && owners_word) ended.start_time = ended.end_time;
      for (DdlSubJob& sub : ended.sub_jobs) {
        sub.state = begun ? JobState::rollback_done : JobState::cancelled;
        sub.schema_state = "none";
      }
    });
    return failure;
  }

  DdlOwner& owner_;
  ClusterState& cluster_;
  DdlJobs& jobs_;
  const std::int64_t id_;
  const JobPlan& plan_;
  const DdlWork& work_;
  const std::stop_token& ending_;
  bool queued_ = false;  ///< others had time to see it
  std::optional<Faults::DdlFailure> planned_;
};

std::int64_t DdlOwner::submit(DdlJob job, const JobPlan& plan, const std::stop_token& ending) {
  const Millis late = cluster_.faults.late_submission();
  if (late > Millis{0} && !cluster_.clock.wait_for(late, ending))
    throw SocketClosed("cluster ends");
  job.schema_state = plan.first_state;
  job.comments = plan.comments;
  job.sub_jobs = plan.sub_jobs;
  job.reorganizes = plan.reorganizes;
  job.create_time = cluster_.oracle.now();
  job.start_ts = cluster_.oracle.next();
  return cluster_.jobs.add(std::move(job));
}

std::optional<SqlFailure> DdlOwner::carry_out(std::int64_t id, const JobPlan& plan,
                                              const DdlWork& work, const std::stop_token& ending) {
  return Run(*this, id, plan, work, ending).go();
}

void DdlOwner::note_change(const DdlJob& job, const std::string& lossy_column) {
  if (job.table.empty()) return;
  const std::lock_guard lock(mutex_);
  changes_[key_of({job.db, job.table})] = {job.finished_ts, lossy_column};
}

std::optional<DdlOwner::TableChange> DdlOwner::changed_since(std::uint64_t start_ts,
                                                             const ObjectName& table) const {
  const std::lock_guard lock(mutex_);
  const auto found = changes_.find(key_of(table));
  if (found == changes_.end() || found->second.ts <= start_ts) return std::nullopt;
  return TableChange{found->second.lossy_column};
}

}  // namespace bdrmesh::lab
