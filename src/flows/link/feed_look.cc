#include "flows/link/feed_look.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh::flows {
namespace {

[[noreturn]] void unsettled(const Link& link, const std::string& what) {
  throw Error(
      ErrorKind::transient, "FEED_UNSETTLED",
      what + " on the list of the TiCDC of " + link.from.value() + "; its owner may have changed");
}

}  // namespace

bool is_at_rest(const FeedSummary& feed) {
  return feed.state == "stopped" || feed.state == "failed" || feed.state == "finished";
}

std::optional<FeedSummary> look_now(const FlowPorts& ports, const Link& link,
                                    const ChangefeedId& id, const Call& call) {
  std::vector<FeedSummary> listed = ports.world.ticdc(link.from).list(call);
  const auto found = std::ranges::find(listed, id, &FeedSummary::id);
  if (found == listed.end()) return std::nullopt;
  return std::move(*found);
}

std::optional<FeedSummary> SettledLook::look(const FlowPorts& ports, const Link& link,
                                             const ChangefeedId& id, const Call& call) {
  std::optional<FeedSummary> feed = look_now(ports, link, id, call);
  if (!feed) {
    const MonoTime now = ports.clock.mono();
    if (!missing_since_) missing_since_ = now;
    if (now - *missing_since_ >= kGone) return std::nullopt;
    unsettled(link, "changefeed " + id.value() + " is not");
  }
  missing_since_.reset();
  if (!feed->checkpoint.is_set()) unsettled(link, "changefeed " + id.value() + " has no position");
  return feed;
}

bool comes_true(const FlowPorts& ports, const Link& link, const ChangefeedId& id, Millis limit,
                const Call& call,
                const std::function<bool(const std::optional<FeedSummary>&)>& seen) {
  static constexpr Millis kBetween{100};
  const MonoTime until = ports.clock.mono() + limit;
  for (;;) {
    if (seen(look_now(ports, link, id, call))) return true;
    if (ports.clock.mono() >= until) return false;
    if (!ports.clock.wait_for(kBetween, call.stop))
      throw Error(ErrorKind::cancelled, "CANCELLED", "stopped while looking at " + id.value());
  }
}

void was_ignored(const std::string& command, const ChangefeedId& id) {
  throw Error(ErrorKind::transient, "FEED_COMMAND_IGNORED",
              "TiCDC took the order to " + command + " changefeed " + id.value() +
                  ", and nothing came of it");
}

}  // namespace bdrmesh::flows
