// `ddl ...`
#include <iostream>
#include <unistd.h>

#include "app/cli/client/problem.h"
#include "app/cli/command_groups.h"
#include "app/cli/ddl_history.h"
#include "app/cli/name_prompt.h"
#include "app/cli/offline/ddl_classify.h"
#include "app/cli/offline/read_text.h"

namespace bdrmesh {
namespace {

std::string script_of(const Invocation& call) {
  if (call.text("--statement").empty() == call.text("FILE").empty()) {
    throw usage_error(call.command().words + " takes either --statement SQL or a file",
                      call.command().example);
  }
  return call.text("FILE").empty() ? call.text("--statement") : read_text(call.text("FILE"));
}

std::string undo_of(const Invocation& call) {
  const std::string file = call.text("--undo-file");
  if (file.empty()) return call.text("--undo");
  if (!call.text("--undo").empty()) {
    throw usage_error(call.command().words + " takes either --undo SQL or --undo-file",
                      call.command().example);
  }
  return read_text(file);
}

Json change_of(const Invocation& call) {
  return {{"group", call.text("--group")},
          {"script", script_of(call)},
          {"max_pause_ms", call.span("--max-pause")->count()},
          {"txn_wait_ms", call.span("--txn-wait")->count()},
          {"kill", call.has("--kill")},
          {"schema", call.text("--schema")},
          {"strategy", call.text("--strategy")},
          {"undo", undo_of(call)},
          {"confirm", call.texts("--confirm")},
          {"without_member", call.text("--without-member")}};
}

/// A person at a terminal can be asked; a script that came on standard input cannot be followed by
/// answers.
bool can_ask(const Invocation& call) {
  return isatty(STDIN_FILENO) != 0 && call.terminal().narration_is_tty() &&
         call.text("FILE") != "-";
}

ExitCode run(const Invocation& call) {
  Json change = change_of(call);
  try {
    return call.start("ddl.run", change);
  } catch (const ApiProblem& refusal) {
    // Caught here because only whoever types can answer it.
    if (refusal.code() != "NAME_NOT_TYPED" || !can_ask(call)) throw;
    call.terminal().say(refusal.message());
    for (const std::string& name : typed_names(refusal.evidence(), call.terminal(), std::cin))
      change["confirm"].push_back(name);
  }
  return call.start("ddl.run", change);
}

ExitCode plan(const Invocation& call) {
  return call.with_api([&](const CommandContext& context) {
    StartOptions options;
    options.dry_run = true;
    return run_operation(context, "ddl.run", change_of(call), options);
  });
}

ExitCode list(const Invocation& call) {
  return call.with_api(
      [&](const CommandContext& context) { return list_ddl(context, call.number("--limit")); });
}

ExitCode undo(const Invocation& call) {
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return undo_ddl(context, call.text("ID"), call.text("--reason"), options);
  });
}

ExitCode classify(const Invocation& call) {
  ClassifyOptions options;
  options.script = read_text(call.text("FILE"));
  options.tidb_version = call.text("--tidb-version");
  options.schema = call.text("--schema");
  options.tables = call.texts("--tables");
  options.roles = call.has("--roles");
  options.ansi_quotes = call.has("--ansi-quotes");
  return classify_script(options, call.form(), call.terminal());
}

ExitCode open(const Invocation& call) {
  const StartOptions options = call.start_options();
  return call.with_api([&](const CommandContext& context) {
    return open_healthy(context, call.text("ID"), options);
  });
}

}  // namespace

Commands ddl_commands() {
  const Parameter schema = option("--schema", "schema of names that have none");
  const std::vector<Parameter> change{
      argument("FILE", "file with SQL, - for standard input", Names::file),
      option("--group", "name of the group", Names::group).required(),
      option("--statement", "SQL; several statements share one pause"),
      span("--max-pause",
           "give up before the point of no return when writes would be paused for longer")
          .or_else("10s"),
      schema,
      span("--txn-wait", "how long open transactions may take to end before --kill ends them")
          .or_else("500ms"),
      flag("--kill", "end transactions that are in the way when --txn-wait has passed"),
      option("--strategy", "a safer one than each statement's own")
          .one_of({"paused", "everywhere", "replicated"}),
      option("--undo",
             "SQL that takes the change back where it took place, should another cluster refuse "
             "it; one statement for each of the script, in its order"),
      option("--undo-file", "file with that SQL", Names::file),
      option_list("--confirm",
                  "name of a protected table or database that is dropped or emptied, once more"),
      option("--without-member", "a member that is dead and does not take part", Names::cluster)};
  return {
      starting({"ddl run", "Change the schema of a group, on all its clusters",
                "bdrmesh ddl run --group orders --statement 'ALTER TABLE app.t DROP COLUMN c'",
                change, run}),
      {"ddl plan",
       "Show how a change would run, how long writes would be paused, and who is in the way",
       "bdrmesh ddl plan --group orders change.sql", change, plan},
      {"ddl list",
       "The schema changes so far: what ran, when, and how long writes were paused",
       "bdrmesh ddl list",
       {number("--limit", "among how many of the newest operations").or_else("50")},
       list},
      following({"ddl undo",
                 "Take back a change that took place on some clusters only",
                 "bdrmesh ddl undo ID --reason 'duplicates on west'",
                 {argument("ID", "id of the operation", Names::operation).required(),
                  option("--reason", "why, for the record").required()},
                 undo}),
      starting(
          {"ddl open-healthy",
           "Open all clusters but those that refused a change, with the feeds towards them stopped",
           "bdrmesh ddl open-healthy ID",
           {argument("ID", "id of the operation", Names::operation).required()},
           open}),
      {"ddl classify",
       "Say how each statement would be run; offline",
       "bdrmesh ddl classify change.sql --tidb-version v8.5.1 --roles",
       {argument("FILE", "file with SQL; - or nothing for standard input", Names::file)
            .or_else("-"),
        option("--tidb-version", "the oldest of the group, such as v8.5.1").required(),
        flag("--roles", "BDR roles are set"),
        flag("--ansi-quotes", "\"x\" is a name, as under sql_mode ANSI_QUOTES"), schema,
        option_list("--tables", "filter rules of the group; default: every table is replicated")},
       classify}};
}

}  // namespace bdrmesh
