// `cluster ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {

Commands cluster_commands() {
  return {{"cluster list",
           "All clusters as they were last seen",
           "bdrmesh cluster list",
           {},
           [](const Invocation& call) { return call.print("/clusters", render_clusters); }}};
}

}  // namespace bdrmesh
