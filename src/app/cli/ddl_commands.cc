// `ddl ...`
#include "app/cli/command_groups.h"
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

ExitCode run(const Invocation& call) {
  return call.start("ddl.run", {{"group", call.text("--group")},
                                {"script", script_of(call)},
                                {"max_pause_ms", call.span("--max-pause")->count()},
                                {"kill", call.has("--kill")},
                                {"schema", call.text("--schema")}});
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

}  // namespace

Commands ddl_commands() {
  const Parameter schema = option("--schema", "schema of names that have none");
  return {
      starting(
          {"ddl run",
           "Change the schema of a group, on all its clusters",
           "bdrmesh ddl run --group orders --statement 'ALTER TABLE app.t DROP COLUMN c'",
           {argument("FILE", "file with SQL, - for standard input", Names::file),
            option("--group", "name of the group", Names::group).required(),
            option("--statement", "SQL; several statements share one pause"),
            span("--max-pause",
                 "give up before the point of no return when writes would be paused for longer")
                .or_else("10s"),
            schema,
            flag("--kill", "end transactions that are in the way when the deadline has passed")},
           run}),
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
