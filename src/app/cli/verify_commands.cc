// `verify ...`
#include "app/cli/command_groups.h"
#include "app/cli/render/render_text.h"
#include "app/cli/render/render_verification.h"

namespace bdrmesh {
namespace {

ExitCode run(const Invocation& call) {
  Json args{{"group", call.text("--group")}};
  const std::string level = call.text("--level");
  if (level != "schema") args["patience_ms"] = call.span("--patience")->count();
  if (level != "links" && !call.texts("--tables").empty()) args["tables"] = call.texts("--tables");
  if (level == "rows") {
    args["mode"] = call.text("--mode");
    args["kill"] = call.has("--kill");
    args["max_pause_ms"] = call.span("--max-pause")->count();
    args["hold_history_ms"] = call.span("--hold-history")->count();
    args["readers"] = call.number("--readers");
    args["rows_per_second"] = call.number("--rows-per-second");
    args["max_load"] = call.number("--max-load");
  }
  return call.start("verify." + level, args);
}

std::string result_of(const Json& operation) {
  return render_verification(part_of(operation, "result"));
}

ExitCode show_proof(const Invocation& call) {
  if (call.text("ID").empty()) return call.print("/coverage", render_coverage);
  return call.print("/operations/" + call.text("ID"), result_of);
}

}  // namespace

Commands verify_commands() {
  return {
      starting(
          {"verify run",
           "Prove that the members of a group agree: links, definitions or rows",
           "bdrmesh verify run --group orders --level rows",
           {option("--group", "name of the group", Names::group).required(),
            option("--level", "links: markers and checkpoints; schema: definitions; rows: digests")
                .one_of({"links", "schema", "rows"})
                .or_else("links"),
            span("--patience", "a link that has not passed its marker by then counts as unproven")
                .or_else("30s"),
            option_list("--tables", "only tables that these rules match, such as 'app.o*'"),
            option("--mode",
                   "rows: live reads what differs again; snapshot compares at one cut; syncpoint, "
                   "of a pair, at positions that TiCDC left")
                .one_of({"live", "snapshot", "syncpoint"})
                .or_else("live"),
            span("--max-pause", "snapshot: give up when writes would be paused for longer")
                .or_else("10s"),
            flag("--kill", "snapshot: end transactions that are in the way of the pause"),
            span("--hold-history", "snapshot: GC life time while it is compared").or_else("6h"),
            number("--readers", "rows: sessions per member and table").or_else("2"),
            number("--rows-per-second", "rows: at most so many per table; 0: no limit")
                .or_else("0"),
            number("--max-load",
                   "rows: percent of the time in which a session asks; slower servers rest longer")
                .or_else("100")},
           run}),
      {"verify show",
       "What a verification proved, who disagrees, what was not proven; without ID: when each "
       "table "
       "was last proven",
       "bdrmesh verify show ID",
       {argument("ID", "the verification", Names::operation)},
       show_proof}};
}

}  // namespace bdrmesh
