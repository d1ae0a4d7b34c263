// `link ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode list(const Invocation& call) {
  return call.with_api(
      [&](const CommandContext& context) { return list_links(context, call.text("--group")); });
}

std::string path_of(const Invocation& call) {
  return "/links/" + encoded(call.text("GROUP")) + "/" + encoded(call.text("FROM")) + "/" +
         encoded(call.text("TO"));
}

ExitCode one(const Invocation& call) { return call.print(path_of(call), render_link); }

ExitCode explain(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const Json answer = show(context, path_of(call), render_explanation);
    return get_or<std::string>(answer, "verdict", "") == "moving" ? ExitCode::done
                                                                  : ExitCode::degraded_or_drift;
  });
}

ExitCode history(const Invocation& call) {
  return call.print(
      path_of(call) + "/history?last_ms=" + std::to_string(call.span("--last")->count()),
      render_link_history);
}

Json link_args(const Invocation& call) {
  return {{"group", call.text("GROUP")}, {"from", call.text("FROM")}, {"to", call.text("TO")}};
}

ExitCode repair(const Invocation& call) {
  Json args = link_args(call);
  if (call.has("--replace")) args["replace"] = true;
  if (call.has("--lose-rows-of")) args["lose_rows_of"] = call.text("--lose-rows-of");
  if (call.has("--although-late")) args["although_late"] = true;
  return call.start("link.repair", args);
}

ExitCode resume(const Invocation& call) {
  Json args = link_args(call);
  if (call.has("--although-late")) args["although_late"] = true;
  return call.start("link.resume", args);
}

Parameter although_late() {
  return flag("--although-late",
              "even if a TiCDC of the new architecture is behind by more than its gc-ttl and may "
              "lose the history");
}

/// The link by its place on the command line, and more.
std::vector<Parameter> on_a_link(std::vector<Parameter> more = {}) {
  std::vector<Parameter> all{
      argument("GROUP", "name of the group", Names::group).required(),
      argument("FROM", "the cluster that rows come from", Names::cluster).required(),
      argument("TO", "the cluster that they go to", Names::cluster).required()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Command changing(const std::string& words, const std::string& help, const std::string& kind) {
  return starting({words, help, "bdrmesh " + words + " orders east west", on_a_link(),
                   [kind](const Invocation& call) { return call.start(kind, link_args(call)); }});
}

}  // namespace

Commands link_commands() {
  return {
      {"link list",
       "All links",
       "bdrmesh link list --group orders",
       {option("--group", "only those of this group", Names::group)},
       list},
      {"link show", "One link", "bdrmesh link show orders east west", on_a_link(), one},
      {"link history", "How far behind a link was",
       "bdrmesh link history orders east west --last 7d",
       on_a_link({span("--last", "so far back; a year at most").or_else("24h")}), history},
      {"link explain", "Why a link is as it is, and what to do about it",
       "bdrmesh link explain orders east west", on_a_link(), explain},
      changing("link pause", "Stop a link's changefeed and confirm that nothing is written",
               "link.pause"),
      starting({"link resume", "Let a link's changefeed go on, and prove it",
                "bdrmesh link resume orders east west", on_a_link({although_late()}), resume}),
      changing("link adopt", "Take over a changefeed that is what bdrmesh would have made",
               "link.adopt"),
      starting({"link repair",
                "Resume, replace or make anew a link's changefeed, whichever it needs",
                "bdrmesh link repair orders east west --dry-run",
                on_a_link({flag("--replace", "a new changefeed even if the old one looks right"),
                           option("--lose-rows-of",
                                  "begin from now though rows in between are lost; type the "
                                  "link's name, as in east-to-west"),
                           although_late()}),
                repair})};
}

}  // namespace bdrmesh
