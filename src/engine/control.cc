#include "engine/control.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh {
namespace {

const StepRecord& step_of(const OperationRecord& operation, const std::vector<StepRecord>& steps,
                          const std::string& id) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.step == id; });
  if (found != steps.end()) return *found;
  throw Error(ErrorKind::invalid, "UNKNOWN_STEP",
              "operation " + operation.id + " has no step '" + id + "'",
              "its steps: bdrmesh op show " + operation.id);
}

const PlannedStep* planned_step(const Plan& plan, const std::string& id) {
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t i = 0; i < plan.stages[stage].steps.size(); ++i) {
      if (step_id(stage, i) == id) return &plan.stages[stage].steps[i];
    }
  }
  return nullptr;
}

std::string name_of(const StepRecord& step) { return "step " + step.step + " (" + step.name + ")"; }

[[noreturn]] void refuse_skip(const std::string& why, const std::string& instead) {
  throw Error(ErrorKind::precondition, "NOT_SKIPPABLE", why, instead);
}

std::string only_spaces_removed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

void require_cancellable(const OperationRecord& operation) {
  if (is_final(operation.state)) {
    throw Error(
        ErrorKind::precondition, "OPERATION_FINAL",
        "operation " + operation.id + " has ended: " + std::string(to_string(operation.state)),
        "what it did: bdrmesh op show " + operation.id);
  }
  if (!operation.line_crossed) return;
  const bool blocked = operation.state == OperationState::blocked;
  throw Error(
      ErrorKind::precondition, "LINE_CROSSED",
      "operation " + operation.id +
          " has crossed its point of no return and can only go forward: " + operation.line_evidence,
      blocked ? "mend what blocks it (bdrmesh op show " + operation.id +
                    "), then go on: bdrmesh op resume " + operation.id +
                    ", or where the plan allows it: bdrmesh op skip " + operation.id +
                    " STEP --reason TEXT"
              : "wait for its end: bdrmesh op watch " + operation.id);
}

void require_blocked(const OperationRecord& operation) {
  if (operation.state == OperationState::blocked) return;
  throw Error(
      ErrorKind::precondition, "NOT_BLOCKED",
      "operation " + operation.id + " is not blocked: " + std::string(to_string(operation.state)),
      is_final(operation.state) ? "it has ended; to do it again, make a new one"
                                : "it goes on by itself: bdrmesh op watch " + operation.id);
}

void require_retryable(const OperationRecord& operation, const std::vector<StepRecord>& steps,
                       const std::string& step) {
  const StepRecord& found = step_of(operation, steps, step);
  require_blocked(operation);
  const bool undoing = !operation.undo_cause.is_null();
  const bool stopped = found.state == StepState::failed || found.state == StepState::started ||
                       (undoing && found.state == StepState::done) ||
                       (found.state == StepState::pending && !found.note.empty());
  if (stopped) return;
  throw Error(ErrorKind::precondition, "NOT_RETRYABLE",
              name_of(found) + " is " + std::string(to_string(found.state)) +
                  ": it did not stop the operation",
              "go on with the operation: bdrmesh op resume " + operation.id);
}

StepRecord skipped_step(const OperationRecord& operation, const std::vector<StepRecord>& steps,
                        const std::string& step, const std::string& reason, const std::string& by,
                        WallTime now) {
  StepRecord skipped = step_of(operation, steps, step);
  require_blocked(operation);
  const std::string resume = "bdrmesh op resume " + operation.id;
  if (only_spaces_removed(reason).empty()) {
    throw Error(ErrorKind::invalid, "REASON_MISSING", "skipping a step needs a reason",
                "say why, for whoever reads this later: --reason TEXT");
  }
  if (!operation.undo_cause.is_null()) {
    refuse_skip(
        "operation " + operation.id + " is being undone: what a step did stays to be undone",
        "undo it by hand, then let the operation see that: " + resume);
  }
  if (skipped.state == StepState::done || skipped.state == StepState::skipped) {
    refuse_skip(name_of(skipped) + " is " + std::string(to_string(skipped.state)) + " already",
                "go on: " + resume);
  }
  const Plan plan = plan_from_json(operation.plan);
  const PlannedStep* planned = planned_step(plan, step);
  if (planned == nullptr || planned->skip_means.empty()) {
    refuse_skip("the plan does not allow " + name_of(skipped) + " to be skipped",
                "mend what stops it, then: " + resume +
                    (operation.line_crossed ? "" : ", or undo: bdrmesh op cancel " + operation.id));
  }
  skipped.state = StepState::skipped;
  skipped.ended = now;
  skipped.note = "skipped" + (by.empty() ? "" : " by " + by) + ": " + only_spaces_removed(reason);
  return skipped;
}

void require_ahead(const std::optional<WallTime>& deadline, WallTime now) {
  if (!deadline || *deadline > now) return;
  throw Error(ErrorKind::invalid, "DEADLINE_IN_PAST",
              "the deadline " + to_rfc3339(*deadline) + " has passed already", "give a later one");
}

}  // namespace bdrmesh
