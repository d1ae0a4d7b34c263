// Commands that fill empty clusters from a backup: `cluster join`, `dr bootstrap`.
#include "app/cli/command_groups.h"

namespace bdrmesh {
namespace {

ExitCode join(const Invocation& call) {
  Json args{{"cluster", call.text("CLUSTER")},
            {"max_pause_ms", call.span("--max-pause")->count()},
            {"hold_history_ms", call.span("--hold-history")->count()},
            {"kill", call.has("--kill")},
            {"no_cut", call.has("--no-cut")}};
  if (!call.text("--group").empty()) args["group"] = call.text("--group");
  if (!call.text("--source").empty()) args["source"] = call.text("--source");
  return call.start("cluster.join", args);
}

ExitCode bootstrap(const Invocation& call) {
  return call.start("dr.bootstrap", {{"group", call.text("GROUP")},
                                     {"hold_history_ms", call.span("--hold-history")->count()}});
}

}  // namespace

Command join_command() {
  return starting(
      {"cluster join",
       "Take a new, empty cluster into a mesh that serves",
       "bdrmesh cluster join south --group orders --dry-run",
       {argument("CLUSTER", "the newcomer; the configuration names it as a member", Names::cluster)
            .required(),
        option("--group", "the mesh; not needed when it is in one only", Names::group),
        option("--source", "the member whose tables are copied; the one with the role PRIMARY",
               Names::cluster),
        span("--max-pause", "give up when the cut would pause writes for longer").or_else("10s"),
        flag("--kill", "end transactions that are in the way of the cut"),
        span("--hold-history", "GC life time until the newcomer has caught up").or_else("24h"),
        flag("--no-cut", "without a pause; refused by this version")},
       join});
}

Command bootstrap_command() {
  return starting(
      {"dr bootstrap",
       "Copy the primary to an empty secondary and let it follow",
       "bdrmesh dr bootstrap billing --dry-run",
       {argument("GROUP", "name of the pair", Names::group).required(),
        span("--hold-history", "GC life time until the secondary has caught up").or_else("24h")},
       bootstrap});
}

}  // namespace bdrmesh
