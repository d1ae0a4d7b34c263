// `rescue`: closed gates found and opened with the configuration only, on a machine that never saw
// the manager's state (design §4). No daemon, no state file.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

struct RescueOptions {
  std::string config;
  std::string server;            ///< URL where a living manager would answer; empty: none is asked
  bool dry_run = false;          ///< only look and say
  bool manager_is_dead = false;  ///< the caller knows: deadlines are not awaited
  Millis patience{10'000};       ///< one cluster may take so long
};

/// Prints every closed gate with its owner, reason, age and undo, and opens those whose operation
/// has not crossed its line. Blocks.
/// @return done when no gate stays closed, degraded_or_drift when one does, refused when a manager
/// is alive.
/// @throws Error precondition for an unreadable configuration or secret.
ExitCode rescue_gates(const RescueOptions& options, OutputForm form, Terminal& terminal);

}  // namespace bdrmesh
