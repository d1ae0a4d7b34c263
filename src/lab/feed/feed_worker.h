// The running half of a changefeed: reads its upstream's binlog and writes to its downstream, in
// order, and says how far it got. What shall happen after a failure is decided by the owner.
// Thread-safe; has a thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lab/feed/ddl_rules.h"
#include "lab/feed/feed_error.h"
#include "lab/feed/feed_faults.h"
#include "lab/changes/position_sampler.h"
#include "lab/feed/row_sql.h"
#include "lab/feed/sink_session.h"
#include "lab/feed/table_filter.h"
#include "lab/feed/table_keys.h"

namespace bdrmesh::lab {

/// How patient feeds are. Defaults are those of a real classic TiCDC, except that the sink's pauses
/// are capped low.
struct FeedTimes {
  Millis sink_retry_first{500};
  Millis sink_retry_longest{2000};
  Millis sink_patience{134000};  ///< retries inside the sink with state normal (measured.md A19)
  Millis sink_read_timeout{120000};     ///< the URI parameter read-timeout
  Millis restart_after_duplicate{900};  ///< measured.md A9
  Millis backoff_first{10000};
  Millis backoff_longest{600000};
};

/// What a worker shall carry.
struct FeedPlan {
  std::string id;
  SinkUri sink;
  std::shared_ptr<const TableFilter> filter;
  bool bdr_mode = false;
  bool force_replicate = false;
  bool safe_mode = false;
  std::uint64_t from_ts = 0;        ///< everything above it is delivered
  std::uint64_t replace_up_to = 0;  ///< rows up to here may have been delivered before
  std::uint64_t target_ts = 0;      ///< 0: goes on for ever
  std::vector<std::uint64_t> ignored_start_ts;
};

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
  /// Asks it to end and returns at once. A statement in flight goes on downstream, as TiCDC's does
  /// (measured.md A5).
  void request_stop() { thread_.request_stop(); }
  /// Whether its thread has ended.
  bool ended() const;
  /// Breaks its connections, so that its end comes soon.
  void abort();

 private:
  void run(const std::stop_token& stop);
  void replicate(const std::stop_token& stop);
  std::optional<UpstreamItem> next_item(Millis wait);
  void take_item(UpstreamItem item, const std::stop_token& stop);
  void take_transaction(UpstreamTransaction transaction);
  void add_row(RowChange change);
  void flush(const std::stop_token& stop);
  void write_batch();
  void take_ddl(std::int64_t job_id, const std::stop_token& stop);
  bool wants_ddl(const DdlJob& job);
  void look_ahead(const DdlJob& job, const std::stop_token& stop);
  void run_ddl(const DdlJob& job, const std::stop_token& stop);
  void try_ddl(const DdlJob& job);
  void publish_checkpoint();
  void hold_checkpoint(std::uint64_t ts);
  void set_warning(std::optional<FeedError> warning);
  bool pause(Millis duration, const std::stop_token& stop) const;

  ClusterState& cluster_;
  const PositionSampler& sampler_;
  const FeedTimes times_;
  const std::shared_ptr<FeedFaults> faults_;
  const FeedPlan plan_;
  SinkSession sink_;
  TableKeys keys_;

  // Only the worker's thread uses these.
  std::optional<UpstreamReader> reader_;
  std::deque<UpstreamItem> ahead_;  ///< read while a DDL waited
  BinlogPosition read_to_;          ///< behind the last item taken
  BinlogPosition applied_;          ///< everything before it is downstream
  std::uint64_t from_ts_ = 0;       ///< as in the plan, later after the upstream was away
  std::uint64_t replace_up_to_ = 0;
  std::vector<KeyedChange> batch_;
  std::string failing_shape_;  ///< the statement that failed last

  mutable std::mutex mutex_;  // guards progress_ and ended_
  Progress progress_;
  bool ended_ = false;
  std::jthread thread_;  // last: it uses all above
};

}  // namespace bdrmesh::lab
