#include "engine/plan.h"

#include "base/error.h"

namespace bdrmesh {
namespace {

std::string to_text(LaneKind lane) {
  switch (lane) {
    case LaneKind::gate:
      return "gate";
    case LaneKind::slow:
      return "slow";
    case LaneKind::work:
      break;
  }
  return "work";
}

LaneKind lane_from(const std::string& text) {
  if (text == "work") return LaneKind::work;
  if (text == "gate") return LaneKind::gate;
  if (text == "slow") return LaneKind::slow;
  throw Error(ErrorKind::invalid, "BAD_PLAN", "no lane is called '" + text + "'");
}

Json step_to_json(const PlannedStep& step) {
  Json json{{"type", step.type}, {"target", step.target}, {"args", step.args}};
  if (step.lane != LaneKind::work) json["lane"] = to_text(step.lane);
  if (step.undo_lane != LaneKind::work) json["undo_lane"] = to_text(step.undo_lane);
  if (step.guards_resume) json["guards_resume"] = true;
  if (!step.skip_means.empty()) json["skip_means"] = step.skip_means;
  return json;
}

PlannedStep step_from_json(const Json& json) {
  PlannedStep step;
  step.type = get_required<std::string>(json, "type");
  step.target = get_or<std::string>(json, "target", "");
  step.args = get_or<Json>(json, "args", Json::object());
  step.lane = lane_from(get_or<std::string>(json, "lane", "work"));
  step.undo_lane = lane_from(get_or<std::string>(json, "undo_lane", "work"));
  step.guards_resume = get_or<bool>(json, "guards_resume", false);
  step.skip_means = get_or<std::string>(json, "skip_means", "");
  return step;
}

PlannedStage stage_from_json(const Json& json) {
  PlannedStage stage{get_required<std::string>(json, "name"), {}};
  for (const auto& step : get_required<Json::array_t>(json, "steps")) {
    stage.steps.push_back(step_from_json(step));
  }
  return stage;
}

void require_sound(const Plan& plan, ErrorKind kind) {
  if (plan.kind.empty()) throw Error(kind, "BAD_PLAN", "a plan without a kind");
  if (plan.stages.empty()) throw Error(kind, "BAD_PLAN", plan.kind + ": a plan without stages");
  for (const auto& stage : plan.stages) {
    if (stage.name.empty()) throw Error(kind, "BAD_PLAN", plan.kind + ": a stage without a name");
    for (const auto& step : stage.steps) {
      if (step.type.empty()) {
        throw Error(kind, "BAD_PLAN", plan.kind + ": a step without a type in " + stage.name);
      }
    }
  }
  if (plan.line && plan.line->before_stage > plan.stages.size()) {
    throw Error(kind, "BAD_PLAN", plan.kind + ": the line lies behind the last stage");
  }
  if (plan.budget && plan.budget->from_stage >= plan.stages.size()) {
    throw Error(kind, "BAD_PLAN", plan.kind + ": the pause begins behind the last stage");
  }
}

}  // namespace

std::string step_id(std::size_t stage, std::size_t step) {
  return std::to_string(stage) + "." + std::to_string(step);
}

Json to_json(const Plan& plan) {
  Json json{{"kind", plan.kind},
            {"title", plan.title},
            {"subject", plan.subject},
            {"locks", plan.locks},
            {"stages", Json::array()}};
  for (const auto& stage : plan.stages) {
    Json steps = Json::array();
    for (const auto& step : stage.steps) steps.push_back(step_to_json(step));
    json["stages"].push_back({{"name", stage.name}, {"steps", std::move(steps)}});
  }
  if (plan.line) {
    json["line"] = {{"before_stage", plan.line->before_stage},
                    {"crossed_when", plan.line->crossed_when}};
  }
  if (plan.budget) {
    json["budget"] = {{"from_stage", plan.budget->from_stage},
                      {"limit_ms", plan.budget->limit.count()}};
  }
  return json;
}

Plan plan_from_json(const Json& json) {
  try {
    Plan plan;
    plan.kind = get_required<std::string>(json, "kind");
    plan.title = get_required<std::string>(json, "title");
    plan.subject = get_or<Json>(json, "subject", Json::object());
    plan.locks = get_or<std::vector<std::string>>(json, "locks", {});
    for (const auto& stage : get_required<Json::array_t>(json, "stages")) {
      plan.stages.push_back(stage_from_json(stage));
    }
    if (const Json line = get_or<Json>(json, "line", nullptr); !line.is_null()) {
      plan.line = PointOfNoReturn{get_required<std::size_t>(line, "before_stage"),
                                  get_required<std::string>(line, "crossed_when")};
    }
    if (const Json budget = get_or<Json>(json, "budget", nullptr); !budget.is_null()) {
      plan.budget = PauseBudget{get_required<std::size_t>(budget, "from_stage"),
                                Millis{get_required<std::int64_t>(budget, "limit_ms")}};
    }
    require_sound(plan, ErrorKind::invalid);
    return plan;
  } catch (const Error& error) {
    if (error.code() == "BAD_PLAN") throw;
    throw Error(ErrorKind::invalid, "BAD_PLAN", "this is no plan: " + error.message());
  }
}

PlanBuilder::PlanBuilder(std::string kind, std::string title) {
  plan_.kind = std::move(kind);
  plan_.title = std::move(title);
}

PlanBuilder& PlanBuilder::subject(Json subject) {
  plan_.subject = std::move(subject);
  return *this;
}

PlanBuilder& PlanBuilder::lock(const std::string& name) {
  plan_.locks.push_back(name);
  return *this;
}

PlanBuilder& PlanBuilder::stage(const std::string& name) {
  plan_.stages.push_back({name, {}});
  return *this;
}

PlanBuilder& PlanBuilder::step(PlannedStep step) {
  if (plan_.stages.empty()) {
    throw Error(ErrorKind::bug, "BAD_PLAN", plan_.kind + ": a step before the first stage");
  }
  plan_.stages.back().steps.push_back(std::move(step));
  return *this;
}

PlanBuilder& PlanBuilder::point_of_no_return(const std::string& crossed_when) {
  plan_.line = PointOfNoReturn{plan_.stages.size(), crossed_when};
  return *this;
}

PlanBuilder& PlanBuilder::pause_budget_from_next_stage(Millis limit) {
  plan_.budget = PauseBudget{plan_.stages.size(), limit};
  return *this;
}

Plan PlanBuilder::build() const {
  require_sound(plan_, ErrorKind::bug);
  return plan_;
}

}  // namespace bdrmesh
