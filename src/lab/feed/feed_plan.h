// What a feed's worker shall carry, where to, and how patient it is. Values, but for the filters,
// which are shared.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/feed/change_log.h"
#include "lab/feed/event_filter.h"
#include "lab/feed/sink_options.h"
#include "lab/feed/sink_uri.h"
#include "lab/feed/table_filter.h"

namespace bdrmesh::lab {

/// How patient feeds are. What is not set follows the family of TiCDC.
struct FeedTimes {
  Millis sink_retry_first{500};
  Millis sink_retry_longest{2000};
  /// Retries inside the sink with state normal; else 134 s classic, 17 s new (measured.md A19, D).
  std::optional<Millis> sink_patience;
  Millis missing_table_patience{5500};  ///< new only: measured.md §3 (8)
  Millis ddl_patience{5400};            ///< new only: until a failing DDL is told
  Millis sink_read_timeout{120000};     ///< unless the URI says read-timeout
  Millis async_index_after{10000};      ///< classic up to 8.5: then ADD INDEX goes on by itself
  Millis index_look{5000};              ///< between two looks whether an index is still being built
  Millis error_safe_mode{5000};         ///< new only: REPLACE after a duplicate entry
  Millis restart_after_duplicate{900};  ///< measured.md A9
  Millis backoff_first{10000};
  Millis backoff_longest{600000};
};

/// Consistent points that a feed leaves in its downstream (ticdc-api §6.3).
struct SyncPointPlan {
  bool enabled = false;
  Millis interval{600000};
  Millis retention{86400000};
};

struct FeedPlan {
  std::string id;
  std::string space = "default";  ///< namespace or keyspace
  std::string address;            ///< of the TiCDC node, as its redo files are named after
  SinkUri sink;
  SinkOptions options;  ///< see apply_replica_config()
  std::shared_ptr<const TableFilter> filter;
  std::shared_ptr<const EventFilters> events;  ///< may be empty
  bool bdr_mode = false;
  bool force_replicate = false;
  bool safe_mode = false;
  std::uint64_t from_ts = 0;        ///< everything above it is delivered
  std::uint64_t replace_up_to = 0;  ///< rows up to here may have been delivered before
  std::uint64_t target_ts = 0;      ///< 0: goes on for ever
  std::vector<std::uint64_t> ignored_start_ts;
  SyncPointPlan sync_points;
  /// Opens the redo log for a run that begins at the given position; may be empty, or give none.
  /// Blocks on the disk. @throws Error
  std::function<std::shared_ptr<ChangeLog>(std::uint64_t from_ts)> open_redo;
};

/// Fills in what the worker needs of a replica_config in the API's form (ticdc-api §1.6): options
/// of the sink, which the URI of `plan.sink` overrides, event filters, syncpoints.
/// @throws ApiError for values that create and update refuse.
void apply_replica_config(FeedPlan& plan, const std::string& replica_config_json);

}  // namespace bdrmesh::lab
