// The writers of a feed: several workers, each with a connection of its own. Rows go to a worker by
// the hash of their keys; a row waits only for earlier rows that share a key with it, so one key
// keeps its order while all else interleaves (ticdc-api §5.3). add() and drain() belong to one
// thread, the rest is thread-safe.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lab/feed/feed_error.h"
#include "lab/feed/feed_faults.h"
#include "lab/feed/feed_plan.h"
#include "lab/feed/sink_writer.h"

namespace bdrmesh::lab {

/// Rows that stay together in one downstream transaction, and the hashes of all their keys.
struct SinkUnit {
  std::vector<KeyedChange> rows;
  std::vector<std::uint64_t> hashes;  ///< the first decides about the worker
};

class SinkPool final : private WriterHome {
 public:
  /// More connections than this a feed does not open, whatever worker-count says: the lab's
  /// machine has other things to do.
  static constexpr std::size_t kMostWorkers = 4;

  explicit SinkPool(WriterPlan plan);
  ~SinkPool() override;

  /// Queues units in their order; blocks while queues are full or keys are waited for.
  /// @return false when stopped or failed meanwhile.
  bool add(std::vector<SinkUnit> units, const std::stop_token& stop);
  /// Waits until all is downstream. @return false when stopped or failed meanwhile.
  bool drain(const std::stop_token& stop);

  /// Number of the last unit queued.
  std::uint64_t last_added() const;
  /// Every unit up to this number is downstream.
  std::uint64_t done_up_to() const;
  bool is_idle() const { return done_up_to() == last_added(); }
  /// Why a worker gave up; all of them stand still then.
  std::optional<FeedFailure> failure() const;
  /// Asks the writers to end; batches in work go on downstream.
  void request_stop();
  /// Waits until they have ended.
  void join();
  /// Breaks their connections.
  void abort();

  struct Counts {
    std::uint64_t rows = 0;
    std::uint64_t last_synced = 0;  ///< newest commit_ts written
  };
  Counts counts() const;

 private:
  static constexpr std::size_t kSlots = std::size_t{16} * 1024;
  static constexpr std::size_t kNobody = SIZE_MAX;
  static constexpr std::size_t kMostQueuedRows = 4096;
  struct Slot {
    std::uint64_t unit = 0;  ///< the last that used it
    std::size_t worker = 0;
  };
  struct Worker {
    std::deque<QueuedUnit> queue;
    std::uint64_t done = 0;     ///< its last unit that is downstream
    std::uint64_t in_work = 0;  ///< the first unit of its present batch, 0: none
    std::unique_ptr<SinkWriter> writer;
  };

  std::optional<std::vector<QueuedUnit>> take(std::size_t worker, std::size_t most_rows,
                                              const std::stop_token& stop) override;
  void finish(std::size_t worker, std::uint64_t last_unit, std::uint64_t rows,
              std::uint64_t last_synced) override;
  void fail(FeedFailure failure) override;
  bool replaces_now() const override;
  void replace_for_a_while() override;

  std::size_t worker_for(const SinkUnit& unit) const;
  void enqueue(SinkUnit unit, std::size_t number);
  bool is_done(const Slot& slot) const { return workers_[slot.worker].done >= slot.unit; }

  const WriterPlan plan_;
  mutable std::mutex mutex_;             // guards all below
  std::condition_variable_any changed_;  ///< something was done, or failed
  std::condition_variable_any queued_;
  std::array<Slot, kSlots> slots_{};
  std::vector<Worker> workers_;
  std::uint64_t last_ = 0;
  std::size_t queued_rows_ = 0;
  Counts counts_;
  std::optional<FeedFailure> failure_;
  MonoTime replaces_until_;
  bool aborted_ = false;
};

/// The hashes of every unique key of a row, old and new image; equal keys give equal hashes.
std::vector<std::uint64_t> key_hashes(const RowChange& row, const RowKey& handle,
                                      const std::vector<RowKey>& uniques);

}  // namespace bdrmesh::lab
