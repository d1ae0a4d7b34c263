// Going forward: the steps of a stage at once, the next stage when all are done.
#include <algorithm>

#include "engine/operation_run.h"

namespace bdrmesh {

void OperationRun::forward() {
  clear_waits();
  fresh_stop_source();
  failure_.reset();
  block_only_ = false;
  siblings_until_.reset();
  mode_ = Mode::forward;
  for (auto& step : steps_) step.executed = false;
  stage_ = plan_.stages.size();
  for (const auto& step : steps_) {
    if (!finished(step)) stage_ = std::min(stage_, step.stage);
  }
  enter_stage();
}

void OperationRun::enter_stage() {
  for (;; ++stage_) {
    if (stage_ == plan_.stages.size()) {
      succeed();
      return;
    }
    const bool open = std::any_of(steps_.begin(), steps_.end(), [this](const StepRun& step) {
      return step.stage == stage_ && !finished(step);
    });
    if (open) break;
  }
  const std::size_t pause_end = plan_.line ? plan_.line->before_stage : plan_.stages.size();
  if (plan_.budget && stage_ >= plan_.budget->from_stage && stage_ < pause_end &&
      !journal_.header().pause_started) {
    journal_.change([this](OperationRecord& header) { header.pause_started = clock_.now(); });
    pause_began_ = clock_.mono();
  }
  tell("info", "stage '" + plan_.stages[stage_].name + "' begins");
  for (auto& step : steps_) {
    if (step.stage != stage_ || finished(step)) continue;
    const bool before_start = step.record.state == StepState::pending || step.from_the_top;
    show(step, "checking", before_start ? "its precondition" : "to see whether it holds already");
    call(step, before_start ? CallKind::precondition : CallKind::verify);
  }
}

void OperationRun::leave_stage() {
  const OperationRecord header = journal_.header();
  const auto& steps = plan_.stages[stage_].steps;
  const bool opened_gates = std::any_of(steps.begin(), steps.end(), [](const PlannedStep& step) {
    return step.lane == LaneKind::gate;
  });
  const bool late_enough = plan_.line     ? stage_ >= plan_.line->before_stage
                           : plan_.budget ? stage_ > plan_.budget->from_stage
                                          : false;
  if (opened_gates && late_enough && header.pause_started && !header.pause_ended) {
    journal_.change([this](OperationRecord& record) { record.pause_ended = clock_.now(); });
  }
  ++stage_;
  enter_stage();
}

void OperationRun::forward_answered(StepRun& step, CallKind kind, const CallResult& result) {
  if (result.failure) {
    forward_failed(step, kind, *result.failure);
    return;
  }
  step.failing_since.reset();
  switch (kind) {
    case CallKind::precondition:
      precondition_answered(step, result.verdict);
      break;
    case CallKind::execute:
      step.executed = true;
      step.poll = Millis{0};
      show(step, "verifying", "to see its effect");
      call(step, CallKind::verify);
      break;
    case CallKind::verify:
      verify_answered(step, result.verdict);
      break;
    case CallKind::compensate:
    case CallKind::crossed:
      break;
  }
}

void OperationRun::forward_failed(StepRun& step, CallKind kind, const Failure& failure) {
  switch (failure.kind) {
    case ErrorKind::transient:
    case ErrorKind::ambiguous:
    case ErrorKind::cancelled:  // nobody asked us to stop: a deadline of the step's own
      break;
    case ErrorKind::bug:
      journal_step(step, step.record.state, failure.text);
      give_up(failure, true);
      return;
    case ErrorKind::conflict:
    case ErrorKind::precondition:
    case ErrorKind::invalid:
      step_failed(step, failure);
      return;
  }
  if (kind == CallKind::execute) {
    // Also the last failed try may have worked: verify has the last word.
    ++step.tries;
    step.executed = false;
    step.failure = failure;
    retry(step, CallKind::verify, failure);
  } else if (waited_too_long(step)) {
    step_failed(step, failure);
  } else {
    wait(step, kind, "an answer; so far " + failure.code + ": " + failure.text);
  }
}

void OperationRun::precondition_answered(StepRun& step, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::holds:
      step.from_the_top = false;
      step.poll = Millis{0};
      journal_step(step, StepState::started);
      show(step, "checking", "to see whether it holds already");
      call(step, CallKind::verify);
      break;
    case Verdict::Kind::not_yet:
      wait(step, CallKind::precondition, verdict.reason);
      break;
    case Verdict::Kind::refused:
      step_failed(step, {ErrorKind::precondition, verdict.code, verdict.reason, verdict.remedy});
      break;
  }
}

void OperationRun::verify_answered(StepRun& step, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::holds:
      step_done(step);
      break;
    case Verdict::Kind::refused:
      step_failed(step, {ErrorKind::precondition, verdict.code, verdict.reason, verdict.remedy});
      break;
    case Verdict::Kind::not_yet:
      if (step.executed) {
        wait(step, CallKind::verify, verdict.reason);
      } else if (step.failure && step.tries >= options_.transient_tries) {
        step_failed(step, *step.failure);
      } else {
        show(step, "executing", "its own action to end");
        call(step, CallKind::execute);
      }
      break;
  }
}

void OperationRun::step_done(StepRun& step) {
  step.failure.reset();
  journal_step(step, StepState::done);
  check_stage();
}

void OperationRun::step_failed(StepRun& step, const Failure& failure) {
  const std::string note = failure.code + ": " + failure.text;
  tell("warning", step.record.name + " failed: " + note, step.planned.target);
  // A step that was never started has nothing to undo.
  journal_step(
      step, step.record.state == StepState::pending ? StepState::pending : StepState::failed, note);
  Failure named = failure;
  named.text = step.record.name + ": " + failure.text;
  if (!journal_.line_crossed()) {
    give_up(named);
    return;
  }
  // Behind the line the siblings (an open gate elsewhere) are worth finishing before a person is
  // called.
  if (!failure_) failure_ = named;
  if (!siblings_until_) siblings_until_ = clock_.mono() + options_.patience;
  check_stage();
}

void OperationRun::check_stage() {
  if (failure_) {
    if (!anything_active()) give_up(*failure_, true);
    return;
  }
  const bool open = std::any_of(steps_.begin(), steps_.end(), [this](const StepRun& step) {
    return step.stage == stage_ && !finished(step);
  });
  if (!open) leave_stage();
}

void OperationRun::succeed() {
  journal_.change([this](OperationRecord& header) {
    header.state = OperationState::succeeded;
    header.ended = clock_.now();
    if (header.pause_started && !header.pause_ended) header.pause_ended = header.ended;
  });
  std::string skipped;
  for (const auto& step : steps_) {
    if (step.record.state != StepState::skipped) continue;
    skipped += (skipped.empty() ? "" : ", ") + step.record.name;
  }
  if (skipped.empty()) {
    tell("info", "succeeded");
  } else {
    tell("warning", "succeeded without what was skipped: " + skipped);
  }
  journal_calls();
  mode_ = Mode::ended;
}

}  // namespace bdrmesh
