// How the wrappers of a FaultyWorld pass their calls on.
#pragma once

#include <optional>
#include <utility>

#include "fakes/faulty_world.h"

namespace bdrmesh::fakes {

/// Passes a call that answers something.
template <class Act>
auto pass_answer(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  std::optional<decltype(act())> found;
  world.pass(made, call, [&] { found.emplace(act()); });
  return std::move(*found);
}

/// Passes a call that changes something and answers nothing; `act` owns all that it needs, so that
/// it can also happen when its caller has gone.
template <class Act>
void pass_change(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  world.pass(
      made, call, [&] { act(call); }, [act] { act(Call{}); });
}

}  // namespace bdrmesh::fakes
