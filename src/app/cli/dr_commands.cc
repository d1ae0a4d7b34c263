// `dr ...`, but for `dr bootstrap`.
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_pair.h"
#include "app/cli/render/render_text.h"

namespace bdrmesh {
namespace {

std::string path_of(const Invocation& call) {
  return "/groups/" + encoded(call.text("GROUP")) + "/dr";
}

ExitCode code_of(const Json& pair) {
  return text_of(pair, "readiness") == "ready" ? ExitCode::done : ExitCode::degraded_or_drift;
}

ExitCode status(const Invocation& call) {
  static constexpr Millis kEvery{2000};
  return call.with_api([&](const CommandContext& context) {
    Json pair = show(context, path_of(call), render_pair);
    while (call.has("--watch") && !context.interrupted()) {
      context.clock.wait_for(kEvery, {});
      if (context.interrupted()) break;
      pair = show(context, path_of(call), render_pair);
    }
    return code_of(pair);
  });
}

Json switchover_args(const Invocation& call) {
  Json args{{"group", call.text("GROUP")},
            {"kill", call.has("--kill")},
            {"max_pause_ms", call.span("--max-pause")->count()},
            {"txn_wait_ms", call.span("--txn-wait")->count()},
            {"keep_ttl", call.has("--keep-ttl")}};
  return args;
}

ExitCode switchover(const Invocation& call) {
  Json args = switchover_args(call);
  if (call.has("--to")) args["to"] = call.text("--to");
  return call.start("dr.switchover", args);
}

ExitCode failover(const Invocation& call) {
  return call.start("dr.failover", {{"group", call.text("GROUP")},
                                    {"primary", call.text("--primary")},
                                    {"fenced_because", call.text("--primary-is-fenced-because")},
                                    {"changefeed", call.text("--changefeed")},
                                    {"without_redo", call.has("--without-redo")},
                                    {"kill", call.has("--kill")}});
}

ExitCode rebuild(const Invocation& call) {
  return call.start("dr.rebuild",
                    {{"group", call.text("GROUP")}, {"cluster", call.text("--cluster")}});
}

/// Who is the primary does not have to be typed: there and back ends where it began.
ExitCode drill(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const Json before = context.api.get(path_of(call));
    const StartOptions options = call.start_options();
    Json there = switchover_args(call);
    there["to"] = text_of(before, "secondary");
    const ExitCode first = run_operation(context, "dr.switchover", there, options);
    if (first != ExitCode::done || options.dry_run || options.detach) return first;
    Json back = switchover_args(call);
    back["to"] = text_of(before, "primary");
    const ExitCode second = run_operation(context, "dr.switchover", back, options);
    if (second != ExitCode::done) {
      context.terminal.say(text_of(before, "secondary") +
                           " is the primary now; the way back did not come about");
      return second;
    }
    return code_of(show(context, path_of(call), render_pair));
  });
}

ExitCode set_reads(const Invocation& call, bool on) {
  return call.start("dr.reads", {{"group", call.text("GROUP")}, {"on", on}});
}

ExitCode reads_status(const Invocation& call) {
  return call.print(path_of(call), render_pair_reads);
}

std::vector<Parameter> turning(const Parameter& group) {
  return {
      group,
      span("--max-pause", "give up when no cluster would take writes for longer").or_else("30s"),
      span("--txn-wait", "before a transaction in the way is ended").or_else("500ms"),
      flag("--kill", "end transactions that are in the way of the pause"),
      flag("--keep-ttl", "leave tidb_ttl_job_enable as it is on both")};
}

Commands reads_commands(const Parameter& group) {
  return {starting({"dr reads enable",
                    "Let readers of the secondary see the newest syncpoint",
                    "bdrmesh dr reads enable billing",
                    {group},
                    [](const Invocation& call) { return set_reads(call, true); }}),
          starting({"dr reads disable",
                    "Let readers of the secondary see what is there now",
                    "bdrmesh dr reads disable billing",
                    {group},
                    [](const Invocation& call) { return set_reads(call, false); }}),
          {"dr reads status",
           "At which position the secondary is read",
           "bdrmesh dr reads status billing",
           {group},
           reads_status}};
}

}  // namespace

Commands dr_commands() {
  const Parameter group = argument("GROUP", "name of the pair", Names::group).required();
  std::vector<Parameter> to = turning(group);
  to.push_back(option("--to", "the cluster that is to be the primary", Names::cluster));
  Commands all{
      {"dr status",
       "How far behind the secondary is, and what a failover would lose now",
       "bdrmesh dr status billing --watch",
       {group, flag("--watch", "again every two seconds, until Ctrl-C")},
       status},
      bootstrap_command(),
      starting({"dr switchover", "Make the secondary the primary; loses nothing, or refuses",
                "bdrmesh dr switchover billing --dry-run", to, switchover}),
      starting(
          {"dr failover",
           "Make the secondary the primary because the primary is lost; says first what is "
           "lost with it",
           "bdrmesh dr failover billing --primary north --dry-run",
           {group,
            option("--primary", "the name of the lost cluster, typed", Names::cluster).required(),
            option("--primary-is-fenced-because",
                   "go on although it answers: how it is kept from writing"),
            option("--changefeed", "whose redo log it is, where nobody knows any more"),
            flag("--without-redo", "lose what only the redo log has"),
            flag("--kill", "end sessions on the new primary that may still read the past")},
           failover}),
      starting(
          {"dr rebuild",
           "Make the repaired old primary ready to be filled from the new one",
           "bdrmesh dr rebuild billing --cluster north --dry-run",
           {group,
            option("--cluster", "the name of the old primary, typed", Names::cluster).required()},
           rebuild}),
      starting({"dr drill", "Switch over and back, and measure both", "bdrmesh dr drill billing",
                turning(group), drill})};
  for (Command& one : reads_commands(group)) all.push_back(std::move(one));
  return all;
}

}  // namespace bdrmesh
