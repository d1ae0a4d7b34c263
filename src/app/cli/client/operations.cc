#include "app/cli/client/operations.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "app/cli/client/watch.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/config/config.h"
#include "base/random_id.h"

namespace bdrmesh {
namespace {

void print(const CommandContext& context, const Json& answer, std::string (*render)(const Json&)) {
  const bool json = context.form == OutputForm::json;
  context.terminal.data(json ? answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                             : render(answer));
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

}  // namespace

Json show(const CommandContext& context, const std::string& path,
          std::string (*render)(const Json&)) {
  Json answer = context.api.get(path);
  print(context, answer, render);
  return answer;
}

ExitCode run_operation(const CommandContext& context, const std::string& kind, const Json& args,
                       const StartOptions& options) {
  Json body{{"kind", kind},
            {"args", args},
            {"dry_run", options.dry_run},
            {"requested_by", "bdrmesh-cli"}};
  if (options.queue) body["queue"] = true;
  if (options.deadline) body["deadline_ms"] = options.deadline->count();
  if (options.dry_run) {
    print(context, context.api.post("/operations", body), render_dry_run);
    return ExitCode::done;
  }
  const std::string key = options.idempotency_key.empty() ? random_id(20) : options.idempotency_key;
  const Json answer = submit(context, body, key);
  const auto id = get_required<std::string>(answer, "operation");
  if (options.detach) {
    context.terminal.data(context.form == OutputForm::json ? answer.dump(2) + "\n" : id + "\n");
    say_how_to_come_back(context, id);
    return ExitCode::done;
  }
  context.terminal.say("operation " + id);
  return follow_operation(context, id, options.limit);
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
  if (code == ExitCode::refused)
    context.terminal.say(get_or<std::string>(*ended, "kind", "") == "verify.links"
                             ? "refused while it wrote its markers; nothing else was changed"
                             : "refused in its first stage: nothing was changed");
  if (code == ExitCode::reverted) context.terminal.say("everything that was done is undone");
  if (code == ExitCode::needs_attention) {
    context.terminal.say(
        "it needs you: mend the cause, then bdrmesh op resume " + id +
        (is_true(part_of(*ended, "line"), "crossed") ? "" : ", or bdrmesh op cancel " + id));
  }
  return code;
}

ExitCode steer_operation(const CommandContext& context, const std::string& id,
                         const std::string& verb, const StartOptions& options) {
  std::optional<Json> before;
  if (verb == "resume") before = context.api.get("/operations/" + encoded(id));
  const Json answer = context.api.post("/operations/" + encoded(id) + "/" + verb, Json());
  if (options.detach) {
    context.terminal.data(context.form == OutputForm::json ? answer.dump(2) + "\n" : id + "\n");
    say_how_to_come_back(context, id);
    return ExitCode::done;
  }
  const ExitCode code = follow_operation(context, id, options.limit, std::move(before));
  // Whoever cancels wants it undone: that it is undone is success.
  return verb == "cancel" && (code == ExitCode::reverted || code == ExitCode::refused)
             ? ExitCode::done
             : code;
}

ExitCode run_doctor(const CommandContext& context, const std::string& group) {
  const Json args = group.empty() ? Json::object() : Json{{"group", group}};
  const Json answer = context.api.post("/doctor", args);
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
