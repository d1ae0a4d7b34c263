// `link ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode list(const Invocation& call) {
  return call.with_api(
      [&](const CommandContext& context) { return list_links(context, call.text("--group")); });
}

ExitCode one(const Invocation& call) {
  return call.print("/links/" + encoded(call.text("GROUP")) + "/" + encoded(call.text("FROM")) +
                        "/" + encoded(call.text("TO")),
                    render_link);
}

}  // namespace

Commands link_commands() {
  return {{"link list",
           "All links",
           "bdrmesh link list --group orders",
           {option("--group", "only those of this group", Names::group)},
           list},
          {"link show",
           "One link",
           "bdrmesh link show orders east west",
           {argument("GROUP", "name of the group", Names::group).required(),
            argument("FROM", "the cluster that rows come from", Names::cluster).required(),
            argument("TO", "the cluster that they go to", Names::cluster).required()},
           one}};
}

}  // namespace bdrmesh
