// The replica_config of a changefeed: decoded over TiCDC's defaults and shown as each version shows
// it (ticdc-api §1.5.4, §1.6). Values; pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lab/config/api_rules.h"
#include "lab/feed/sink_uri.h"

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
  std::string event_filters;  ///< JSON array, empty when there are none
  std::string redo_level;
  std::string redo_storage;

  bool redo() const { return redo_level == "eventual"; }
};

/// For create: `json` is decoded over the defaults; empty text for none.
/// @throws ApiError 400 CDC:ErrAPIInvalidParam when a value has the wrong type.
ReplicaConfig replica_config_for_create(const std::string& json,
                                        ConfigTree tree = ConfigTree::classic_8_5);

/// For update: `json` is decoded into nothing and replaces what was there. Left out, bdr_mode and
/// the other switches are off; classic makes plain scalars zero, the new architecture gives them
/// their defaults: measured behaviour that users trip over.
ReplicaConfig replica_config_for_update(const std::string& json,
                                        ConfigTree tree = ConfigTree::classic_8_5);

/// What the sink URI says goes over what the config says: `transaction-atomicity`.
ReplicaConfig with_sink_parameters(const ReplicaConfig& config, const SinkUri& sink,
                                   ConfigTree tree);

}  // namespace bdrmesh::lab
