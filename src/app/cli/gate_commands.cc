// `gate ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode open(const Invocation& call) {
  Json args{{"cluster", call.text("CLUSTER")}};
  const std::string because = call.text("--although-line-crossed");
  if (!because.empty()) args["line_crossed_because"] = because;
  return call.start("gate.open", args);
}

}  // namespace

Commands gate_commands() {
  return {{"gate list",
           "Gates that are not open, and who holds them",
           "bdrmesh gate list",
           {},
           [](const Invocation& call) { return call.print("/gates", render_gates); }},
          starting({"gate open",
                    "Let applications write again",
                    "bdrmesh gate open east",
                    {argument("CLUSTER", "name of the cluster", Names::cluster).required(),
                     option("--although-line-crossed",
                            "open although its operation may have crossed its point of no return; "
                            "says why")},
                    open})};
}

}  // namespace bdrmesh
