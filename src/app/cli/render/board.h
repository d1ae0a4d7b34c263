// The live picture of an operation on a terminal: stages with their times, what each running step
// waits for and since when, and a clock in large while writes are paused. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/cli/render/terminal.h"
#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

/// At most `room.rows` - 1 lines of at most `room.columns`: what does not fit is left out from the
/// stages that are done or have yet to begin. `links`: the answer of GET /links, for the lag of a
/// link that a step waits for; null when it is not known.
std::vector<std::string> board(const Json& operation, const Json& links, WallTime now,
                               TerminalSize room);

/// `12.3` in digits of five lines.
std::vector<std::string> large_text(const std::string& digits);

}  // namespace bdrmesh
