// Copies rows: from a past state of tables into a backup's files, and from there into tables. Knows
// nothing of statements, rights and answers. One task per object; blocks; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/backup/backup_files.h"
#include "lab/backup/backup_queue.h"
#include "lab/core/cluster_state.h"
#include "lab/history/history.h"

namespace bdrmesh::lab {

/// How fast a task goes and whether it goes on: rate limit, KILL, faults.
class BackupPace {
 public:
  /// @param give_up  throws when the task must end.
  BackupPace(ClusterState& cluster, BackupQueue& queue, std::uint64_t task,
             std::function<void()> give_up);

  void limit_rate(std::uint64_t megabytes_per_second) { rate_ = megabytes_per_second << 20U; }
  /// So much was moved, and the task stands at `percent`. Waits when that was too fast.
  /// @throws what `give_up` throws; Error precondition when a fault ends the task here.
  void advance(std::uint64_t bytes, double percent);

 private:
  void wait_until(MonoTime time);

  ClusterState& cluster_;
  BackupQueue& queue_;
  const std::uint64_t task_;
  const std::function<void()> give_up_;
  const MonoTime began_;
  std::uint64_t rate_ = 0;  ///< bytes per second; 0: as fast as it goes
  std::uint64_t moved_ = 0;
};

class BackupRun {
 public:
  BackupRun(ClusterState& cluster, History& history, BackupPace& pace)
      : cluster_(cluster), history_(history), pace_(pace) {}

  /// One table of the past and what it is called in the backup.
  struct Source {
    std::shared_ptr<const PastTable> past;
    BackedUpTable table;
  };
  /// Writes all files but backupmeta; completes each `table`.
  /// @throws Error
  void write(BackupWriter& writer, std::vector<Source>& sources);

  /// Fills empty tables, past the binlog: no feed sees these rows, but History knows of them.
  /// @throws Error; what had been filled stays.
  void fill(const std::filesystem::path& directory, const std::vector<BackedUpTable>& tables,
            bool check);

 private:
  void write_table(BackupWriter& writer, Source& source, double from, double to);
  void fill_table(const std::filesystem::path& directory, const BackedUpTable& table, bool check,
                  std::uint64_t all_bytes);
  void load(SqlSession& session, const std::filesystem::path& directory, const BackedUpTable& table,
            bool check, std::uint64_t all_bytes);

  ClusterState& cluster_;
  History& history_;
  BackupPace& pace_;
  std::uint64_t filled_ = 0;  ///< bytes
};

}  // namespace bdrmesh::lab
