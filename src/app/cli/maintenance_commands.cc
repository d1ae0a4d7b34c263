// `maintenance ...`
#include "app/cli/client/hold.h"
#include "app/cli/command_groups.h"

namespace bdrmesh {
namespace {

ExitCode begin(const Invocation& call) {
  const std::string cluster = call.text("CLUSTER");
  Json args{{"cluster", cluster},
            {"reason", call.text("--reason")},
            {"for_ms", call.span("--for").value_or(Millis{0}).count()}};
  if (call.has("--upgrade")) args["upgrade"] = true;
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return start_and_hold(context, "maintenance.start", args, options,
                          cluster + " is in maintenance", "bdrmesh maintenance end " + cluster);
  });
}

ExitCode end(const Invocation& call) {
  return call.start("maintenance.end", {{"cluster", call.text("CLUSTER")}});
}

}  // namespace

Commands maintenance_commands() {
  const Parameter cluster = argument("CLUSTER", "name of the cluster", Names::cluster).required();
  return {starting({"maintenance start",
                    "Work on a cluster without false alarms; ends by itself",
                    "bdrmesh maintenance start east --for 2h --reason \"new kernel\"",
                    {cluster, span("--for", "how long, such as 2h; at most 7d").required(),
                     option("--reason", "why; whoever is called at night reads it").required(),
                     flag("--upgrade",
                          "TiDB's version changes: unset the BDR roles of the group meanwhile")},
                    begin}),
          starting({"maintenance end",
                    "End the maintenance of a cluster now, and put back what it changed",
                    "bdrmesh maintenance end east",
                    {cluster},
                    end})};
}

}  // namespace bdrmesh
