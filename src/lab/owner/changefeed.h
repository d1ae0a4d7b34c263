// What a TiCDC node knows of one changefeed. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/config/replica_config.h"
#include "lab/feed/feed_error.h"

namespace bdrmesh::lab {

/// States as the API spells them (ticdc-api §2.1):
///
///   normal -> warning (a DDL fails, or a duplicate entry) -> normal, once the checkpoint moved
///   normal -> pending (the sink gave up) -> warning (tries again) -> normal
///   any of these -> stopped (pause) -> normal (resume);  -> failed;  normal -> finished
///   (target_ts)
namespace feed_state {
inline constexpr const char* kNormal = "normal";
inline constexpr const char* kWarning = "warning";
inline constexpr const char* kPending = "pending";
inline constexpr const char* kStopped = "stopped";
inline constexpr const char* kFailed = "failed";
inline constexpr const char* kFinished = "finished";
}  // namespace feed_state

/// The part that outlives the process, as in etcd.
struct ChangefeedInfo {
  std::string id;
  std::string space = "default";
  std::string sink_uri;
  std::chrono::sys_time<std::chrono::nanoseconds> create_time;
  std::uint64_t start_ts = 0;
  std::uint64_t target_ts = 0;
  ReplicaConfig config;
  std::string state = feed_state::kNormal;
  int admin_job = 0;  ///< 0 none, 1 stop, 2 resume, 4 finish
  std::optional<FeedError> error;
  std::optional<FeedError> warning;
  std::uint64_t saved_checkpoint = 0;
  std::uint64_t gid_low = 0;  ///< new architecture: the identity of this incarnation
  std::uint64_t gid_high = 0;
};

/// One look at a changefeed.
struct ChangefeedView {
  ChangefeedInfo info;
  std::uint64_t checkpoint = 0;  ///< 0 while the feed is newborn
  std::uint64_t resolved = 0;    ///< 0 while no processor runs
  std::uint64_t puller_resolved = 0;
  std::uint64_t last_synced = 0;
  std::uint64_t rows = 0;        ///< rows written downstream by this run
  std::uint64_t dml_errors = 0;  ///< how often rows failed for good since the owner began
  std::uint64_t ddl_errors = 0;
};

}  // namespace bdrmesh::lab
