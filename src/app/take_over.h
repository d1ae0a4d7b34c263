// `serve --take-over`: a manager whose state file was put back from a backup, or lost, becomes the
// one that holds the clusters, before its daemon starts.
#pragma once

#include <functional>
#include <string>

#include "app/cli/render/terminal.h"
#include "base/clock.h"
#include "model/desired.h"

namespace bdrmesh {

struct TakeOverOptions {
  bool manager_is_dead = false;  ///< the caller knows, where it cannot be asked
  /// Asks the person for the name of the manager; gives what was typed.
  std::function<std::string(const std::string& question)> ask;
  Millis patience{10'000};  ///< one cluster may take so long
};

/// Takes every cluster over that the typed manager holds, with an epoch above all that are seen;
/// gates and remembered settings stay. Unfinished operations of this state are blocked: what
/// happened since is not in it. Blocks until nothing that the former holder was about to send can
/// still be sent. Does nothing when no cluster shows a newer or another holder.
/// @throws Error precondition `MANAGER_ALIVE`, `MANAGER_PERHAPS_ALIVE`, `NOT_CONFIRMED`,
/// `STATE_HELD` and what opening the state throws; conflict `TAKE_OVER_LOST`.
void take_over_clusters(const Desired& desired, const TakeOverOptions& options, Terminal& terminal);

}  // namespace bdrmesh
