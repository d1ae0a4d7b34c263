// Request bodies bound as TiCDC's server binds them: unknown keys are ignored, a wrong type is
// refused with Go's words (ticdc-api §1.3). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace bdrmesh::lab {

/// Body of create and update.
struct ChangefeedRequest {
  std::string id;
  std::string space = "default";  ///< `namespace`
  std::uint64_t start_ts = 0;
  std::uint64_t target_ts = 0;
  std::string sink_uri;
  std::optional<std::string> replica_config;  ///< its JSON text; absent when left out
  bool replica_config_is_null = false;
};

/// @throws ApiError 400 CDC:ErrAPIInvalidParam with a text/plain header; so do the others.
ChangefeedRequest bind_changefeed(const std::string& body);

/// @return `overwrite_checkpoint_ts`, 0 when left out.
std::uint64_t bind_resume(const std::string& body);

/// Thresholds of GET synced, each left as it is when left out.
void bind_synced(const std::string& body, std::chrono::seconds& check_interval,
                 std::chrono::seconds& checkpoint_interval);

/// @return `redact_info_log` of POST /log/redact.
std::string bind_redact_mode(const std::string& body);

struct ResolveLockRequest {
  std::uint64_t region_id = 0;
  std::uint64_t ts = 0;
};
ResolveLockRequest bind_resolve_lock(const std::string& body);

/// Accepts any JSON object.
void bind_object(const std::string& body);

/// @return `log_level` of POST /log.
std::string bind_log_level(const std::string& body);

}  // namespace bdrmesh::lab
