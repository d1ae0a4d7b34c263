// `state check`, `state backup` and `state compact`: offline, on the manager's state file.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

/// Prints what the file holds. @return done, or needs_attention when it is damaged.
/// @throws Error precondition `STATE_*` as store/state_file.h.
ExitCode check_state(const std::string& path, OutputForm form, Terminal& terminal);

/// Copies the file, also under a running daemon, and prints what the copy holds.
/// @throws Error precondition `STATE_*`, `COPY_EXISTS`.
ExitCode back_up_state(const std::string& path, const std::string& copy, OutputForm form,
                       Terminal& terminal);

/// Drops what happened in operations that ended longer ago than `older_than`, and prints how much.
/// @throws Error precondition `STATE_*` as store/state_file.h; `STATE_HELD` under a running daemon.
ExitCode compact_state(const std::string& path, Millis older_than, const Clock& clock,
                       OutputForm form, Terminal& terminal);

}  // namespace bdrmesh
