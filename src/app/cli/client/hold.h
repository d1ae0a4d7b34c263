// Operations that hold something for a while and are useful long before they end: a gate closed by
// hand, a maintenance. Whoever starts one waits only until it holds.
#pragma once

#include <string>

#include "app/cli/client/operations.h"

namespace bdrmesh {

/// Submits the operation and follows it until its stage `hold` has begun; says so with `holds`, and
/// how it is ended with `end_with`. Blocks.
/// @return done when it holds; as follow_operation when it ended before.
ExitCode start_and_hold(const CommandContext& context, const std::string& kind, const Json& args,
                        const StartOptions& options, const std::string& holds,
                        const std::string& end_with);

}  // namespace bdrmesh
