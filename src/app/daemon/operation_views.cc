#include <algorithm>

#include "app/daemon/views.h"

namespace bdrmesh::views {
namespace {

Json time_or_null(const std::optional<WallTime>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

const StepRecord* find_step(const std::vector<StepRecord>& steps, const std::string& id) {
  const auto found = std::ranges::find(steps, id, &StepRecord::step);
  return found == steps.end() ? nullptr : &*found;
}

std::string planned_name(const PlannedStep& step) {
  return step.target.empty() ? step.type : step.type + ":" + step.target;
}

/// How long it took, or has taken until now; null before it began.
Json took(const std::optional<WallTime>& started, const std::optional<WallTime>& ended,
          WallTime now) {
  return started ? Json((ended.value_or(now) - *started).count()) : Json();
}

Json step_view(const PlannedStep& planned, const std::string& id,
               const std::vector<StepRecord>& steps, const std::vector<StepProgress>& progress,
               WallTime now) {
  const StepRecord* record = find_step(steps, id);
  const auto running = std::ranges::find(progress, id, &StepProgress::step_id);
  return {
      {"id", id},
      {"name", record != nullptr && !record->name.empty() ? record->name : planned_name(planned)},
      {"state", std::string(to_string(record != nullptr ? record->state : StepState::pending))},
      {"started", record != nullptr ? time_or_null(record->started) : Json()},
      {"ended", record != nullptr ? time_or_null(record->ended) : Json()},
      {"took_ms", record != nullptr ? took(record->started, record->ended, now) : Json()},
      {"skip_means", text_or_null(planned.skip_means)},
      {"waiting_for", running != progress.end() ? text_or_null(running->waiting_for) : Json()},
      {"note", record != nullptr ? text_or_null(record->note) : Json()}};
}

/// From the beginning of a stage's first step to the end of its last; open while one is.
struct StageSpan {
  std::optional<WallTime> started;
  std::optional<WallTime> ended;
};

StageSpan span_of(const PlannedStage& stage, std::size_t index,
                  const std::vector<StepRecord>& steps) {
  StageSpan span;
  bool open = false;
  for (std::size_t k = 0; k < stage.steps.size(); ++k) {
    const StepRecord* record = find_step(steps, step_id(index, k));
    if (record == nullptr || !record->started) {
      open = open || record == nullptr || record->state != StepState::skipped;
      continue;
    }
    span.started = std::min(span.started.value_or(*record->started), *record->started);
    open = open || !record->ended;
    if (record->ended) span.ended = std::max(span.ended.value_or(*record->ended), *record->ended);
  }
  if (open) span.ended.reset();
  return span;
}

Json stages_view(const Plan& plan, const std::vector<StepRecord>& steps,
                 const std::vector<StepProgress>& progress, WallTime now) {
  Json stages = Json::array();
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    Json list = Json::array();
    for (std::size_t k = 0; k < plan.stages[i].steps.size(); ++k) {
      list.push_back(step_view(plan.stages[i].steps[k], step_id(i, k), steps, progress, now));
    }
    const StageSpan span = span_of(plan.stages[i], i, steps);
    stages.push_back({{"name", plan.stages[i].name},
                      {"behind_line", plan.line && i >= plan.line->before_stage},
                      {"started", time_or_null(span.started)},
                      {"ended", time_or_null(span.ended)},
                      {"took_ms", took(span.started, span.ended, now)},
                      {"steps", list}});
  }
  return stages;
}

Json line_view(const Plan& plan, bool crossed, const std::string& evidence) {
  if (!plan.line) return {};
  return {{"before_stage", plan.line->before_stage},
          {"crossed_when", plan.line->crossed_when},
          {"crossed", crossed},
          {"evidence", text_or_null(evidence)}};
}

Json pause_view(const OperationInputs& inputs, const Plan& plan) {
  if (!plan.budget) return {};
  const OperationRecord& record = inputs.record;
  Json measured;
  if (record.pause_started) {
    measured = (record.pause_ended.value_or(inputs.now) - *record.pause_started).count();
  }
  return {{"started", time_or_null(record.pause_started)},
          {"ended", time_or_null(record.pause_ended)},
          {"limit_ms", plan.budget->limit.count()},
          {"expected_ms", get_or<Json>(plan.subject, "expected_pause_ms", Json())},
          {"measured_ms", measured}};
}

/// For whose locks a queued operation waits; null otherwise.
Json waits_in_queue(const OperationInputs& inputs) {
  for (const StepProgress& one : inputs.progress)
    if (one.step_id.empty()) return text_or_null(one.waiting_for);
  return {};
}

/// What the links proved, for verifications; null for other kinds and while nothing is known.
Json result_view(const OperationInputs& inputs) {
  Json links = Json::array();
  std::size_t unproven = 0;
  Json live;  // what an operation found that ended before it had its own result
  for (const FactRecord& fact : inputs.facts) {
    if (fact.name == "verification") return fact.value;
    if (fact.name == "verification_live" || fact.name == "verification_before") live = fact.value;
    if (fact.name == "result" || fact.name == "eviction") live = fact.value;
    if (fact.name != "link_result") continue;
    Json one = fact.value;
    one["link"] = fact.scope;
    if (!get_or(one, "proven", false)) ++unproven;
    links.push_back(one);
  }
  if (!live.is_null()) return live;
  if (links.empty()) return {};
  return {{"links", links}, {"proven", links.size() - unproven}, {"unproven", unproven}};
}

}  // namespace

Json summary(const OperationRecord& record, const std::vector<StepRecord>& steps) {
  const Plan plan = is_final(record.state) ? Plan() : plan_from_json(record.plan);
  Json stage;
  for (std::size_t i = 0; i < plan.stages.size() && stage.is_null(); ++i) {
    for (std::size_t k = 0; k < plan.stages[i].steps.size(); ++k) {
      const StepRecord* step = find_step(steps, step_id(i, k));
      const bool over =
          step != nullptr && (step->state == StepState::done || step->state == StepState::skipped);
      if (!over) stage = plan.stages[i].name;
    }
  }
  return {{"id", record.id},
          {"kind", record.kind},
          {"title", record.title},
          {"state", std::string(to_string(record.state))},
          {"created", to_rfc3339(record.created)},
          {"ended", time_or_null(record.ended)},
          {"stage", stage},
          {"line_crossed", record.line_crossed}};
}

Json operation(const OperationInputs& inputs) {
  const OperationRecord& record = inputs.record;
  const Plan plan = plan_from_json(record.plan);
  Json facts = Json::array();
  for (const FactRecord& fact : inputs.facts) {
    facts.push_back({{"name", fact.name}, {"scope", fact.scope}, {"value", fact.value}});
  }
  Json events = Json::array();
  for (const EventRecord& one : inputs.events) events.push_back(event(one));
  Json error;
  if (!record.error_code.empty()) {
    error = {{"code", record.error_code},
             {"text", record.error_text},
             {"remedy", text_or_null(record.error_remedy)}};
  }
  return {{"id", record.id},
          {"kind", record.kind},
          {"title", record.title},
          {"state", std::string(to_string(record.state))},
          {"created", to_rfc3339(record.created)},
          {"ended", time_or_null(record.ended)},
          {"took_ms", took(record.created, record.ended, inputs.now)},
          {"deadline", time_or_null(record.deadline)},
          {"cancel_requested", record.cancel_requested},
          {"waiting_for", waits_in_queue(inputs)},
          {"requested_by", text_or_null(record.requested_by)},
          {"subject", plan.subject},
          {"line", line_view(plan, record.line_crossed, record.line_evidence)},
          {"pause", pause_view(inputs, plan)},
          {"stages", stages_view(plan, inputs.steps, inputs.progress, inputs.now)},
          {"facts", facts},
          {"events", events},
          {"error", error},
          {"result", result_view(inputs)}};
}

Json plan(const Plan& plan) {
  return {{"kind", plan.kind},
          {"title", plan.title},
          {"subject", plan.subject},
          {"line", line_view(plan, false, "")},
          {"stages", stages_view(plan, {}, {}, {})}};
}

}  // namespace bdrmesh::views
