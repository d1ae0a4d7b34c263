// Waits for a blocking call that nothing can interrupt, until it ends or a stop is requested.
// Thread-safe.
#pragma once

#include <functional>
#include <stop_token>

#include "base/clock.h"

namespace bdrmesh {

/// Runs `work` on a thread of its own and blocks until it ended; its exceptions come out here.
/// After a stop the thread is left to itself: it ends with its work or with the process. `work`
/// must own all it touches. Used only for DDL: its socket cannot be closed through the connector,
/// and KILL from another session may cancel the job on some versions.
/// @return false when stopped before the end.
bool run_unless_stopped(const std::stop_token& stop, std::function<void()> work);

/// The same, and the thread is left to itself at `deadline` too. For BACKUP and RESTORE, which go
/// on while somebody looks now and then how far they are.
/// @return false when the time was over, or stopped, before the end.
bool run_until(const Clock& clock, MonoTime deadline, const std::stop_token& stop,
               std::function<void()> work);

}  // namespace bdrmesh
