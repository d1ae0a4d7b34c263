// Carries out the DDL jobs of one cluster, one at a time per table, as TiDB's DDL owner does:
// queue, schema states, metadata locks, orders of administrators. Runs on the threads of those who
// submit; a job goes on when its client, session or tidb-server is gone. Thread-safe.
//
// The engine has locks of its own, which hold up newcomers; so it gets a job's statement only when
// no open transaction is in the way.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "lab/core/cluster_state.h"
#include "lab/ddl/job_plan.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

/// What a session does for its job when the owner says so.
struct DdlWork {
  /// Hands the statement to the engine; metadata locks are waited for no longer than `lock_wait`.
  /// @return the engine's failure: 1205 when the locks were not to be had.
  std::function<std::optional<SqlFailure>(Millis lock_wait)> apply;
  /// Rows of the table, for ROW_COUNT.
  std::function<std::uint64_t()> count_rows;
  /// The engine has done it, nobody knows yet.
  std::function<void()> applied;
};

class DdlOwner {
 public:
  explicit DdlOwner(ClusterState& cluster) : cluster_(cluster) {}

  /// Puts a stamped job into the queue, late when that is wanted (Faults). @return its id.
  /// @throws SocketClosed when the cluster ends.
  std::int64_t submit(DdlJob job, const JobPlan& plan, const std::stop_token& ending);

  /// Brings a job to a final state. Blocks as long as that takes, whoever is killed meanwhile.
  /// @return the failure for the client; std::nullopt: `synced`. A statement that the engine
  /// refuses at once, for reasons that TiDB finds before submission, leaves no job behind.
  /// @throws SocketClosed when the cluster ends.
  std::optional<SqlFailure> carry_out(std::int64_t id, const JobPlan& plan, const DdlWork& work,
                                      const std::stop_token& ending);

  /// A table that was changed after a transaction began.
  struct TableChange {
    std::string lossy_column;  ///< not empty: whoever began before gets 8028 for it
  };
  /// @param table  qualified, any case.
  std::optional<TableChange> changed_since(std::uint64_t start_ts, const ObjectName& table) const;

 private:
  class Run;
  struct LastChange {
    std::uint64_t ts = 0;
    std::string lossy_column;
  };
  void note_change(const DdlJob& job, const std::string& lossy_column);

  ClusterState& cluster_;
  mutable std::mutex mutex_;                   // guards changes_
  std::map<std::string, LastChange> changes_;  ///< by `schema.table`
};

}  // namespace bdrmesh::lab
