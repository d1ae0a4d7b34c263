// Somebody who alters tables that are nobody else's business, while others work. One thread.
#pragma once

#include <stop_token>

#include "base/clock.h"
#include "lab/load/load_target.h"

namespace bdrmesh::lab::load {

/// Adds and drops a column of `app.bystander` on one cluster, again and again, until `stop`; what
/// is refused is tried again next time. Blocks.
void alter_on_and_on(const Clock& clock, const LoadTarget& target, Millis between,
                     const std::stop_token& stop);

}  // namespace bdrmesh::lab::load
