// Server-sent events (HTML Living Standard §9.2): the stored events from a number on, then each new
// one. Every event carries its number as `id`, so that a reader who was cut off goes on where it
// was. One caller at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/backend.h"
#include "api/http_types.h"

namespace bdrmesh {

struct EventFeedStart {
  std::optional<std::int64_t> after;  ///< nothing: an operation's first event; else only new ones
  std::string operation;              ///< empty: everything
};

/// Messages: `data` is an event; `event: reset` when the reader knows a number that this state has
/// not reached (an old state came back); `event: end` when the operation has ended or the server
/// stops; `event: problem` with a problem document when the state cannot be read.
/// `backend` must outlive the feed.
/// @throws Error invalid `UNKNOWN_OPERATION`.
EventFeed make_event_feed(Backend& backend, const EventFeedStart& start);

}  // namespace bdrmesh
