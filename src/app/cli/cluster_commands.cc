// `cluster ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

Parameter cluster() {
  return argument("CLUSTER", "name of the cluster", Names::cluster).required();
}

/// What every operation on one member takes.
Json about_member(const Invocation& call) {
  Json args{{"cluster", call.text("CLUSTER")}};
  if (!call.text("--group").empty()) args["group"] = call.text("--group");
  return args;
}

Json with_pause(const Invocation& call, Json args) {
  args["kill"] = call.has("--kill");
  if (const auto pause = call.span("--max-pause")) args["max_pause_ms"] = pause->count();
  return args;
}

ExitCode leave(const Invocation& call) {
  Json args = with_pause(call, about_member(call));
  args["keep_serving"] = call.has("--keep-serving");
  return call.start("cluster.leave", args);
}

ExitCode evacuate(const Invocation& call) {
  if (call.has("--back")) return call.start("cluster.return", about_member(call));
  Json args = with_pause(call, about_member(call));
  args["reason"] = call.text("--reason");
  if (call.text("--reason").empty())
    throw usage_error("--reason is missing", "say why: whoever is called at night reads it");
  return call.start("cluster.evacuate", args);
}

ExitCode evict(const Invocation& call) {
  Json args = about_member(call);
  args["confirm"] = call.text("--confirm");
  args["compare"] = !call.has("--no-compare");
  const std::string because = call.text("--although-alive-because");
  if (!because.empty()) args["although_alive_because"] = because;
  return call.start("cluster.evict", args);
}

/// Also what is well: who numbers what is the answer.
std::string render_ids(const Json& answer) {
  std::string out;
  for (const Json& finding : list_of(answer, "findings")) {
    const std::string severity = text_of(finding, "severity");
    out += (severity == "ok" ? std::string("·") : severity) + " " + text_of(finding, "text") + "\n";
    if (const std::string remedy = text_of(finding, "remedy"); severity != "ok" && remedy != "-")
      out += "    → " + remedy + "\n";
  }
  return out.empty() ? "no table of these groups numbers its rows\n" : out;
}

ExitCode check_ids(const Invocation& call) {
  Json args{{"ids", true}};
  if (!call.text("--group").empty()) args["group"] = call.text("--group");
  return call.with_api([&](const CommandContext& context) {
    const Json answer = context.api.ask("/doctor", args);
    print(context, answer, render_ids);
    return get_or(answer, "ok", false) ? ExitCode::done : ExitCode::degraded_or_drift;
  });
}

}  // namespace

Commands cluster_commands() {
  const Parameter group = option("--group", "its group; needed when it is not clear", Names::group);
  const Parameter kill = flag("--kill", "end transactions that do not end within a moment");
  const Parameter max_pause =
      span("--max-pause", "its gate opens again when this is spent before the line").or_else("30s");
  return {
      {"cluster list",
       "All clusters as they were last seen",
       "bdrmesh cluster list",
       {},
       [](const Invocation& call) { return call.print("/clusters", render_clusters); }},
      {"cluster check ids",
       "Who gives out which row ids, what can collide, and which range comes to its end",
       "bdrmesh cluster check ids --group orders",
       {option("--group", "only the tables of this group", Names::group)},
       check_ids},
      join_command(),
      starting(
          {"cluster rotate-sink-password",
           "Give the changefeeds that write into a cluster the passwords that are configured now",
           "bdrmesh cluster rotate-sink-password east --dry-run",
           {cluster()},
           [](const Invocation& call) {
             return call.start("cluster.rotate_sink_password", {{"cluster", call.text("CLUSTER")}});
           }}),
      starting({"cluster leave",
                "Take a healthy member out of its mesh; the others go on without a pause",
                "bdrmesh cluster leave south --group orders --dry-run",
                {cluster(), group,
                 flag("--keep-serving", "applications may write there afterwards, alone"), kill,
                 max_pause},
                leave}),
      starting({"cluster evacuate",
                "Keep applications out of a member until it comes back; its links go on",
                "bdrmesh cluster evacuate south --reason \"new switches\"",
                {cluster(), group, option("--reason", "why; whoever is called at night reads it"),
                 flag("--back", "it has what the others wrote; applications may write again"), kill,
                 max_pause},
                evacuate}),
      starting(
          {"cluster evict",
           "Shut a dead member out of its mesh, save what is left of its rows",
           "bdrmesh cluster evict south --group orders --confirm south",
           {cluster(), group,
            option("--confirm", "the name of the cluster once more: rows may be lost").required(),
            option("--although-alive-because",
                   "it answers; why it is treated as dead nevertheless"),
            flag("--no-compare", "do not compare the rows of the survivors")},
           evict})};
}

}  // namespace bdrmesh
