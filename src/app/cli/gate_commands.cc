// `gate ...`
#include "app/cli/client/hold.h"
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

ExitCode close(const Invocation& call) {
  const std::string cluster = call.text("CLUSTER");
  const Json args{{"cluster", cluster},
                  {"reason", call.text("--reason")},
                  {"for_ms", call.span("--for").value_or(Millis{0}).count()}};
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return start_and_hold(context, "gate.close", args, options,
                          "every tidb-server of " + cluster + " refuses writes",
                          "bdrmesh gate open " + cluster);
  });
}

}  // namespace

Commands gate_commands() {
  return {{"gate list",
           "Gates that are not open, and who holds them",
           "bdrmesh gate list",
           {},
           [](const Invocation& call) { return call.print("/gates", render_gates); }},
          starting({"gate close",
                    "Keep applications out of a cluster for a while; opens by itself",
                    "bdrmesh gate close east --for 30m --reason \"test of the pool\"",
                    {argument("CLUSTER", "name of the cluster", Names::cluster).required(),
                     span("--for", "how long, such as 30m; at most 24h").required(),
                     option("--reason", "why; whoever is called at night reads it").required()},
                    close}),
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
