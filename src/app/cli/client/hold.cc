#include "app/cli/client/hold.h"

#include "base/random_id.h"

namespace bdrmesh {
namespace {

bool has_ended(const Json& operation) {
  const auto state = get_or<std::string>(operation, "state", "");
  return state == "succeeded" || state == "reverted" || state == "cancelled" || state == "blocked";
}

/// What the stage `hold` waits for; empty while it has not begun.
std::string holding(const Json& operation) {
  for (const Json& stage : get_or<Json>(operation, "stages", Json::array())) {
    if (get_or<std::string>(stage, "name", "") != "hold") continue;
    for (const Json& step : get_or<Json>(stage, "steps", Json::array())) {
      // It says how it is ended once it has looked for the first time.
      const auto waiting = get_or<std::string>(step, "waiting_for", "");
      if (waiting.find(" or with: ") != std::string::npos) return waiting;
    }
  }
  return {};
}

std::string stage_of(const Json& operation) {
  for (const Json& stage : get_or<Json>(operation, "stages", Json::array())) {
    if (get_or<Json>(stage, "ended", Json()).is_null())
      return get_or<std::string>(stage, "name", "");
  }
  return {};
}

}  // namespace

ExitCode start_and_hold(const CommandContext& context, const std::string& kind, const Json& args,
                        const StartOptions& options, const std::string& holds,
                        const std::string& end_with) {
  if (options.dry_run || options.detach) return run_operation(context, kind, args, options);
  Json body{{"kind", kind}, {"args", args}, {"requested_by", "bdrmesh-cli"}};
  if (options.queue) body["queue"] = true;
  if (options.deadline) body["deadline_ms"] = options.deadline->count();
  const std::string key = options.idempotency_key.empty() ? random_id(20) : options.idempotency_key;
  const Json answer = context.api.post("/operations", body, key);
  const auto id = get_required<std::string>(answer, "operation");
  context.terminal.say("operation " + id);
  const MonoTime until = options.limit ? context.clock.mono() + *options.limit : MonoTime::max();
  for (;;) {
    const Json operation = context.api.get("/operations/" + encoded(id));
    if (has_ended(operation)) return follow_operation(context, id, std::nullopt);
    if (const std::string waiting = holding(operation); !waiting.empty()) {
      context.terminal.say(holds + "; it waits for " + waiting);
      context.terminal.data(context.form == OutputForm::json ? operation.dump(2) + "\n"
                                                             : id + "\n");
      return ExitCode::done;
    }
    context.terminal.block({"stage " + stage_of(operation)});
    if (context.interrupted() || context.clock.mono() >= until) {
      context.terminal.say("operation " + id + " goes on. Watch it with: bdrmesh op watch " + id +
                           "; end it with: " + end_with);
      return ExitCode::still_running;
    }
    context.clock.wait_for(Millis{150}, {});
  }
}

}  // namespace bdrmesh
