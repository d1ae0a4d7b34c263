// The replica_config of a changefeed: decoded over TiCDC's defaults, checked, and shown as classic
// v8.5 shows it (ticdc-api §1.5.4, §1.6). Values; parsing is pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bdrmesh::lab {

struct ReplicaConfig {
  std::string answer;  ///< JSON as in the answer to create and update: nothing left out
  std::string shown;   ///< JSON as in later answers: without what a MySQL sink has no use for
  bool bdr_mode = false;
  bool case_sensitive = false;
  bool force_replicate = false;
  bool ignore_ineligible_table = false;
  bool safe_mode = false;
  bool sync_point = false;
  std::chrono::nanoseconds sync_point_interval{};
  std::chrono::nanoseconds sync_point_retention{};
  std::chrono::nanoseconds stuck_duration{};
  std::chrono::seconds synced_check_interval{};
  std::chrono::seconds checkpoint_interval{};
  std::vector<std::string> rules;
  std::vector<std::uint64_t> ignored_start_ts;
  std::string redo_level;
  std::string redo_storage;

  bool redo() const { return redo_level == "eventual"; }
};

/// For create: `json` is decoded over the defaults; empty text for none.
/// @throws ApiError 400 CDC:ErrAPIInvalidParam when a value has the wrong type.
ReplicaConfig replica_config_for_create(const std::string& json);

/// For update: `json` is decoded into nothing and replaces what was there. Left out, bdr_mode and
/// the other optional switches are off and plain scalars are zero: measured behaviour that users
/// trip over.
ReplicaConfig replica_config_for_update(const std::string& json);

/// What TiCDC checks by itself before it looks at the sink.
/// @throws ApiError 500 CDC:ErrInvalidReplicaConfig, CDC:ErrConsistentStorage; also for what the
/// lab does not imitate.
void require_valid(const ReplicaConfig& config);

}  // namespace bdrmesh::lab
