// A feed's redo log on disk: row and DDL logs, flushed on their interval, and the meta file with
// both positions (ticdc-api §6.1). Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/feed/change_log.h"
#include "lab/feed/feed_faults.h"
#include "lab/redo/redo_files.h"

namespace bdrmesh::lab {

/// `consistent.*` of a replica_config.
struct RedoOptions {
  std::string storage;
  Millis flush_interval{2000};
  Millis meta_flush_interval{200};
  std::size_t max_log_size = std::size_t{64} << 20;
};

class RedoLog final : public ChangeLog {
 public:
  /// Takes the prefix over: the greatest positions of all metas there count, whosever they are;
  /// leftovers of a feed of that id that was deleted go.
  /// @param from_ts  where the feed begins.
  /// @throws RedoStorageError
  RedoLog(const Clock& clock, RedoOptions options, RedoOwner owner, std::uint64_t from_ts);

  void add_row(const KeyedChange& row) override;
  void add_ddl(const DdlJob& job, std::uint64_t commit_ts) override;
  bool flush_is_due() const override;
  void flush(std::uint64_t resolved) override;
  std::uint64_t durable_to() const override;
  void note_checkpoint(std::uint64_t checkpoint) override;
  void forget() override;

 private:
  struct Buffer {
    std::string kind;
    std::string lines;
    std::uint64_t max_ts = 0;
  };
  void take_over(std::uint64_t from_ts);
  void write(Buffer& buffer);
  void write_meta();
  void collect();

  const Clock& clock_;
  const RedoOptions options_;
  const RedoOwner owner_;
  std::optional<std::filesystem::path> directory_;

  mutable std::mutex mutex_;  // guards all below
  Buffer rows_{"row", "", 0};
  Buffer ddl_{"ddl", "", 0};
  RedoMeta meta_;
  RedoMeta written_;
  std::filesystem::path meta_file_;
  std::uint64_t durable_ = 0;
  MonoTime flushed_;
  MonoTime meta_flushed_;
  MonoTime collected_;
  bool forgotten_ = false;
};

/// The redo log that a replica_config in the API's form asks for; empty when it asks for none.
/// @throws RedoStorageError
std::shared_ptr<ChangeLog> open_redo_log(const Clock& clock, const std::string& replica_config_json,
                                         RedoOwner owner, std::uint64_t from_ts);

}  // namespace bdrmesh::lab
