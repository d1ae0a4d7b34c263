// What the list of a TiCDC proves about one changefeed. For seconds after a change of its owner the
// list shows a living feed without a position, or not at all, and commands find "no such
// changefeed" (measured §2 A12, A16). A look belongs to one step, and is used by one thread at a
// time.
#pragma once

#include <functional>
#include <optional>

#include "flows/ports.h"
#include "model/link.h"

namespace bdrmesh::flows {

/// Delivers nothing, and begins to only when it is told to.
bool is_at_rest(const FeedSummary& feed);

/// The feed as the list tells it this moment. Not from the shared board: what was listed in the
/// same moment may be older than our own change.
std::optional<FeedSummary> look_now(const FlowPorts& ports, const Link& link,
                                    const ChangefeedId& id, const Call& call);

/// Remembers since when a feed is missing.
class SettledLook {
 public:
  /// That long a feed must be missing to be gone.
  static constexpr Millis kGone{3000};

  /// Blocks for one list call.
  /// @return the feed, with its position; std::nullopt when it has been missing for long enough.
  /// @throws Error transient `FEED_UNSETTLED` while nobody can tell, and as TicdcClient::list.
  std::optional<FeedSummary> look(const FlowPorts& ports, const Link& link, const ChangefeedId& id,
                                  const Call& call);

 private:
  std::optional<MonoTime> missing_since_;
};

/// Looks ten times a second until `seen` says so. Blocks for `limit` at most; looks at least once.
/// @return whether it did. @throws Error cancelled when stopped, and as TicdcClient::list.
bool comes_true(const FlowPorts& ports, const Link& link, const ChangefeedId& id, Millis limit,
                const Call& call,
                const std::function<bool(const std::optional<FeedSummary>&)>& seen);

/// A classic TiCDC answers 200 to a command that it then ignores (ticdc-api §1.5.6, measured §2
/// A3): whoever sends one waits that long for its effect, and sends it again.
inline constexpr Millis kEffectPatience{5000};

/// @throws Error transient `FEED_COMMAND_IGNORED`: the runner sends it again.
[[noreturn]] void was_ignored(const std::string& command, const ChangefeedId& id);

}  // namespace bdrmesh::flows
