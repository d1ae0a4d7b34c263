// Writes consistent points into a feed's downstream: a row of tidb_cdc.syncpoint_v1 and
// `tidb_external_ts` (ticdc-api §6.3; measured.md §2 §4.6, §6.3). When the downstream is consistent
// its caller knows. One thread at a time, but abort() from any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/feed/feed_error.h"
#include "lab/feed/sink_writer.h"
#include "model/version.h"

namespace bdrmesh::lab {

class SyncPoints {
 public:
  /// @param changefeed  as the table names it: the bare id, or `default/<id>` of the new
  /// architecture.
  SyncPoints(const WriterPlan& plan, std::string changefeed, Millis retention);

  /// @throws FeedFailure retryable, naming what was refused; Error transient.
  void write(std::uint64_t primary_ts);
  void abort() { session_.abort(); }

 private:
  void make_table();
  void write_row(std::uint64_t primary_ts);
  [[noreturn]] void fail(const std::string& what, const Error& error) const;

  const WriterPlan& plan_;
  const std::string changefeed_;
  const Millis retention_;
  SinkSession session_;
  bool has_table_ = false;
  std::optional<MonoTime> cleaned_;
};

/// The first point behind `ts`: at full intervals of the clock since v8.2, before that at intervals
/// from `begin`.
std::uint64_t next_sync_point(std::uint64_t ts, std::uint64_t begin, Millis interval,
                              const Version& ticdc);

}  // namespace bdrmesh::lab
