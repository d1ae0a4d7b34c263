// Follows an operation until it ends, telling on the way; survives a daemon that is restarted
// meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/cli/client/api_client.h"
#include "app/cli/render/terminal.h"
#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

struct WatchOptions {
  std::optional<Millis> limit;        ///< stop watching after this
  Millis longest_silence{60'000};     ///< of a daemon that does not answer
  std::function<bool()> interrupted;  ///< the person wants to leave
  std::optional<Json> known;  ///< as it was before it was resumed: not told again, and to be found
                              ///< like that is no end, as the daemon has yet to begin
};

/// @return the operation when it is final or blocked; std::nullopt when the watching ended first
/// (how to come back is said).
/// @throws Error invalid `UNKNOWN_OPERATION`.
std::optional<Json> watch_operation(ApiClient& api, const std::string& id, Terminal& terminal,
                                    const Clock& clock, const WatchOptions& options);

}  // namespace bdrmesh
