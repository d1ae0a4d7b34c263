// `status` and `events`.
#include <algorithm>

#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

ExitCode status(const Invocation& call) {
  return call.with_api([](const CommandContext& context) {
    return exit_code_of_verdict(show(context, "/status", render_status));
  });
}

bool has_event_after(const CommandContext& context, std::int64_t number) {
  const Json answer = context.api.get("/events?limit=1&after=" + std::to_string(number));
  return !list_of(answer, "events").empty();
}

/// The number of the newest event, found by halving: numbers grow without large gaps.
std::int64_t newest_event(const CommandContext& context) {
  std::int64_t low = 0;
  std::int64_t high = 1024;
  while (has_event_after(context, high)) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (has_event_after(context, middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

ExitCode events(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const std::int64_t limit = std::clamp<std::int64_t>(call.number("--limit"), 1, 10'000);
    const std::int64_t after = call.has("--after")
                                   ? call.number("--after")
                                   : std::max<std::int64_t>(0, newest_event(context) - limit);
    show(context, "/events?after=" + std::to_string(after) + "&limit=" + std::to_string(limit),
         render_events);
    return ExitCode::done;
  });
}

}  // namespace

Commands view_commands() {
  return {{"status",
           "One screen: what is, whether it is well, what to type next",
           "bdrmesh status",
           {},
           status},
          {"events",
           "What happened last, oldest first",
           "bdrmesh events --limit 50",
           {number("--after", "the first ones with a greater number; default: the newest"),
            number("--limit", "how many").or_else("20")},
           events}};
}

}  // namespace bdrmesh
