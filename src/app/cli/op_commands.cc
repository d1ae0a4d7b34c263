// `op ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode list(const Invocation& call) {
  return call.print("/operations?limit=" + call.text("--limit"), render_operations);
}

ExitCode one(const Invocation& call) {
  return call.print("/operations/" + encoded(call.text("ID")), render_operation);
}

ExitCode watch(const Invocation& call) {
  const std::optional<Millis> limit = call.span("--timeout");
  return call.with_api([&](const CommandContext& context) {
    return follow_operation(context, call.text("ID"), limit);
  });
}

ExitCode steer(const Invocation& call, const std::string& verb) {
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return steer_operation(context, call.text("ID"), verb, options);
  });
}

}  // namespace

Commands op_commands() {
  const Parameter id = argument("ID", "id of the operation", Names::operation).required();
  return {{"op list",
           "The newest operations",
           "bdrmesh op list --limit 50",
           {number("--limit", "how many").or_else("20")},
           list},
          {"op show", "One operation with all its steps", "bdrmesh op show ID", {id}, one},
          {"op watch",
           "Follow an operation to its end",
           "bdrmesh op watch ID",
           {id, span("--timeout", "stop watching after this, such as 10m")},
           watch},
          following({"op cancel",
                     "Undo an operation that has not crossed its point of no return",
                     "bdrmesh op cancel ID",
                     {id},
                     [](const Invocation& call) { return steer(call, "cancel"); }}),
          following({"op resume",
                     "Go on with a blocked operation",
                     "bdrmesh op resume ID",
                     {id},
                     [](const Invocation& call) { return steer(call, "resume"); }})};
}

}  // namespace bdrmesh
