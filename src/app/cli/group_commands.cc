// `group ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render.h"

namespace bdrmesh {
namespace {

ExitCode plan(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    const Json answer =
        show(context, "/groups/" + encoded(call.text("GROUP")) + "/plan", render_group_plan);
    return get_or(answer, "drift", false) ? ExitCode::degraded_or_drift : ExitCode::done;
  });
}

ExitCode apply(const Invocation& call) {
  Json args{{"group", call.text("GROUP")}};
  if (!call.text("--from-backup-of").empty()) {
    args["from_backup_of"] = call.text("--from-backup-of");
    args["hold_history_ms"] = call.span("--hold-history")->count();
  }
  return call.start("group.apply", args);
}

ExitCode stop(const Invocation& call) {
  return call.start("group.stop", {{"group", call.text("GROUP")},
                                   {"open", call.texts("--open")},
                                   {"keep_feeds_paused", call.has("--keep-feeds-paused")},
                                   {"accept_unproven", call.has("--accept-unproven")},
                                   {"kill", call.has("--kill")},
                                   {"max_pause_ms", call.span("--max-pause")->count()},
                                   {"txn_wait_ms", call.span("--txn-wait")->count()},
                                   {"hold_history_ms", call.span("--hold-history")->count()},
                                   {"readers", call.number("--readers")},
                                   {"rows_per_second", call.number("--rows-per-second")},
                                   {"max_load", call.number("--max-load")}});
}

ExitCode start(const Invocation& call) {
  Json args{{"group", call.text("GROUP")}};
  if (call.has("--although-late")) args["although_late"] = true;
  return call.start("group.start", args);
}

ExitCode change_tables(const Invocation& call, const std::vector<std::string>& add,
                       const std::vector<std::string>& remove) {
  return call.start("group.tables", {{"group", call.text("GROUP")},
                                     {"add", add},
                                     {"remove", remove},
                                     {"kill", call.has("--kill")},
                                     {"accept_unproven", call.has("--accept-unproven")},
                                     {"max_pause_ms", call.span("--max-pause")->count()},
                                     {"txn_wait_ms", call.span("--txn-wait")->count()},
                                     {"readers", call.number("--readers")},
                                     {"rows_per_second", call.number("--rows-per-second")},
                                     {"max_load", call.number("--max-load")}});
}

/// How long writes may stand, and how tables that enter are compared.
std::vector<Parameter> of_tables(const Parameter& group, const Parameter& other_rules) {
  return {group,
          other_rules,
          span("--max-pause", "undone when writes would be paused for longer").or_else("30s"),
          span("--txn-wait", "before a transaction in the way is ended").or_else("500ms"),
          flag("--kill", "end transactions that are in the way of the pause"),
          flag("--accept-unproven", "tables may enter though parts of them cannot be compared"),
          number("--readers", "sessions per member and table").or_else("2"),
          number("--rows-per-second", "at most so many per table; 0: no limit").or_else("0"),
          number("--max-load", "percent of the time in which a session asks").or_else("100"),
          argument_list("RULE", "the rules, as the configuration has them").required()};
}

ExitCode status(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    return exit_code_of_verdict(
        show(context, "/groups/" + encoded(call.text("GROUP")), render_group));
  });
}

}  // namespace

Commands group_commands() {
  const Parameter group = argument("GROUP", "name of the group", Names::group).required();
  return {
      {"group plan",
       "What differs from the configuration",
       "bdrmesh group plan orders",
       {group},
       plan},
      starting({"group apply",
                "Make it as configured",
                "bdrmesh group apply orders --dry-run",
                {group,
                 option("--from-backup-of",
                        "the member whose tables are copied to the others, which "
                        "are empty",
                        Names::cluster),
                 span("--hold-history", "with it: GC life time until the others have caught up")
                     .or_else("24h")},
                apply}),
      starting(
          {"group stop",
           "Prove that all members are equal, stop their replication, leave a certificate",
           "bdrmesh group stop orders --open all --dry-run",
           {group,
            option_list("--open",
                        "which clusters take writes afterwards: all, none, or their names")
                .required(),
            flag("--keep-feeds-paused", "for maintenance: group start lets them go on"),
            flag("--accept-unproven",
                 "stop although parts of tables cannot be compared; the certificate lists them"),
            span("--max-pause", "give up when writes would be paused for longer").or_else("10s"),
            span("--txn-wait", "before a transaction in the way is ended").or_else("500ms"),
            flag("--kill", "end transactions that are in the way of the pause"),
            span("--hold-history", "GC life time until the last digest is taken").or_else("6h"),
            number("--readers", "sessions per member and table").or_else("2"),
            number("--rows-per-second", "at most so many per table; 0: no limit").or_else("0"),
            number("--max-load", "percent of the time in which a session asks").or_else("100")},
           stop}),
      starting({"group start",
                "Let a group replicate on that was stopped with its changefeeds paused",
                "bdrmesh group start orders",
                {group, flag("--although-late",
                             "even where a TiCDC of the new architecture is behind by more than "
                             "its gc-ttl and may lose the history")},
                start}),
      starting({"group tables add",
                "Carry the tables of rules that the configuration has newly; they must be equal",
                "bdrmesh group tables add orders 'billing.*' --dry-run",
                of_tables(group, option_list("--remove", "rules that it has no more")),
                [](const Invocation& call) {
                  return change_tables(call, call.texts("RULE"), call.texts("--remove"));
                }}),
      starting({"group tables remove",
                "Carry no more the tables of rules that the configuration has no more",
                "bdrmesh group tables remove orders 'old.*' --dry-run",
                of_tables(group, option_list("--add", "rules that it has newly")),
                [](const Invocation& call) {
                  return change_tables(call, call.texts("--add"), call.texts("RULE"));
                }}),
      {"group status", "One group and its links", "bdrmesh group status orders", {group}, status}};
}

}  // namespace bdrmesh
