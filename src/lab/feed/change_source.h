// What a feed takes from its upstream: transactions split into units of rows with their keys, and
// the DDL that is to run downstream, after all filters (ticdc-api §4.1, §4.5, §5.2). With redo, an
// item comes out only after it is in the log. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <stop_token>
#include <vector>

#include "lab/changes/position_sampler.h"
#include "lab/changes/upstream_reader.h"
#include "lab/core/cluster_state.h"
#include "lab/feed/feed_faults.h"
#include "lab/feed/feed_plan.h"
#include "lab/feed/sink_pool.h"
#include "lab/feed/table_keys.h"

namespace bdrmesh::lab {

/// What comes next: rows, or a DDL, or only a later position.
struct FeedItem {
  std::uint64_t commit_ts = 0;
  std::vector<SinkUnit> units;
  std::optional<DdlJob> ddl;
  BinlogPosition end;  ///< behind it
};

class ChangeSource {
 public:
  /// @param from_ts  changes above it are delivered. @param replace_up_to  rows up to it are
  /// written with REPLACE.
  /// @param redo  may be null. @throws Error transient when the upstream is away.
  ChangeSource(ClusterState& cluster, const PositionSampler& sampler, const FeedPlan& plan,
               FeedFaults& faults, ChangeLog* redo, std::uint64_t from_ts,
               std::uint64_t replace_up_to);

  /// @return std::nullopt when nothing came within `wait`.
  /// @throws FeedFailure, Error transient, BadBinlog.
  std::optional<FeedItem> next(Millis wait, const std::stop_token& stop);

 private:
  bool passes(const UpstreamTransaction& facts) const;
  FeedItem make_item(UpstreamItem item, const std::stop_token& stop);
  void add_row(FeedItem& item, RowChange change);
  void add_unit(FeedItem& item, KeyedChange keyed, const TableKeySet& keys);
  void deliver(FeedItem& item, SinkUnit unit, bool swaps);
  std::optional<DdlJob> take_ddl(std::int64_t job_id, const std::stop_token& stop);
  bool wants_ddl(const DdlJob& job);
  void require_key(const DdlJob& job) const;
  bool passes_gate(const DdlJob& job) const;
  bool is_ignored(std::uint64_t start_ts) const;
  void stage(FeedItem item);

  ClusterState& cluster_;
  const PositionSampler& sampler_;
  const FeedPlan& plan_;
  FeedFaults& faults_;
  ChangeLog* const redo_;
  const std::uint64_t from_ts_;
  const std::uint64_t replace_up_to_;
  TableKeys keys_;
  UpstreamReader reader_;
  BinlogPosition read_to_;
  std::deque<FeedItem> staged_;  ///< in the redo log's buffer
  std::deque<FeedItem> ready_;
  std::optional<SinkUnit> held_back_;  ///< by the fault that swaps two changes
};

}  // namespace bdrmesh::lab
