#include "lab/feed/ddl_run.h"

#include <algorithm>
#include <utility>

#include "lab/feed/ddl_rules.h"
#include "lab/feed/row_sql.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kRetry{1000};
constexpr Millis kClassicPatience{134000};

bool is_privilege_error(int number) { return number == 1142 || number == 8121 || number == 1836; }

/// Places in a row of ADMIN SHOW DDL JOBS.
constexpr std::size_t kDb = 1;
constexpr std::size_t kTable = 2;
constexpr std::size_t kType = 3;
constexpr std::size_t kState = 11;
constexpr std::size_t kWidth = 12;

bool is_open(const std::string& state) {
  return state == "running" || state == "queueing" || state == "none" || state == "done";
}

}  // namespace

DdlRun::DdlRun(const WriterPlan& plan, DdlJob job)
    : plan_(plan),
      job_(std::move(job)),
      session_(plan.sink, plan.write_source, read_timeout(plan.options, plan.times)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

DdlRun::~DdlRun() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool DdlRun::is_done() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

bool DdlRun::has_ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::optional<FeedError> DdlRun::warning() const {
  const std::lock_guard lock(mutex_);
  return warning_;
}

std::optional<FeedFailure> DdlRun::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool DdlRun::may_go_on_alone() const {
  if (!plan_.classic || !is_index_job(job_)) return false;
  const std::lock_guard lock(mutex_);
  return sent_ && plan_.clock.mono() - *sent_ >= plan_.times.async_index_after;
}

void DdlRun::abort() { session_.abort(); }

void DdlRun::run(const std::stop_token& stop) {
  const MonoTime began = plan_.clock.mono();
  wait_for_index(stop);
  while (plan_.faults->pass(stop)) {
    try {
      execute();
      const std::lock_guard lock(mutex_);
      done_ = true;
      break;
    } catch (const Error& e) {
      session_.close();
      if (stop.stop_requested() || take_error(e, began)) break;
    }
    plan_.clock.wait_for(std::min(kRetry, plan_.times.sink_retry_longest), stop);
  }
  const std::lock_guard lock(mutex_);
  sent_.reset();
  ended_ = true;
}

/// The next DDL of a table waits for its index. A look that fails counts as "over" (ticdc-api
/// §4.5).
void DdlRun::wait_for_index(const std::stop_token& stop) {
  while (!job_.table.empty() && look_for_index() == Looked::building) {
    if (!plan_.clock.wait_for(plan_.times.index_look, stop)) return;
  }
}

DdlRun::Looked DdlRun::look_for_index() {
  try {
    session_.open();
    const char* query = plan_.classic ? "ADMIN SHOW DDL JOBS"
                                      : "SELECT job_id, db_name, table_name, job_type,"
                                        " schema_state, 0, 0, 0, 0, 0, 0, state"
                                        " FROM information_schema.ddl_jobs";
    for (const auto& row : session_.run(query)) {
      if (row.size() < kWidth) continue;
      const std::string type = row[kType].value_or("");
      if (type.rfind("add index", 0) == 0 && to_lower(row[kDb].value_or("")) == to_lower(job_.db) &&
          to_lower(row[kTable].value_or("")) == to_lower(job_.table) &&
          is_open(row[kState].value_or(""))) {
        return Looked::building;
      }
    }
  } catch (const SqlError&) {
    return Looked::over;
  } catch (const Error&) {
    session_.close();
  }
  return Looked::over;
}

void DdlRun::execute() {
  session_.open();
  const std::string schema = job_.default_db.empty() ? job_.db : job_.default_db;
  if (!schema.empty() && !is_schema_job(job_)) session_.run("USE " + quoted(schema));
  const bool timed = uses_current_time(job_.query);
  if (timed) {
    constexpr int kLogicalBits = 18;
    const std::uint64_t seconds = (event_commit_ts(job_) >> kLogicalBits) / 1000;
    session_.run("SET TIMESTAMP = " + std::to_string(seconds));
  }
  {
    const std::lock_guard lock(mutex_);
    sent_ = plan_.clock.mono();
  }
  session_.run(downstream_text(job_));
  if (timed) session_.run("SET TIMESTAMP = DEFAULT");
}

bool DdlRun::take_error(const Error& error, MonoTime began) {
  const int number = server_error_of(error);
  const auto waited = plan_.clock.mono() - began;
  // The connection broke by read-timeout, and the index goes on being built (measured.md A21).
  const bool built_alone =
      number == 0 && is_index_job(job_) && look_for_index() == Looked::building;
  const std::lock_guard lock(mutex_);
  sent_.reset();
  if (is_ignorable_ddl_error(number) || built_alone) {
    done_ = true;
    return true;
  }
  if (plan_.classic) {
    const Millis silent = plan_.times.sink_patience.value_or(kClassicPatience);
    if (!is_privilege_error(number) || waited >= silent) {
      warning_ = FeedError{plan_.clock.now(), "CDC:ErrOwnerUnknown", go_text_of(error)};
    }
    return false;
  }
  if (waited < std::min(plan_.times.ddl_patience,
                        plan_.times.sink_patience.value_or(plan_.times.ddl_patience))) {
    return false;
  }
  failure_.emplace(FeedFailure::Kind::retryable, "CDC:ErrChangefeedRetryable",
                   "[CDC:ErrExecDDLFailed]exec DDL failed %s: Execute DDL failed, Query info: " +
                       downstream_text(job_) + "; : " + go_text_of(error));
  return true;
}

}  // namespace bdrmesh::lab
