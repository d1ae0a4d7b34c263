// `op ...`
#include "app/cli/command_groups.h"

namespace bdrmesh {
namespace {

ExitCode list(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    return list_operations(context, call.number("--limit"), call.text("--state"));
  });
}

ExitCode one(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    return show_operation(context, call.text("ID"), call.has("--calls"));
  });
}

ExitCode watch(const Invocation& call) {
  const std::optional<Millis> limit = call.span("--timeout");
  return call.with_api([&](const CommandContext& context) {
    return follow_operation(context, call.text("ID"), limit);
  });
}

ExitCode run(const Invocation& call) {
  const StartOptions options = call.start_options();
  return call.with_api(
      [&](const CommandContext& context) { return run_plan(context, call.text("PLAN"), options); });
}

ExitCode steer(const Invocation& call, const std::string& verb, const Json& body = {}) {
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return steer_operation(context, call.text("ID"), verb, body, options);
  });
}

ExitCode retry(const Invocation& call) {
  return steer(call, "retry", {{"step", call.text("STEP")}});
}

ExitCode skip(const Invocation& call) {
  return steer(call, "skip",
               {{"step", call.text("STEP")},
                {"reason", call.text("--reason")},
                {"requested_by", "bdrmesh-cli"}});
}

Commands looking(const Parameter& id) {
  return {{"op list",
           "The newest operations",
           "bdrmesh op list --state unfinished",
           {option("--state", "only those in this state; unfinished: all that have not ended")
                .one_of({"unfinished", "queued", "running", "compensating", "blocked", "succeeded",
                         "reverted", "cancelled"}),
            number("--limit", "how many").or_else("20")},
           list},
          {"op show",
           "One operation as a timeline: what was done when, what failed, who asked for it",
           "bdrmesh op show ID --calls",
           {id, flag("--calls", "also every call to a cluster, with duration and answer")},
           one},
          {"op watch",
           "Follow an operation to its end; any number may watch",
           "bdrmesh op watch ID --timeout 10m",
           {id, span("--timeout", "stop watching after this, such as 10m")},
           watch}};
}

Commands steering(const Parameter& id) {
  const Parameter step =
      argument("STEP", "id of the step, as op show tells it, such as 3.1").required();
  return {
      running({"op run",
               "Run exactly the plan that a dry run has shown, or refuse if the world has changed",
               "bdrmesh op run PLAN",
               {argument("PLAN", "id of the plan", Names::plan).required()},
               run}),
      following({"op cancel",
                 "Undo an operation that has not crossed its point of no return",
                 "bdrmesh op cancel ID",
                 {id},
                 [](const Invocation& call) { return steer(call, "cancel"); }}),
      following({"op resume",
                 "Go on with a blocked operation",
                 "bdrmesh op resume ID",
                 {id},
                 [](const Invocation& call) { return steer(call, "resume"); }}),
      following({"op retry",
                 "Go on with a blocked operation; the tries of this step begin anew",
                 "bdrmesh op retry ID 3.1",
                 {id, step},
                 retry}),
      following({"op skip",
                 "Go on with a blocked operation without this step, where the plan allows it",
                 "bdrmesh op skip ID 3.1 --reason 'done by hand'",
                 {id, step, option("--reason", "why; it is recorded").required()},
                 skip})};
}

}  // namespace

Commands op_commands() {
  const Parameter id = argument("ID", "id of the operation", Names::operation).required();
  Commands all = looking(id);
  for (Command& command : steering(id)) all.push_back(std::move(command));
  return all;
}

}  // namespace bdrmesh
