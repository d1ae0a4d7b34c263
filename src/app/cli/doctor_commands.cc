// `doctor`
#include "app/cli/command_groups.h"

namespace bdrmesh {

Commands doctor_commands() {
  return {{"doctor",
           "Look for what would go wrong, and say how to mend it",
           "bdrmesh doctor --group orders",
           {option("--group", "only the clusters of this group", Names::group)},
           [](const Invocation& call) {
             return call.with_api([&](const CommandContext& context) {
               return run_doctor(context, call.text("--group"));
             });
           }}};
}

}  // namespace bdrmesh
