// `verify ...`
#include "app/cli/command_groups.h"

namespace bdrmesh {
namespace {

ExitCode run(const Invocation& call) {
  return call.start(
      "verify." + call.text("--level"),
      {{"group", call.text("--group")}, {"patience_ms", call.span("--patience")->count()}});
}

}  // namespace

Commands verify_commands() {
  return {starting(
      {"verify run",
       "Prove that every link of a group carries rows",
       "bdrmesh verify run --group orders",
       {option("--group", "name of the group", Names::group).required(),
        option("--level", "links: markers and checkpoints").one_of({"links"}).or_else("links"),
        span("--patience", "a link that has not passed its marker by then counts as unproven")
            .or_else("30s")},
       run})};
}

}  // namespace bdrmesh
