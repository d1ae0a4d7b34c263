// Checks that create, update and resume of both families are made of (ticdc-api §3).
#pragma once

#include <cstdint>
#include <string>

#include "lab/cdc/api_context.h"
#include "lab/cdc/binding.h"

namespace bdrmesh::lab {

/// Id or name space: letters and digits, single hyphens inside, at most 128.
/// @throws ApiError 400 CDC:ErrAPIInvalidParam; so do the others unless said.
void require_name(const ApiRules& rules, const std::string& name, const std::string& what);

/// Keeps history from `ts` for an hour under the feed's `-creating-` or `-resuming-` entry; a
/// create that is refused later leaves it behind (measured.md A17).
/// @throws ApiError 400 CDC:ErrStartTsBeforeGC.
void hold_gc(const ApiContext& context, const std::string& purpose, const ChangefeedInfo& feed,
             std::uint64_t ts);

/// Chooses start_ts and takes over target_ts. @throws ApiError for a start in the future.
void choose_start(const ApiContext& context, const ChangefeedRequest& request,
                  ChangefeedInfo& info);
/// @throws ApiError 400 CDC:ErrTargetTsBeforeStartTs.
void require_target_behind_start(const ChangefeedInfo& info);
/// @throws ApiError 400 for a position that lies in the future.
void require_past(const ApiContext& context, std::uint64_t checkpoint);

/// Connects to the downstream and compares clusters.
/// @param doing  `creating`, `updating`, `resuming`.
/// @throws ApiError 400 CDC:ErrMySQLConnectionError, 500 CDC:ErrSameUpstreamDownstream.
void require_other_cluster(const ApiContext& context, const std::string& sink_uri,
                           const std::string& doing);

/// What a worker could not be made of is refused before there is one.
void require_runnable(const ApiContext& context, const ChangefeedInfo& info);

/// Takes over an update's target_ts. @throws ApiError 400 CDC:ErrChangefeedUpdateRefused.
void take_target(const ChangefeedRequest& asked, ChangefeedInfo& info);

ApiError refused_update(const std::string& cause);
ApiError no_sink_uri();
ApiError already_exists(const ApiRules& rules, const std::string& id);
/// Schemas cannot be read at timestamp 0: 500 CDC:ErrMetaListDatabases.
ApiError snapshot_at_zero(const ApiContext& context);

}  // namespace bdrmesh::lab
