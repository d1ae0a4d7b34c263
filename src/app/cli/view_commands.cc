// `status` and `events`.
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode status(const Invocation& call) {
  return call.with_api([](const CommandContext& context) {
    return exit_code_of_verdict(show(context, "/status", render_status));
  });
}

ExitCode events(const Invocation& call) {
  return call.print("/events?after=" + call.text("--after") + "&limit=" + call.text("--limit"),
                    render_events);
}

}  // namespace

Commands view_commands() {
  return {{"status",
           "One screen: what is, whether it is well, what to type next",
           "bdrmesh status",
           {},
           status},
          {"events",
           "What happened, oldest first",
           "bdrmesh events --limit 50",
           {number("--after", "only events with a greater number").or_else("0"),
            number("--limit", "how many").or_else("20")},
           events}};
}

}  // namespace bdrmesh
