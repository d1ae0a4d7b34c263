#include "app/cli/ddl_history.h"

#include <vector>

#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/cli/render/text_table.h"

namespace bdrmesh {
namespace {

bool is_ddl(const Json& operation) {
  return get_or<std::string>(operation, "kind", "").starts_with("ddl.");
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& text : texts) all += (all.empty() ? "" : "; ") + text.get<std::string>();
  return all;
}

struct FailedChange {
  std::string step;
  std::string cluster;
};

/// Where the change failed: steps such as `apply_ddl:west#1`.
std::vector<FailedChange> failed_changes(const Json& operation) {
  static constexpr std::string_view kApply = "apply_ddl:";
  std::vector<FailedChange> failed;
  for (const Json& stage : list_of(operation, "stages")) {
    for (const Json& step : list_of(stage, "steps")) {
      const std::string name = get_or<std::string>(step, "name", "");
      if (!name.starts_with(kApply) || get_or<std::string>(step, "state", "") != "failed") continue;
      const std::string place = name.substr(kApply.size());
      failed.push_back({get_required<std::string>(step, "id"), place.substr(0, place.find('#'))});
    }
  }
  if (failed.empty()) {
    const std::string id = get_or<std::string>(operation, "id", "");
    throw Error(ErrorKind::precondition, "NOTHING_FAILED",
                "operation " + id + " has no cluster on which its change failed",
                "bdrmesh op show " + id);
  }
  return failed;
}

Json operation_of(const CommandContext& context, const std::string& id) {
  return context.api.get("/operations/" + encoded(id));
}

}  // namespace

Json ddl_history_entry(const Json& operation) {
  const Json subject = part_of(operation, "subject");
  const std::string kind = get_or<std::string>(operation, "kind", "");
  return {{"id", get_or<std::string>(operation, "id", "")},
          {"created", get_or<std::string>(operation, "created", "")},
          {"group", get_or<std::string>(subject, "group", "")},
          {"strategy", kind.substr(kind.find('.') + 1)},
          {"statements", list_of(subject, "statements")},
          {"state", get_or<std::string>(operation, "state", "")},
          {"taken_back", was_taken_back(part_of(operation, "result"))},
          {"paused_ms", get_or<Json>(part_of(operation, "pause"), "measured_ms", Json())}};
}

ExitCode list_ddl(const CommandContext& context, std::int64_t limit) {
  const Json newest = context.api.get("/operations?limit=" + std::to_string(limit));
  Json changes = Json::array();
  TextTable table({"WHEN", "ID", "GROUP", "STRATEGY", "STATE", "WRITES PAUSED", "STATEMENTS"});
  for (const Json& one : list_of(newest, "operations")) {
    if (!is_ddl(one)) continue;
    const Json entry = ddl_history_entry(operation_of(context, one.at("id")));
    const auto text = [&](const char* key) { return entry.at(key).get<std::string>(); };
    const bool back = entry.at("taken_back").get<bool>();
    table.row({text("created"), text("id"), text("group"), text("strategy"),
               back ? "taken back" : text("state"), span_text(entry.at("paused_ms")),
               clipped(joined(entry.at("statements")), 80)});
    changes.push_back(entry);
  }
  const Json answer{{"changes", changes}};
  context.terminal.data(context.form == OutputForm::json
                            ? answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                        : changes.empty() ? "no schema change among the newest " +
                                                std::to_string(limit) + " operations\n"
                                          : table.text());
  return ExitCode::done;
}

ExitCode undo_ddl(const CommandContext& context, const std::string& id, const std::string& reason,
                  const StartOptions& options) {
  // The operation goes on after the first one and stops at the next that failed.
  std::size_t left = failed_changes(operation_of(context, id)).size();
  while (true) {
    const FailedChange failed = failed_changes(operation_of(context, id)).front();
    const Json body{{"step", failed.step}, {"reason", reason}, {"requested_by", "bdrmesh-cli"}};
    const ExitCode code = steer_operation(context, id, "skip", body, options);
    // Whoever takes it back wants just that.
    if (code == ExitCode::reverted) return ExitCode::done;
    if (code != ExitCode::needs_attention || --left == 0) return code;
  }
}

ExitCode open_healthy(const CommandContext& context, const std::string& id,
                      const StartOptions& options) {
  const Json operation = operation_of(context, id);
  std::vector<std::string> clusters;
  for (const FailedChange& failed : failed_changes(operation)) clusters.push_back(failed.cluster);
  const ExitCode code =
      run_operation(context, "ddl.open_healthy",
                    {{"group", get_or<std::string>(part_of(operation, "subject"), "group", "")},
                     {"operation", id},
                     {"failed", clusters}},
                    options);
  if (code == ExitCode::done && !options.dry_run) {
    context.terminal.say("operation " + id +
                         " stays blocked. When the change is possible there: bdrmesh op resume " +
                         id + "; it resumes the feeds, too");
  }
  return code;
}

}  // namespace bdrmesh
