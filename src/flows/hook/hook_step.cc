#include "flows/hook/hook_step.h"

#include <algorithm>

#include "flows/hook/hook_port.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kBegun = "hook_begun";
constexpr const char* kEnded = "hook_ended";

Json to_json(const HookSpec& hook) {
  Json env = Json::object();
  for (const auto& [name, source] : hook.env) env[name] = source.text;
  return {{"stage", hook.stage},
          {"when", hook.when == HookWhen::before ? "before" : "after"},
          {"run", hook.run},
          {"url", hook.url},
          {"token", hook.token.text},
          {"env", env},
          {"timeout_ms", hook.timeout.count()}};
}

HookSpec hook_from(const Json& json) {
  HookSpec hook;
  hook.stage = get_required<std::string>(json, "stage");
  hook.when =
      get_required<std::string>(json, "when") == "after" ? HookWhen::after : HookWhen::before;
  hook.run = get_or<std::vector<std::string>>(json, "run", {});
  hook.url = get_or<std::string>(json, "url", "");
  hook.token.text = get_or<std::string>(json, "token", "");
  const Json environment = get_or(json, "env", Json::object());  // outlives its iteration
  for (const auto& [name, source] : environment.items())
    hook.env[name] = SecretSource{source.get<std::string>()};
  hook.timeout = Millis{get_required<std::int64_t>(json, "timeout_ms")};
  return hook;
}

std::string target_of(const HookSpec& hook) { return hook.run.empty() ? hook.url : hook.run[0]; }

Verdict cannot_run(const std::string& why) {
  return refused("HOOK_FAILED", why, "mend the hook in the configuration, then try again");
}

}  // namespace

std::string hook_stage_name(const HookSpec& hook) {
  if (hook.stage == "start" || hook.stage == "end") return "hook at the " + hook.stage;
  return (hook.when == HookWhen::before ? "hook before " : "hook after ") + hook.stage;
}

PlannedStep planned_hook(const HookSpec& hook, const HookPlace& place) {
  PlannedStep step;
  step.type = "run_hook";
  step.lane = LaneKind::slow;
  step.args = {{"hook", to_json(hook)}, {"kind", place.kind},         {"group", place.group},
               {"key", place.key},      {"may_stop", place.may_stop}, {"in_pause", place.in_pause}};
  return step;
}

RunHook::RunHook(FlowPorts ports, const PlannedStep& planned)
    : ports_(ports), hook_(hook_from(get_required<Json>(planned.args, "hook"))) {
  place_.kind = get_required<std::string>(planned.args, "kind");
  place_.group = get_or<std::string>(planned.args, "group", "");
  place_.key = get_required<std::string>(planned.args, "key");
  place_.may_stop = get_or(planned.args, "may_stop", false);
  place_.in_pause = get_or(planned.args, "in_pause", false);
}

std::string RunHook::name() const { return hook_stage_name(hook_) + " (" + target_of(hook_) + ")"; }

Verdict RunHook::precondition(StepContext& ctx) {
  // Run already, in a life of the daemon before this one: it need not be runnable any more.
  if (!place_.may_stop || ctx.fact(kEnded, place_.key)) return holds();
  if (ports_.hooks == nullptr) return cannot_run("this process runs no hooks");
  const std::string fault = ports_.hooks->fault_of(hook_);
  return fault.empty() ? holds() : cannot_run(target_of(hook_) + " cannot be run: " + fault);
}

Verdict RunHook::verify(StepContext& ctx) {
  if (ctx.fact(kEnded, place_.key)) return holds();
  return not_yet(target_of(hook_) + " to end");
}

int RunHook::begin(StepContext& ctx, const Json& mark, int attempt) const {
  ctx.set_fact({kBegun, place_.key, FactLife::durable, {{"attempt", attempt}, {"mark", mark}}});
  ctx.checkpoint();
  return attempt;
}

Millis RunHook::limit(const StepContext& ctx) const {
  if (!place_.in_pause) return hook_.timeout;
  const Millis left = ctx.pause_deadline() - ctx.now();
  return std::clamp(left, Millis{1}, hook_.timeout);
}

void RunHook::tell(StepContext& ctx, const std::string& ended, bool ok,
                   const std::string& output) const {
  std::string text = name() + ": " + ended;
  if (!output.empty()) text += "; it wrote: " + output;
  ctx.event(ok ? "info" : "warning", text);
}

void RunHook::execute(StepContext& ctx) {
  if (ports_.hooks == nullptr)
    throw Error(ErrorKind::precondition, "HOOK_FAILED", "this process runs no hooks");
  const Json before = ctx.fact(kBegun, place_.key).value_or(Json::object());
  // Two of the same hook must not run side by side.
  if (const auto mark = get_or<std::string>(before, "mark", ""); !mark.empty())
    ports_.hooks->end_leftover(mark);
  const int attempt = begin(ctx, nullptr, get_or(before, "attempt", 0) + 1);
  const HookCall call{hook_, ctx.operation(), place_.kind, place_.group, attempt, limit(ctx)};
  const HookOutcome outcome = ports_.hooks->run(
      call, [&](const std::string& mark) { begin(ctx, mark, attempt); }, ctx.call());
  if (outcome.stopped)
    throw Error(ErrorKind::cancelled, "CANCELLED", name() + " was ended on request");
  tell(ctx, outcome.ended, outcome.ok, outcome.output);
  if (!outcome.ok && place_.may_stop) {
    throw Error(ErrorKind::precondition, "HOOK_FAILED",
                target_of(hook_) + ": " + outcome.ended +
                    (outcome.output.empty() ? "" : "; it wrote: " + outcome.output),
                "see why it says no, then run the operation again");
  }
  ctx.set_fact({kEnded,
                place_.key,
                FactLife::durable,
                {{"ok", outcome.ok},
                 {"ended", outcome.ended},
                 {"output", outcome.output},
                 {"attempt", attempt},
                 {"took_ms", outcome.took.count()}}});
}

}  // namespace bdrmesh::flows
