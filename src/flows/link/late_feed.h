// Feeds that a resumption may cost their history. Blocks for calls to TiCDC and TiDB.
#pragma once

#include "engine/plan.h"
#include "flows/ports.h"

namespace bdrmesh::flows {

/// A feed of the new architecture that lags by gc-ttl or more is resumed, and its history thrown
/// away at its first step (ticdc-api §2.2): whoever plans to resume one raises gc-ttl first, or
/// says `although_late` in `args`.
/// @throws Error precondition `FEED_TOO_LATE`.
void refuse_late_feeds(const FlowPorts& ports, const Plan& plan, const Json& args,
                       const Call& call);

}  // namespace bdrmesh::flows
