// The BACKUP and RESTORE tasks of one cluster: one at a time per tidb-server, later ones wait; what
// SHOW BACKUPS shows of them (tidb-sql §5.1). Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

struct BackupTask {
  std::uint64_t id = 0;
  bool restores = false;
  std::size_t server = 0;
  std::string destination;
  std::string state = "Wait";  ///< Wait, Backup or Restore, Checksum, Done, Failed
  double progress = 0;         ///< percent
  WallTime queued;
  std::optional<WallTime> started;
  std::optional<WallTime> finished;
  std::uint64_t connection = 0;
  std::string message;
  bool forgotten = false;  ///< runs, and its server does not show it any more
};

class BackupQueue {
 public:
  explicit BackupQueue(const Clock& clock) : clock_(clock) {}

  /// Puts a task at the end of its server's queue. @return its id.
  std::uint64_t enter(BackupTask task);
  /// Blocks until no earlier task of the same server is unfinished.
  /// @param give_up  asked every few milliseconds. @return false when it said so.
  bool wait_turn(std::uint64_t id, const std::function<bool()>& give_up);
  void update(std::uint64_t id, const std::function<void(BackupTask&)>& change);
  /// Ends a task; it is shown for half an hour more. An empty message: it succeeded. One that never
  /// had its turn is shown without an end, as `Wait Canceled`.
  void finish(std::uint64_t id, const std::string& message);
  BackupTask task(std::uint64_t id) const;
  /// What one server shows. Every ten minutes whoever asks clears its list afterwards: of what
  /// ended more than half an hour ago, and of what has no end yet (tidb: executor/brie.go).
  std::vector<BackupTask> list(std::size_t server, bool restores);

 private:
  const BackupTask* find(std::uint64_t id) const;
  void clear(std::size_t server);

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards next_, tasks_ and cleared_
  std::uint64_t next_ = 1;
  std::list<BackupTask> tasks_;
  std::map<std::size_t, WallTime> cleared_;  ///< by server
};

}  // namespace bdrmesh::lab
