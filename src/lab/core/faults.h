// What is made to go wrong in one cluster's SQL side, set by commands and read by the front ends.
// Thread-safe. Killing and freezing of servers are methods of the front end itself; clocks are
// TsoOracle's, late variables GlobalVariables'.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

class Faults {
 public:
  struct DdlFailure {
    int code = 0;
    std::string message;
    bool rolls_back = false;  ///< fails while it works: ends as `rollback done`, not `cancelled`
  };
  /// A COMMIT that has passed the gate and stands still, `Committing`.
  struct CommitHold {
    Millis longest{0};
    /// The commit timestamp is taken before the wait (as 2PC does), so that a fence taken during
    /// it lies above; otherwise after it.
    bool below_fence = true;
  };
  /// How a tidb-server behaves when others ask it for its rows of a CLUSTER_ table.
  enum class Silence {
    none,
    hangs,    ///< the query of whoever asks hangs with it
    missing,  ///< its rows are missing, with warning 9002
  };

  /// The next statement that contains `part` takes effect, but its connection is lost before the
  /// answer.
  void lose_answer_of_next(const std::string& part);
  bool takes_answer(const std::string& statement);

  /// Every DDL stands in the queue this long before it starts.
  void set_ddl_delay(Millis delay);
  Millis ddl_delay() const;
  /// How long a job stays in each intermediate schema state; 1 ms by default.
  void set_ddl_step(Millis step);
  Millis ddl_step() const;
  /// How long every job that reorganises (ADD INDEX ...) works on its rows.
  void set_backfill_time(Millis time);
  Millis backfill_time() const;
  /// The role is read and stamped, and the job appears only this much later (tidb-sql §0.1).
  void set_late_submission(Millis delay);
  Millis late_submission() const;
  /// DDL that contains `part` stands before a metadata lock of nobody until release_ddl().
  void hold_ddl(const std::string& part);
  void release_ddl();
  bool holds_ddl(const std::string& statement) const;

  /// The next `count` DDL statements that contain `part` fail as jobs with this error.
  void fail_next_ddl(const std::string& part, int count, DdlFailure failure);
  std::optional<DdlFailure> takes_ddl_failure(const std::string& statement);
  /// The next `count` DDL statements that contain `part` get the 8263 of another job that was
  /// submitted at the same moment (tidb-sql §1.3).
  void deny_innocent_ddl(const std::string& part, int count);
  bool takes_denial(const std::string& statement);

  /// std::nullopt lets go at once of whatever is held.
  void hold_commits(std::optional<CommitHold> hold);
  std::optional<CommitHold> commit_hold() const;
  /// The next `count` COMMITs of written rows lose their connection; committed or rolled back.
  void lose_next_commits(int count, bool committed);
  /// @return whether it commits; std::nullopt when this one is not lost.
  std::optional<bool> takes_lost_commit();
  /// A transaction killed while `Committing` commits nevertheless (tidb-sql §2.5); by default it
  /// is rolled back, as in every try on a real server.
  void set_killed_commits_succeed(bool succeed);
  bool killed_commits_succeed() const;

  /// `enable-table-lock`: LOCK TABLES locks, for TiCDC too (tidb-sql §2.4).
  void enable_table_locks(bool enable);
  bool table_locks_enabled() const;

  void silence(std::size_t server, Silence how);
  Silence silence_of(std::size_t server) const;
  /// The next `count` queries of (CLUSTER_)TIDB_TRX fail with 1105 `transaction future is not set`.
  void fail_next_trx_queries(int count);
  bool takes_trx_failure();

  /// BACKUP and RESTORE take at least this long each, evenly over their progress.
  void set_backup_duration(Millis least);
  Millis backup_duration() const;
  /// The next BACKUP (or RESTORE) ends with `message` once it stands at `percent`; files and rows
  /// up to there stay. `write /x/1.rows: no space left on device` is what a full disk says.
  void fail_next_backup(bool restore, double percent, const std::string& message);
  std::optional<std::string> takes_backup_failure(bool restore, double percent);

  /// How long cluster_info goes on showing a server that was killed.
  void set_topology_delay(Millis delay);
  Millis topology_delay() const;

  void clear();

 private:
  struct PendingDdlFailure {
    std::string part;
    int left = 0;
    DdlFailure failure;
  };
  struct PendingDenial {
    std::string part;
    int left = 0;
  };
  struct PendingBackupFailure {
    bool restore = false;
    double percent = 0;
    std::string message;
  };
  /// All of it, so that clear() is one assignment.
  struct State {
    std::vector<std::string> lost_answers;
    std::vector<PendingDdlFailure> ddl_failures;
    std::vector<PendingDenial> denials;
    std::vector<std::string> held_ddl;
    Millis ddl_delay{0};
    Millis ddl_step{1};
    Millis backfill_time{0};
    Millis late_submission{0};
    std::optional<CommitHold> commit_hold;
    int lost_commits = 0;
    bool lost_commits_succeed = false;
    bool killed_commits_succeed = false;
    bool table_locks = false;
    std::map<std::size_t, Silence> silences;
    int trx_failures = 0;
    Millis backup_duration{0};
    std::vector<PendingBackupFailure> backup_failures;
    Millis topology_delay{0};
  };
  mutable std::mutex mutex_;  // guards state_
  State state_;
};

}  // namespace bdrmesh::lab
