// The running half of a changefeed: takes changes from its upstream, hands rows to the writers and
// DDL to its run, and says how far it got. What shall happen after a failure is decided by the
// owner. Thread-safe; has a thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lab/changes/position_sampler.h"
#include "lab/feed/change_source.h"
#include "lab/feed/ddl_run.h"
#include "lab/feed/feed_error.h"
#include "lab/feed/feed_faults.h"
#include "lab/feed/feed_plan.h"
#include "lab/feed/sink_pool.h"
#include "lab/feed/sync_point.h"

namespace bdrmesh::lab {

class FeedWorker {
 public:
  struct Progress {
    std::uint64_t checkpoint = 0;
    std::uint64_t resolved = 0;
    std::uint64_t last_synced = 0;  ///< commit_ts of the newest row written
    std::uint64_t rows = 0;
    std::optional<FeedError> warning;  ///< it is trying again and has said so
    std::optional<FeedError> ended_by;
    FeedFailure::Kind ended_kind{};
    bool finished = false;  ///< target_ts reached
  };

  FeedWorker(ClusterState& cluster, const PositionSampler& sampler, const FeedTimes& times,
             std::shared_ptr<FeedFaults> faults, FeedPlan plan);
  ~FeedWorker();

  Progress progress() const;
  /// Asks it to end and returns at once. A transaction in flight goes on downstream, as TiCDC's
  /// does (measured.md A5, §3 0); a pessimistic one of classic is broken off.
  void request_stop();
  /// The feed is being deleted: its redo files go. Call before request_stop().
  void forget();
  /// Whether its thread has ended.
  bool ended() const;
  /// Breaks its connections, so that its end comes soon.
  void abort();

 private:
  /// What holds changes back until all before it is downstream: a DDL, or a syncpoint.
  ///
  ///   gathering (rows below its timestamp still come) -> running (a DDL works) -> released
  struct Barrier {
    std::uint64_t ts = 0;         ///< rows up to here go first
    std::uint64_t stands_at = 0;  ///< the checkpoint meanwhile; 0: where it was
    bool all_tables = true;
    bool gathered = false;
    bool reads = true;  ///< false once something came that must wait for its end
    MonoTime gather_until;
    std::optional<DdlJob> ddl;
    BinlogPosition read_to;
    BinlogPosition end;  ///< behind the DDL
  };
  /// Units up to `unit` come from before `position`.
  struct Mark {
    std::uint64_t unit = 0;
    BinlogPosition position;
  };

  void run(const std::stop_token& stop);
  void replicate(const std::stop_token& stop);
  void open_redo();
  void start_over();
  void step(const std::stop_token& stop);
  std::optional<FeedItem> next_item(const std::stop_token& stop);
  void take(FeedItem item, const std::stop_token& stop);
  void mark(BinlogPosition position);

  void open_ddl_barrier(DdlJob job, BinlogPosition end);
  void open_sync_barrier();
  void hold(FeedItem item, const std::stop_token& stop);
  bool blocks(const RowChange& row) const;
  void step_barrier(const std::stop_token& stop);
  bool has_gathered() const;
  void start_ddl();
  void step_ddl();
  void release();

  void publish();
  void hold_checkpoint(std::uint64_t ts);
  void set_warning(std::optional<FeedError> warning);
  void note_failure(const FeedFailure& failure);
  void tear_down();

  ClusterState& cluster_;
  const PositionSampler& sampler_;
  const FeedTimes times_;
  const std::shared_ptr<FeedFaults> faults_;
  const FeedPlan plan_;
  const WriterPlan writers_;

  // Only the worker's thread uses these.
  std::optional<ChangeSource> source_;
  std::deque<FeedItem> waiting_;  ///< read while something held them back
  std::deque<FeedItem> held_;     ///< behind the present barrier
  std::deque<Mark> marks_;
  BinlogPosition applied_;  ///< everything before it is downstream
  std::optional<Barrier> barrier_;
  std::uint64_t next_sync_ = 0;  ///< the next syncpoint's timestamp, 0: none
  bool sync_waits_for_ddl_ = false;
  std::uint64_t from_ts_ = 0;  ///< as in the plan, later after the upstream was away
  std::uint64_t replace_up_to_ = 0;
  std::uint64_t rows_before_ = 0;  ///< written by pools that are gone

  mutable std::mutex mutex_;  // guards all below; the parts themselves are thread-safe
  std::unique_ptr<SinkPool> pool_;
  std::unique_ptr<DdlRun> ddl_;
  std::vector<std::unique_ptr<DdlRun>> alone_;  ///< indexes that are built without anybody waiting
  std::unique_ptr<SyncPoints> sync_points_;
  std::shared_ptr<ChangeLog> redo_;
  bool forgotten_ = false;
  Progress progress_;
  bool ended_ = false;
  bool aborted_ = false;
  std::jthread thread_;  // last: it uses all above
};

}  // namespace bdrmesh::lab
