// `group ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode plan(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const Json answer =
        show(context, "/groups/" + encoded(call.text("GROUP")) + "/plan", render_group_plan);
    return get_or(answer, "drift", false) ? ExitCode::degraded_or_drift : ExitCode::done;
  });
}

ExitCode apply(const Invocation& call) {
  return call.start("group.apply", {{"group", call.text("GROUP")}});
}

ExitCode status(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    return exit_code_of_verdict(
        show(context, "/groups/" + encoded(call.text("GROUP")), render_group));
  });
}

}  // namespace

Commands group_commands() {
  const Parameter group = argument("GROUP", "name of the group", Names::group).required();
  return {
      {"group plan",
       "What differs from the configuration",
       "bdrmesh group plan orders",
       {group},
       plan},
      starting({"group apply",
                "Make it as configured",
                "bdrmesh group apply orders --dry-run",
                {group},
                apply}),
      {"group status", "One group and its links", "bdrmesh group status orders", {group}, status}};
}

}  // namespace bdrmesh
