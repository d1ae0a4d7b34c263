// Who a state file is towards the clusters: an id made once, and an epoch that grows with each
// start.
#pragma once

#include "base/clock.h"
#include "gate/token_keeper.h"
#include "store/state_store.h"

namespace bdrmesh {

/// The id that this state has, made when it has none yet, and the epoch of this start; without
/// `start` and address.
ManagerIdentity stored_identity(StateStore& store, const Clock& clock);

/// Afterwards this start and all later ones of this state have epochs of `least` and more: another
/// copy of the state has started more often.
/// @return the epoch of this start.
std::uint64_t raise_epoch(StateStore& store, const Clock& clock, std::uint64_t least);

}  // namespace bdrmesh
