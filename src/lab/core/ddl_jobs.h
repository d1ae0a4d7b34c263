// The DDL jobs of one cluster, running and finished (tidb-sql §4.1): what ADMIN SHOW DDL JOBS shows
// and TiCDC decides on. Thread-safe; what is handed out are copies.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

/// queueing -> running -> done -> synced; a failure ends as `cancelled` (refused by the owner) or
/// `rollback done`.
enum class JobState { queueing, running, cancelling, done, synced, cancelled, rollback_done };

/// As ADMIN SHOW DDL JOBS spells it.
std::string_view to_string(JobState state);
/// synced, cancelled or rollback done.
bool is_final(JobState state);

struct DdlJob {
  std::int64_t id = 0;
  std::string db;                     ///< schema of the object, or default schema of the session
  std::string table;                  ///< first table named; empty for schemas
  std::string type;                   ///< `add column`, `create table`, ... as TiDB names it
  std::string query;                  ///< as typed, comments kept
  std::string default_db;             ///< USEd schema when it was typed
  std::string schema_state = "none";  ///< none, public, write only ...
  JobState state = JobState::queueing;
  std::string bdr_role;                ///< stamp at submission: "primary", "secondary" or ""
  std::uint64_t cdc_write_source = 0;  ///< of the session at submission
  std::int64_t schema_id = 0;
  std::int64_t table_id = 0;
  std::uint64_t row_count = 0;
  std::uint64_t start_ts = 0;
  std::uint64_t finished_ts = 0;  ///< commit timestamp; 0 until the engine has done it
  WallTime create_time;
  std::optional<WallTime> start_time;
  std::optional<WallTime> end_time;
  int error_code = 0;  ///< of a failed job
  std::string error;
  std::uint32_t engine_thread = 0;  ///< the engine's connection that works on it
  std::uint64_t connection_id = 0;  ///< global connection id of the session
  std::string server;               ///< address of the tidb-server it was typed on
};

class DdlJobs {
 public:
  /// Stores `job` under a fresh id. @return the id.
  std::int64_t add(DdlJob job);
  /// Changes a job under the lock and wakes waiters; nothing happens for an unknown id.
  void update(std::int64_t id, const std::function<void(DdlJob&)>& change);
  std::optional<DdlJob> find(std::int64_t id) const;
  /// Takes back a job that was refused before it was submitted.
  void forget(std::int64_t id);
  /// Newest first.
  std::vector<DdlJob> list() const;
  /// Blocks until the job's state is final.
  /// @return the job; std::nullopt when it is unknown, `deadline` passed or `stop` was requested.
  std::optional<DdlJob> wait_final(std::int64_t id, MonoTime deadline,
                                   const std::stop_token& stop = {}) const;
  /// A fresh id from the same sequence as table ids and jobs.
  std::int64_t next_id();

 private:
  mutable std::mutex mutex_;  // guards next_ and jobs_
  mutable std::condition_variable_any changed_;
  std::int64_t next_ = 100;
  std::map<std::int64_t, DdlJob> jobs_;
};

}  // namespace bdrmesh::lab
