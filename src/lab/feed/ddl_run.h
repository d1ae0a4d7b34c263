// One DDL on its way into the downstream: waits for an index of its table that is still being
// built, runs the statement, and tries again as the imitated family does (ticdc-api §4.5;
// measured.md §2 A21, B, §3 8, 10, 12). Has a thread of its own; thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "lab/core/ddl_jobs.h"
#include "lab/feed/feed_error.h"
#include "lab/feed/sink_writer.h"

namespace bdrmesh::lab {

class DdlRun {
 public:
  DdlRun(const WriterPlan& plan, DdlJob job);
  ~DdlRun();

  const DdlJob& job() const { return job_; }
  /// It is downstream, or counts as such.
  bool is_done() const;
  /// Classic: it failed, says so, and goes on trying.
  std::optional<FeedError> warning() const;
  /// New architecture: the feed must be started anew.
  std::optional<FeedFailure> failure() const;
  /// Whether the feed may go on while the index is still being built.
  bool may_go_on_alone() const;
  /// Whether the thread has ended.
  bool has_ended() const;
  void abort();

 private:
  enum class Looked { building, over };

  void run(const std::stop_token& stop);
  void wait_for_index(const std::stop_token& stop);
  Looked look_for_index();
  void execute();
  /// @return whether to stop trying.
  bool take_error(const Error& error, MonoTime began);

  const WriterPlan& plan_;
  const DdlJob job_;
  SinkSession session_;

  mutable std::mutex mutex_;  // guards all below
  bool done_ = false;
  bool ended_ = false;
  std::optional<MonoTime> sent_;
  std::optional<FeedError> warning_;
  std::optional<FeedFailure> failure_;
  std::jthread thread_;  // last: it uses all above
};

}  // namespace bdrmesh::lab
