// What TiCDC checks of a replica_config by itself, before it looks at the sink (ticdc-api §3.1,
// §3.2).
#pragma once

#include "lab/config/api_rules.h"
#include "lab/config/replica_config.h"

namespace bdrmesh::lab {

/// Redo storage on this machine (`file`, `local`, `nfs`) is made and written to on the way, as the
/// real server does.
/// @param sink  of the new architecture: it checks here whether the sink takes syncpoints.
/// @throws ApiError 500 CDC:ErrInvalidReplicaConfig, CDC:ErrConsistentStorage,
/// CDC:ErrStorageInitialize.
void require_valid(const ReplicaConfig& config, const ApiRules& rules = {},
                   const SinkUri* sink = nullptr);

}  // namespace bdrmesh::lab
