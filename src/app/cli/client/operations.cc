#include "app/cli/client/operations.h"

#include "app/cli/client/watch.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "base/random_id.h"

namespace bdrmesh {
namespace {

constexpr const char* kWeAre = "bdrmesh-cli";

std::string as_json_text(const Json& answer) {
  return answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Sends the same request again when its answer was lost: the key makes it find its own operation.
Json submit(const CommandContext& context, const Json& body, const std::string& key) {
  constexpr int kTries = 3;
  for (int attempt = 1;; ++attempt) {
    try {
      return context.api.post("/operations", body, key);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::ambiguous || attempt == kTries) throw;
      context.terminal.say("the answer was lost; asking again");
    }
  }
}

void say_how_to_come_back(const CommandContext& context, const std::string& id) {
  context.terminal.say("operation " + id + " goes on. Watch it with: bdrmesh op watch " + id);
}

ExitCode leave_it(const CommandContext& context, const Json& answer, const std::string& id) {
  context.terminal.data(context.form == OutputForm::json ? as_json_text(answer) : id + "\n");
  say_how_to_come_back(context, id);
  return ExitCode::done;
}

ExitCode submit_and_follow(const CommandContext& context, Json body, const StartOptions& options) {
  body["requested_by"] = kWeAre;
  if (options.queue) body["queue"] = true;
  if (options.deadline) body["deadline_ms"] = options.deadline->count();
  const std::string key = options.idempotency_key.empty() ? random_id(20) : options.idempotency_key;
  const Json answer = submit(context, body, key);
  const auto id = get_required<std::string>(answer, "operation");
  if (options.detach) return leave_it(context, answer, id);
  context.terminal.say("operation " + id);
  return follow_operation(context, id, options.limit);
}

/// What whoever looks at a blocked operation types next.
std::string ways_on(const Json& operation) {
  const std::string id = text_of(operation, "id");
  std::string text = "it needs you: mend the cause, then bdrmesh op resume " + id;
  for (const Json& stage : list_of(operation, "stages")) {
    for (const Json& step : list_of(stage, "steps")) {
      if (text_of(step, "state") != "failed") continue;
      text += "\n  or, from one step on: bdrmesh op retry " + id + " " + text_of(step, "id");
      if (text_of(step, "skip_means") != "-") {
        text += "\n  or without it (" + text_of(step, "skip_means") + "): bdrmesh op skip " + id +
                " " + text_of(step, "id") + " --reason WHY";
      }
    }
  }
  if (!is_true(part_of(operation, "line"), "crossed"))
    text += "\n  or undo everything: bdrmesh op cancel " + id;
  return text + "\n  what happened: bdrmesh op show " + id;
}

void say_how_it_ended(const CommandContext& context, const Json& operation, ExitCode code) {
  if (code == ExitCode::refused) {
    context.terminal.say(text_of(operation, "kind") == "verify.links"
                             ? "refused while it wrote its markers; nothing else was changed"
                             : "refused in its first stage: nothing was changed");
  }
  if (was_taken_back(part_of(operation, "result"))) {
    context.terminal.say("the change was taken back on every cluster that had it");
    return;
  }
  if (code == ExitCode::reverted) context.terminal.say("everything that was done is undone");
  if (code == ExitCode::needs_attention) context.terminal.say(ways_on(operation));
}

}  // namespace

void print(const CommandContext& context, const Json& answer, std::string (*render)(const Json&)) {
  if (context.form == OutputForm::json) {
    context.terminal.data(as_json_text(answer));
  } else {
    context.terminal.data_for_people(render(answer));
  }
}

Json show(const CommandContext& context, const std::string& path,
          std::string (*render)(const Json&)) {
  Json answer = context.api.get(path);
  print(context, answer, render);
  return answer;
}

ExitCode run_operation(const CommandContext& context, const std::string& kind, const Json& args,
                       const StartOptions& options) {
  Json body{{"kind", kind}, {"args", args}};
  if (!options.dry_run) return submit_and_follow(context, std::move(body), options);
  body["dry_run"] = true;
  body["requested_by"] = kWeAre;
  print(context, context.api.ask("/operations", body), render_dry_run);
  return ExitCode::done;
}

ExitCode run_plan(const CommandContext& context, const std::string& plan,
                  const StartOptions& options) {
  return submit_and_follow(context, {{"plan", plan}}, options);
}

ExitCode follow_operation(const CommandContext& context, const std::string& id,
                          std::optional<Millis> limit, std::optional<Json> known) {
  WatchOptions options;
  options.known = std::move(known);
  options.limit = limit;
  options.interrupted = context.interrupted;
  const std::optional<Json> ended =
      watch_operation(context.api, id, context.terminal, context.clock, options);
  if (!ended) return ExitCode::still_running;
  print(context, *ended, render_outcome);
  const ExitCode code = exit_code_of_operation(*ended);
  say_how_it_ended(context, *ended, code);
  return code;
}

ExitCode steer_operation(const CommandContext& context, const std::string& id,
                         const std::string& verb, const Json& body, const StartOptions& options) {
  std::optional<Json> before;
  if (verb != "cancel") before = context.api.get("/operations/" + encoded(id));
  const Json answer = context.api.post("/operations/" + encoded(id) + "/" + verb, body);
  if (options.detach) return leave_it(context, answer, id);
  // The skip itself is an event of an operation that is still blocked for a moment.
  if (verb == "skip") before = context.api.get("/operations/" + encoded(id));
  const ExitCode code = follow_operation(context, id, options.limit, std::move(before));
  if (verb != "cancel") return code;
  // Whoever cancels wants it undone: that it is undone is success, and that it was too late is not.
  if (code == ExitCode::reverted || code == ExitCode::refused) return ExitCode::done;
  if (code != ExitCode::done) return code;
  context.terminal.say("it had succeeded before it could be cancelled: nothing was undone");
  return ExitCode::refused;
}

ExitCode list_operations(const CommandContext& context, std::int64_t limit,
                         const std::string& state) {
  static constexpr std::int64_t kAll = 10'000;
  Json answer =
      context.api.get("/operations?limit=" + std::to_string(state.empty() ? limit : kAll));
  if (!state.empty()) {
    Json kept = Json::array();
    for (const Json& operation : list_of(answer, "operations")) {
      const std::string is = text_of(operation, "state");
      const bool final = is == "succeeded" || is == "reverted" || is == "cancelled";
      const bool wanted = state == "unfinished" ? !final : is == state;
      if (wanted && kept.size() < static_cast<std::size_t>(limit)) kept.push_back(operation);
    }
    answer["operations"] = kept;
  }
  print(context, answer, render_operations);
  return ExitCode::done;
}

ExitCode show_operation(const CommandContext& context, const std::string& id, bool calls) {
  Json operation = context.api.get("/operations/" + encoded(id));
  if (calls || context.form == OutputForm::json) {
    const Json answer = context.api.get("/operations/" + encoded(id) + "/calls");
    operation["calls"] = list_of(answer, "calls");
  }
  print(context, operation, render_operation);
  return ExitCode::done;
}

ExitCode run_doctor(const CommandContext& context, const std::string& group) {
  const Json args = group.empty() ? Json::object() : Json{{"group", group}};
  const Json answer = context.api.ask("/doctor", args);
  print(context, answer, render_doctor);
  return is_true(answer, "ok") ? ExitCode::done : ExitCode::degraded_or_drift;
}

ExitCode list_links(const CommandContext& context, const std::string& group) {
  Json answer =
      group.empty() ? context.api.get("/links") : context.api.get("/groups/" + encoded(group));
  if (!group.empty()) answer = Json{{"links", list_of(answer, "links")}};
  print(context, answer, render_links);
  return ExitCode::done;
}

}  // namespace bdrmesh
