// One worker of a feed's sink: takes queued units, writes them in one transaction, and tries again
// as the imitated family does (ticdc-api §5.5; measured.md A9, A10, A19). Has a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "lab/core/cluster_state.h"
#include "lab/feed/feed_error.h"
#include "lab/feed/feed_faults.h"
#include "lab/feed/feed_plan.h"
#include "lab/feed/row_sql.h"
#include "lab/feed/sink_session.h"

namespace bdrmesh::lab {

struct QueuedUnit {
  std::uint64_t number = 0;
  std::vector<KeyedChange> rows;
};

/// What all workers of a feed share.
struct WriterPlan {
  const Clock& clock;
  bool classic = true;
  SinkUri sink;
  SinkOptions options;
  int write_source = 1;
  FeedTimes times;
  std::shared_ptr<FeedFaults> faults;
};

/// Where a worker gets its units, and whom it tells.
class WriterHome {
 public:
  virtual ~WriterHome() = default;
  /// Blocks until there is something. @return std::nullopt when the worker shall end.
  virtual std::optional<std::vector<QueuedUnit>> take(std::size_t worker, std::size_t most_rows,
                                                      const std::stop_token& stop) = 0;
  virtual void finish(std::size_t worker, std::uint64_t last_unit, std::uint64_t rows,
                      std::uint64_t last_synced) = 0;
  virtual void fail(FeedFailure failure) = 0;
  /// Whether inserts are written as REPLACE for now (new architecture, after a duplicate).
  virtual bool replaces_now() const = 0;
  virtual void replace_for_a_while() = 0;
};

class SinkWriter {
 public:
  SinkWriter(WriterHome& home, std::size_t number, const WriterPlan& plan);
  ~SinkWriter();

  void request_stop() { thread_.request_stop(); }
  void join();
  /// Breaks the connection under a statement that waits.
  void abort() { session_.abort(); }

 private:
  void run(const std::stop_token& stop);
  bool write(std::vector<KeyedChange>& batch, const std::stop_token& stop);
  void try_batch(const std::vector<KeyedChange>& batch);
  void run_in_steps(const std::vector<RowStatement>& statements);
  void run_as_scripts(const std::vector<RowStatement>& statements);
  Millis patience(int server_error) const;
  void give_up(const std::vector<KeyedChange>& batch, const Error& error);
  void give_up_classic(const Error& error);
  void give_up_new(const std::vector<KeyedChange>& batch, const Error& error);

  WriterHome& home_;
  const std::size_t number_;
  const WriterPlan& plan_;
  SinkSession session_;
  RowStatement failing_;  ///< the statement that failed last
  std::jthread thread_;   // last: it uses all above
};

/// How long one statement may take, by the URI or else by `times`.
Millis read_timeout(const SinkOptions& options, const FeedTimes& times);

}  // namespace bdrmesh::lab
