#include "flows/hook/hook_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "flows/hook/hook_step.h"

namespace bdrmesh::flows {
namespace {

/// A stage that comes several times in a plan carries a number or a role behind its name: `change
/// 2`, `roles on: PRIMARY`.
bool is_called(const std::string& stage, const std::string& wanted) {
  if (stage == wanted) return true;
  if (!stage.starts_with(wanted)) return false;
  const std::string rest = stage.substr(wanted.size());
  if (rest.starts_with(": ")) return true;
  return rest.size() > 1 && rest.front() == ' ' &&
         std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Index of the stage that the hook's stage would become; std::nullopt when the plan has no such
/// stage.
std::optional<std::size_t> wanted_place(const Plan& plan, const HookSpec& hook) {
  if (hook.stage == "start") return 0;
  if (hook.stage == "end") return plan.stages.size();
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    if (!is_called(plan.stages[i].name, hook.stage)) continue;
    if (hook.when == HookWhen::after) {
      place = i + 1;
    } else if (!place) {
      place = i;
    }
  }
  return place;
}

std::string stage_names(const Plan& plan) {
  std::string names = "start";
  for (const PlannedStage& stage : plan.stages) names += ", " + stage.name;
  return names + ", end";
}

bool is_meant(const HookSpec& hook, const Plan& plan, const std::string& requested_as) {
  return std::ranges::any_of(hook.on, [&](const std::string& kind) {
    return kind == plan.kind || (!requested_as.empty() && kind == requested_as);
  });
}

/// A hook and the index of the stage, in the plan without hooks, that it comes before.
struct Placed {
  const HookSpec* hook;
  std::size_t number;
  std::size_t place;
};

/// Nothing comes between the last look and the line.
std::size_t ahead_of_last_look(const Plan& plan, std::size_t place) {
  const bool at_line = plan.line && place == plan.line->before_stage;
  return at_line && place > 0 && place < plan.stages.size() ? place - 1 : place;
}

/// Whether a stage put before `place` runs while gates are closed and the line is not crossed.
bool in_pause(const Plan& plan, std::size_t place) {
  if (!plan.budget || place <= plan.budget->from_stage) return false;
  if (plan.line) return place < plan.line->before_stage;
  for (std::size_t i = plan.budget->from_stage; i < plan.stages.size(); ++i) {
    const bool opens = std::ranges::any_of(
        plan.stages[i].steps, [](const PlannedStep& step) { return step.lane == LaneKind::gate; });
    if (opens) return place <= i;
  }
  return true;
}

PlannedStage stage_of(const Placed& one, const Plan& plan) {
  const HookSpec& hook = *one.hook;
  const bool before_line = !plan.line || one.place < plan.line->before_stage;
  HookPlace place;
  place.kind = plan.kind;
  place.group = get_or<std::string>(plan.subject, "group", "");
  place.key = "hook " + std::to_string(one.number);
  place.may_stop = before_line && hook.on_failure == HookFailure::stop;
  place.in_pause = in_pause(plan, one.place);
  return {hook_stage_name(hook), {planned_hook(hook, place)}};
}

std::vector<Placed> placed(const Plan& plan, const std::vector<HookSpec>& hooks,
                           const std::string& requested_as) {
  std::vector<Placed> all;
  std::size_t number = 0;
  for (const HookSpec& hook : hooks) {
    ++number;
    if (!is_meant(hook, plan, requested_as)) continue;
    if (const auto place = wanted_place(plan, hook)) {
      all.push_back({&hook, number, ahead_of_last_look(plan, *place)});
    } else if (hook.on_failure == HookFailure::stop) {
      throw Error(
          ErrorKind::precondition, "HOOK_STAGE_UNKNOWN",
          "a hook is meant for stage '" + hook.stage + "', which this " + plan.kind + " has not",
          "its stages are " + stage_names(plan) +
              "; name one of them, or set on_failure = \"warn\" for a hook that may be "
              "left out");
    }
  }
  // What follows the stage before comes ahead of what precedes the stage behind.
  std::ranges::stable_sort(all, [](const Placed& a, const Placed& b) {
    const auto rank = [](const Placed& one) { return one.hook->when == HookWhen::before ? 1 : 0; };
    return std::pair(a.place, rank(a)) < std::pair(b.place, rank(b));
  });
  return all;
}

}  // namespace

Plan with_hooks(Plan plan, const std::vector<HookSpec>& hooks, const std::string& requested_as) {
  const std::vector<Placed> all = placed(plan, hooks, requested_as);
  std::vector<PlannedStage> stages;
  auto next = all.begin();
  for (std::size_t i = 0; i <= plan.stages.size(); ++i) {
    for (; next != all.end() && next->place == i; ++next) stages.push_back(stage_of(*next, plan));
    if (i < plan.stages.size()) stages.push_back(plan.stages[i]);
  }
  const auto count = [&](const auto& counts) {
    return static_cast<std::size_t>(std::ranges::count_if(all, counts));
  };
  if (plan.line) {
    const std::size_t line = plan.line->before_stage;
    plan.line->before_stage += count([&](const Placed& one) { return one.place < line; });
  }
  if (plan.budget) {
    const std::size_t from = plan.budget->from_stage;
    plan.budget->from_stage += count([&](const Placed& one) { return one.place <= from; });
  }
  plan.stages = std::move(stages);
  return plan;
}

std::string told_hooks(const Plan& plan) {
  std::string told;
  for (const PlannedStage& stage : plan.stages) {
    for (const PlannedStep& step : stage.steps) {
      if (step.type != "run_hook") continue;
      told += (told.empty() ? "" : "; ") + stage.name + ": " + step.args.at("hook").dump();
    }
  }
  return told.empty() ? "none" : told;
}

std::vector<HookSpec> hooks_for(const Desired& desired, const Plan& plan) {
  const std::string group = get_or<std::string>(plan.subject, "group", "");
  const ClusterName cluster(get_or<std::string>(plan.subject, "cluster", ""));
  std::vector<HookSpec> hooks;
  for (const GroupSpec& spec : desired.groups) {
    const bool meant = group.empty()
                           ? std::ranges::find(spec.members, cluster) != spec.members.end()
                           : spec.name.value() == group;
    if (meant) hooks.insert(hooks.end(), spec.hooks.begin(), spec.hooks.end());
  }
  return hooks;
}

}  // namespace bdrmesh::flows
