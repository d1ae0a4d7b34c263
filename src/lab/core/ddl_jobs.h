// The DDL jobs of one cluster, running and finished (tidb-sql §4.1): what ADMIN SHOW DDL JOBS shows
// and TiCDC decides on. Who carries them out is lab/ddl. Thread-safe; what is handed out are
// copies.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

/// queueing -> running -> done -> synced. `pausing` and `paused` lead back to queueing; a failure
/// ends as `cancelled` (nothing had begun, or the owner refused) or, through `rollingback` or
/// `cancelling`, as `rollback_done`.
enum class JobState {
  queueing,
  running,
  rollingback,
  cancelling,
  pausing,
  paused,
  done,
  synced,
  cancelled,
  rollback_done
};

/// As ADMIN SHOW DDL JOBS spells it.
std::string_view to_string(JobState state);
/// As `$.state` of job_meta counts it.
int number_of(JobState state);
/// synced, cancelled or rollback done.
bool is_final(JobState state);

/// A part of a multi-schema change: a row of its own, `done` for ever under a synced parent.
struct DdlSubJob {
  std::string type;
  std::string schema_state = "none";
  std::string final_schema_state = "public";
  JobState state = JobState::queueing;
  std::optional<WallTime> start_time;
  std::string comments;
};

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
  std::set<std::int64_t> table_ids;  ///< of all objects: what it excludes and waits for
  std::uint64_t row_count = 0;
  std::uint64_t start_ts = 0;
  std::uint64_t finished_ts = 0;  ///< commit timestamp; 0 until the engine has done it
  std::uint64_t seq_num = 0;      ///< order of finishing; 0 before
  std::uint64_t schema_version = 0;
  WallTime create_time;
  std::optional<WallTime> start_time;
  std::optional<WallTime> end_time;
  std::string comments;  ///< `ingest, DXF`
  std::vector<DdlSubJob> sub_jobs;
  bool reorganizes = false;
  bool waits_for_locks = false;  ///< stands before a metadata lock
  int error_code = 0;            ///< of a failed job
  std::string error;
  std::uint32_t engine_thread = 0;  ///< the engine's connection that works on it
  bool in_engine = false;           ///< the engine is at it now
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
  /// Those that are not final, oldest first.
  std::vector<DdlJob> open() const;
  /// Blocks until the job's state is final.
  /// @return the job; std::nullopt when it is unknown, `deadline` passed or `stop` was requested.
  std::optional<DdlJob> wait_final(std::int64_t id, MonoTime deadline,
                                   const std::stop_token& stop = {}) const;
  /// A fresh id from the same sequence as table ids and jobs.
  std::int64_t next_id();
  /// A step of the schema version; every state of a job takes one.
  std::uint64_t next_schema_version();
  std::uint64_t schema_version() const;
  /// For a job that finishes.
  std::uint64_t next_seq_num();

 private:
  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable_any changed_;
  std::int64_t next_ = 100;
  std::uint64_t schema_version_ = 50;
  std::uint64_t seq_num_ = 0;
  std::map<std::int64_t, DdlJob> jobs_;
  std::set<std::int64_t> open_;
};

}  // namespace bdrmesh::lab
