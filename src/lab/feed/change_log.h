// Where a feed writes its changes before it delivers them: the redo log (ticdc-api §6.1), behind an
// interface so that feeds know nothing of files. Called by one thread, but forget() by any.
#pragma once

#include <cstdint>

#include "lab/core/ddl_jobs.h"
#include "lab/feed/row_sql.h"

namespace bdrmesh::lab {

class ChangeLog {
 public:
  virtual ~ChangeLog() = default;

  /// A row that will be delivered. @throws FeedFailure when the storage refuses.
  virtual void add_row(const KeyedChange& row) = 0;
  virtual void add_ddl(const DdlJob& job, std::uint64_t commit_ts) = 0;
  /// Whether what was added should be flushed now.
  virtual bool flush_is_due() const = 0;
  /// Makes durable what was added. @param resolved  all changes up to here are in the log.
  virtual void flush(std::uint64_t resolved) = 0;
  /// Up to where the log is durable; the checkpoint must not pass it.
  virtual std::uint64_t durable_to() const = 0;
  /// Tells the checkpoint; writes the meta file when its time has come.
  virtual void note_checkpoint(std::uint64_t checkpoint) = 0;
  /// The feed is being deleted while it runs: its files go (ticdc-api §1.5.5).
  virtual void forget() = 0;
};

}  // namespace bdrmesh::lab
