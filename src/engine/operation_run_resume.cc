// After a restart and before undoing: has the line been crossed, do the guards still hold, what is
// to be taken anew?
#include <algorithm>

#include "engine/operation_run.h"

namespace bdrmesh {

void OperationRun::ask(Then then) {
  clear_waits();
  fresh_stop_source();
  crossing_evidence_.clear();
  then_ = then;
  mode_ = Mode::asking;
  for (auto& step : steps_) {
    if (!behind_line(step) || !has_started(step)) continue;
    show(step, "asking", "to know whether the point of no return was crossed");
    call(step, CallKind::crossed);
  }
  if (!anything_active()) finish_asking();
}

void OperationRun::crossed_answered(StepRun& step, const CallResult& result) {
  if (result.failure) {
    const ErrorKind kind = result.failure->kind;
    if (kind != ErrorKind::transient && kind != ErrorKind::ambiguous &&
        kind != ErrorKind::cancelled) {
      // Neither way is safe while this is unknown.
      failure_ = result.failure;
      block_only_ = true;
      mode_ = Mode::draining;
      for (auto& other : steps_) other.due.reset();
      finish_draining();
      return;
    }
    wait(step, CallKind::crossed,
         "an answer whether the point of no return was crossed: " + result.failure->text);
  } else if (result.crossing == Crossing::cannot_tell_yet) {
    wait(step, CallKind::crossed, "to know whether the point of no return was crossed");
  } else if (result.crossing == Crossing::yes) {
    crossing_evidence_ = "found by " + step.record.name;
  }
  const bool crossed = !crossing_evidence_.empty() || journal_.line_crossed();
  if (crossed) {
    for (auto& other : steps_) other.due.reset();
  }
  if (!anything_active()) finish_asking();
}

void OperationRun::finish_asking() {
  if (!crossing_evidence_.empty() && !journal_.line_crossed()) {
    journal_.change([this](OperationRecord& header) {
      header.line_crossed = true;
      header.line_evidence = crossing_evidence_;
    });
    tell("info", "point of no return crossed: " + crossing_evidence_);
  }
  if (journal_.line_crossed()) {
    if (failure_) {
      tell("warning",
           "cannot be undone any more, going on after " + failure_->code + ": " + failure_->text);
    }
    forward();
  } else if (then_ == Then::undo) {
    start_undo();
  } else {
    guard();
  }
}

void OperationRun::guard() {
  clear_waits();
  mode_ = Mode::guarding;
  if (budget_spent() || deadline_passed()) {
    timers_due();
    return;
  }
  // Once opening has begun, as a plan without a line does it, closed gates are not wanted any more.
  const bool opening = std::any_of(steps_.begin(), steps_.end(), [this](const StepRun& step) {
    return step.planned.lane == LaneKind::gate && has_started(step);
  });
  for (auto& step : steps_) {
    // Nothing rests yet on a step that had begun only: it simply goes on.
    const bool relied_on = step.record.state == StepState::done;
    if (opening || !step.planned.guards_resume || !relied_on) continue;
    show(step, "guarding", "to see whether everything is as it was before the restart");
    call(step, CallKind::verify);
  }
  if (!anything_active()) rewind();
}

void OperationRun::guard_answered(StepRun& step, const CallResult& result) {
  const auto broken = [&](const std::string& why) {
    give_up({ErrorKind::conflict, "RESUME_GUARD_FAILED",
             step.record.name + " does not hold any more after a restart: " + why,
             "run the operation again"});
  };
  if (result.failure) {
    const ErrorKind kind = result.failure->kind;
    const bool may_pass = kind == ErrorKind::transient || kind == ErrorKind::ambiguous;
    if (!may_pass || waited_too_long(step)) {
      broken(result.failure->text);
      return;
    }
    wait(step, CallKind::verify, result.failure->text);
  } else if (result.verdict.kind != Verdict::Kind::holds) {
    broken(result.verdict.reason);
    return;
  } else {
    step.answered = true;
  }
  if (!anything_active()) rewind();
}

void OperationRun::rewind() {
  std::optional<std::size_t> from;
  const auto facts = journal_.facts();
  for (const auto& step : steps_) {
    const bool forgot = std::any_of(facts.begin(), facts.end(), [&](const FactRecord& fact) {
      return !fact.durable && fact.set_by == step.record.step;
    });
    if (forgot) from = std::min(from.value_or(step.stage), step.stage);
  }
  if (from) {
    journal_.forget_volatile_facts();
    for (auto& step : steps_) {
      if (step.stage < *from || !has_started(step) || step.record.state == StepState::skipped)
        continue;
      // Taken anew from its precondition on, yet still `started`: what it did must be undone if it
      // comes to that.
      step.from_the_top = true;
      journal_step(step, StepState::started, "taken anew after a restart");
    }
  }
  forward();
}

}  // namespace bdrmesh
