// Giving up: let calls that change the world end, ask whether the line was crossed, undo in
// reverse, or block.
#include <algorithm>

#include "engine/operation_run.h"

namespace bdrmesh {

void OperationRun::give_up(const Failure& failure, bool block_only) {
  if (mode_ == Mode::undoing || settled()) return;
  // The first reason counts; a wish to cancel while we ask or drain only changes how it ends.
  if (mode_ == Mode::draining) return;
  if (mode_ == Mode::asking) {
    if (!failure_) failure_ = failure;
    then_ = Then::undo;
    return;
  }
  failure_ = failure;
  block_only_ = block_only;
  siblings_until_.reset();
  mode_ = Mode::draining;
  interrupt();
  drop_calls();
  for (auto& step : steps_) {
    step.due.reset();
    // A look changes nothing, so one that hangs need not be waited for; its answer is ignored.
    // While the line may be crossed, every call behind it counts.
    const bool only_looks =
        step.calling == CallKind::precondition || step.calling == CallKind::verify;
    if (only_looks && (!behind_line(step) || journal_.line_crossed())) {
      step.calling.reset();
      ++step.generation;
    }
  }
  finish_draining();
}

void OperationRun::finish_draining() {
  if (anything_active()) return;
  if (block_only_) {
    block(*failure_);
  } else {
    ask(Then::undo);
  }
}

void OperationRun::start_undo() {
  const Failure cause = *failure_;
  clear_waits();
  fresh_stop_source();
  mode_ = Mode::undoing;
  try {
    // Own instances: a look that was given up may still be inside the old ones.
    for (auto& step : steps_) step.step = registry_.make(step.planned);
  } catch (const Error& error) {
    block(failure_of(error));
    return;
  }
  const bool first_time = journal_.header().undo_cause.is_null();
  journal_.change([&](OperationRecord& header) {
    header.state = OperationState::compensating;
    header.undo_cause = {{"code", cause.code}, {"text", cause.text}, {"remedy", cause.remedy}};
    header.error_code = cause.code;
    header.error_text = cause.text;
    header.error_remedy = cause.remedy;
  });
  if (first_time) tell("warning", "is undone: " + cause.code + ": " + cause.text);
  for (auto& step : steps_) {
    if (step.facts.empty()) continue;
    journal_.write_step(step.record, std::exchange(step.facts, {}), step.calls.take());
  }
  undo_next_stage();
}

void OperationRun::undo_next_stage() {
  std::optional<std::size_t> last;
  for (const auto& step : steps_) {
    if (has_started(step)) last = std::max(last.value_or(0), step.stage);
  }
  if (!last) {
    finish_undo();
    return;
  }
  for (auto& step : steps_) {
    if (step.stage != *last || !has_started(step)) continue;
    show(step, "undoing", "to be undone");
    call(step, CallKind::compensate);
  }
}

void OperationRun::undo_answered(StepRun& step, const CallResult& result) {
  if (!result.failure) {
    step.failure.reset();
    journal_step(step, StepState::compensated);
  } else {
    const ErrorKind kind = result.failure->kind;
    const bool may_pass = kind == ErrorKind::transient || kind == ErrorKind::ambiguous ||
                          kind == ErrorKind::cancelled;
    step.failure = result.failure;
    if (may_pass && ++step.tries < options_.transient_tries) {
      retry(step, CallKind::compensate, *result.failure);
    }
  }
  if (anything_active()) return;
  for (const auto& other : steps_) {
    if (!other.failure) continue;
    Failure failure = *other.failure;
    failure.text = "cannot undo " + other.record.name + ": " + failure.text;
    if (failure_)
      failure.text += " (undone because of " + failure_->code + ": " + failure_->text + ")";
    block(failure);
    return;
  }
  undo_next_stage();
}

void OperationRun::finish_undo() {
  journal_.change([this](OperationRecord& header) {
    header.state = header.cancel_requested ? OperationState::cancelled : OperationState::reverted;
    header.undo_cause = nullptr;
    header.ended = clock_.now();
    if (header.pause_started && !header.pause_ended) header.pause_ended = header.ended;
  });
  tell("info", "everything that was started is undone");
  journal_calls();
  mode_ = Mode::ended;
}

}  // namespace bdrmesh
