#include "engine/operation_run.h"

#include <algorithm>

namespace bdrmesh {
namespace {

// The year 9999: still printable.
constexpr WallTime kFarFuture{Millis{253'402'300'799'000}};

// Long pauses end on the same tenths of a second, so that hundreds of waiting steps wake us ten
// times a second and not hundreds of times.
constexpr Millis kLongPause{500};
constexpr Millis kTogether{100};

MonoTime together_with_others(MonoTime due, Millis pause) {
  if (pause < kLongPause) return due;
  const auto since_start = due.time_since_epoch();
  const auto beyond = since_start % kTogether;
  return beyond.count() == 0 ? due : due + (kTogether - beyond);
}

}  // namespace

OperationRun::OperationRun(StateStore& store, const StepRegistry& registry, const Clock& clock,
                           const RunnerOptions& options, const OperationRecord& record)
    : store_(store),
      registry_(registry),
      clock_(clock),
      options_(options),
      id_(record.id),
      journal_(store, record, store.facts(record.id)),
      stored_plan_(record.plan) {
  if (record.deadline) deadline_at_ = clock_.mono() + (*record.deadline - clock_.now());
}

void OperationRun::begin(const Resumption& resumption) {
  const OperationRecord header = journal_.header();
  if (is_final(header.state)) {
    mode_ = Mode::ended;
    return;
  }
  if (header.state == OperationState::blocked && !resumption.by_person) {
    mode_ = Mode::blocked;
    return;
  }
  if (end_before_begin(header)) return;
  resumed_by_person_ = resumption.by_person;
  const bool undoing = header.state == OperationState::compensating || !header.undo_cause.is_null();
  try {
    load_steps();
  } catch (const Error& error) {
    block(failure_of(error));
    return;
  }
  remember_times(header);
  if (undoing) {
    failure_ = Failure{ErrorKind::conflict, get_or<std::string>(header.undo_cause, "code", ""),
                       get_or<std::string>(header.undo_cause, "text", ""),
                       get_or<std::string>(header.undo_cause, "remedy", "")};
    start_undo();
  } else {
    begin_running(header);
  }
  if (!resumption.retried_step.empty()) {
    tell("info", "step " + resumption.retried_step + " is tried anew on request");
  }
}

/// An operation that nobody wants any more before it has begun: there is nothing to undo.
bool OperationRun::end_before_begin(const OperationRecord& header) {
  if (header.state != OperationState::queued) return false;
  if (!header.cancel_requested && !deadline_passed()) return false;
  const bool cancelled = header.cancel_requested;
  journal_.change([&](OperationRecord& record) {
    record.state = cancelled ? OperationState::cancelled : OperationState::reverted;
    record.error_code = cancelled ? "CANCELLED" : "DEADLINE_PASSED";
    record.error_text = cancelled ? "cancelled before it began"
                                  : "its deadline " + to_rfc3339(*header.deadline) +
                                        " passed before it could begin";
    record.error_remedy = cancelled ? "" : "run it again with a later deadline";
    record.ended = clock_.now();
  });
  tell(cancelled ? "info" : "warning", journal_.header().error_text + "; nothing was changed");
  mode_ = Mode::ended;
  return true;
}

void OperationRun::begin_running(const OperationRecord& header) {
  tell("info", header.state == OperationState::queued ? "started" : "taken up again");
  if (header.state != OperationState::running) {
    journal_.change([](OperationRecord& record) {
      record.state = OperationState::running;
      record.error_code = record.error_text = record.error_remedy = {};
    });
  }
  if (header.line_crossed) {
    forward();
  } else if (header.cancel_requested) {
    give_up({ErrorKind::cancelled, "CANCELLED", "cancelled on request", {}});
  } else {
    ask(Then::go_on);
  }
}

void OperationRun::load_steps() {
  plan_ = plan_from_json(stored_plan_);
  const auto records = store_.steps(id_);
  steps_.clear();
  for (std::size_t stage = 0; stage < plan_.stages.size(); ++stage) {
    for (std::size_t i = 0; i < plan_.stages[stage].steps.size(); ++i) {
      StepRun run;
      run.stage = stage;
      run.planned = plan_.stages[stage].steps[i];
      run.step = registry_.make(run.planned);
      run.record.operation = id_;
      run.record.step = bdrmesh::step_id(stage, i);
      run.record.name = run.step->name();
      const auto known = std::find_if(records.begin(), records.end(), [&](const auto& record) {
        return record.step == run.record.step;
      });
      if (known != records.end()) run.record = *known;
      steps_.push_back(std::move(run));
    }
  }
}

bool OperationRun::finished(const StepRun& step) {
  return step.record.state == StepState::done || step.record.state == StepState::skipped;
}

/// May have changed the world, so that there may be something to undo. A skipped step only when it
/// had begun before somebody skipped it.
bool OperationRun::has_started(const StepRun& step) {
  switch (step.record.state) {
    case StepState::started:
    case StepState::done:
    case StepState::failed:
      return true;
    case StepState::skipped:
      return step.record.started.has_value();
    case StepState::pending:
    case StepState::compensated:
      break;
  }
  return false;
}

bool OperationRun::behind_line(const StepRun& step) const {
  return plan_.line && step.stage >= plan_.line->before_stage;
}

bool OperationRun::in_pause() const {
  const OperationRecord header = journal_.header();
  return plan_.budget && header.pause_started && !header.pause_ended;
}

void OperationRun::call(StepRun& step, CallKind kind) {
  step.calling = kind;
  step.due.reset();
  WallTime pause_deadline = kFarFuture;
  if (plan_.budget) {
    const MonoTime now = clock_.mono();
    const auto left = pause_began_.value_or(now) + plan_.budget->limit - now;
    pause_deadline = clock_.now() + std::chrono::floor<Millis>(left);
  }
  const std::lock_guard lock(shared_mutex_);
  calls_.push_back({kind, step.step, step.record.step, step.planned, ++step.generation,
                    stop_.get_token(), pause_deadline, resumed_by_person_, step.facts});
}

void OperationRun::wait(StepRun& step, CallKind next, const std::string& why) {
  const Millis longest = in_pause() ? options_.longest_poll_in_pause : options_.longest_poll;
  step.poll = step.poll.count() == 0 ? options_.first_poll : std::min(step.poll * 2, longest);
  step.next = next;
  step.due = together_with_others(clock_.mono() + step.poll, step.poll);
  show(step, "waiting", why);
}

void OperationRun::retry(StepRun& step, CallKind next, const Failure& failure) {
  // Slower than a poll: what just failed needs time, not attention.
  const Millis pause = options_.first_poll * (4LL << std::min(step.tries, 8));
  step.next = next;
  step.due = clock_.mono() + std::min(pause, std::max(options_.longest_poll, options_.first_poll));
  show(step, "retrying", "another try after " + failure.code + ": " + failure.text);
}

void OperationRun::show(StepRun& step, const std::string& activity,
                        const std::string& waiting_for) {
  if (step.activity != activity) step.since = clock_.now();
  step.activity = activity;
  step.waiting_for = waiting_for;
}

void OperationRun::clear_waits() {
  for (auto& step : steps_) {
    step.due.reset();
    step.poll = Millis{0};
    step.tries = 0;
    step.failing_since.reset();
    step.failure.reset();
    step.answered = false;
    step.activity.clear();
  }
  drop_calls();
}

// Calls that were decided on but not yet handed out.
void OperationRun::drop_calls() {
  for (const auto& call : std::exchange(calls_, {})) {
    for (auto& step : steps_) {
      if (step.record.step == call.step_id) step.calling.reset();
    }
  }
}

void OperationRun::fresh_stop_source() {
  const std::lock_guard lock(shared_mutex_);
  stop_ = std::stop_source();
}

void OperationRun::interrupt() {
  const std::stop_source source = [this] {
    const std::lock_guard lock(shared_mutex_);
    return stop_;
  }();
  source.request_stop();
}

bool OperationRun::anything_active() const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [](const StepRun& step) { return step.calling || step.due; });
}

bool OperationRun::waited_too_long(StepRun& step) {
  const MonoTime now = clock_.mono();
  if (!step.failing_since) step.failing_since = now;
  return now - *step.failing_since >= options_.patience;
}

void OperationRun::call_ended(const StepCall& call, CallResult result) {
  const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const StepRun& step) {
    return step.record.step == call.step_id;
  });
  for (auto& event : result.events) journal_.add_event_soon(std::move(event));
  if (found == steps_.end()) return;
  StepRun& step = *found;
  for (auto& made : result.calls) step.calls.add(std::move(made));
  if (step.generation != call.generation) return;
  step.calling.reset();
  step.facts = std::move(result.facts);
  switch (mode_) {
    case Mode::asking:
      crossed_answered(step, result);
      break;
    case Mode::guarding:
      guard_answered(step, result);
      break;
    case Mode::forward:
      forward_answered(step, call.kind, result);
      break;
    case Mode::draining:
      finish_draining();
      break;
    case Mode::undoing:
      undo_answered(step, result);
      break;
    case Mode::fresh:
    case Mode::blocked:
    case Mode::ended:
      break;
  }
}

bool OperationRun::may_undo_unwritten() const {
  const bool undoing = mode_ == Mode::undoing || (mode_ == Mode::asking && then_ == Then::undo);
  return undoing && in_pause() && !journal_.line_crossed();
}

void OperationRun::cancel() {
  journal_.note_cancel();
  if (mode_ == Mode::undoing || settled()) return;
  if (journal_.line_crossed()) {
    tell("warning", "the wish to cancel came after the point of no return: going on");
    return;
  }
  give_up({ErrorKind::cancelled, "CANCELLED", "cancelled on request", {}});
}

void OperationRun::block(const Failure& failure) {
  journal_.change([&](OperationRecord& header) {
    header.state = OperationState::blocked;
    header.error_code = failure.code;
    header.error_text = failure.text;
    header.error_remedy = failure.remedy;
  });
  tell("alarm", "blocked: " + failure.code + ": " + failure.text);
  clear_waits();
  journal_calls();
  siblings_until_.reset();
  mode_ = Mode::blocked;
}

void OperationRun::tell(const std::string& severity, const std::string& text,
                        const std::string& subject) {
  journal_.add_event({0, clock_.now(), severity, id_, subject, text});
}

void OperationRun::journal_step(StepRun& step, StepState state, const std::string& note) {
  step.record.state = state;
  step.record.note = note;
  const WallTime now = clock_.now();
  if (state == StepState::started) {
    step.record.started = now;
    step.record.ended.reset();
  } else {
    step.record.ended = now;
  }
  journal_.write_step(step.record, std::exchange(step.facts, {}), step.calls.take());
}

/// With a write that comes anyway, when the operation comes to rest.
void OperationRun::journal_calls() {
  for (auto& step : steps_) journal_.add_calls(step.calls.take());
}

std::vector<StepCall> OperationRun::take_calls() { return std::exchange(calls_, {}); }

CallSurroundings OperationRun::surroundings() {
  return {journal_, id_, plan_.subject, clock_, options_.step_timeout};
}

std::vector<StepProgress> OperationRun::progress() const {
  const std::lock_guard lock(shared_mutex_);
  return view_;
}

void OperationRun::publish_progress(const std::string& journal_trouble) {
  std::vector<StepProgress> view;
  for (const auto& step : steps_) {
    if (!step.calling && !step.due) continue;
    view.push_back({step.record.step, step.record.name,
                    journal_trouble.empty() ? step.waiting_for : journal_trouble, step.since});
  }
  if (view.empty() && !journal_trouble.empty()) {
    view.push_back({{}, "journal", journal_trouble, clock_.now()});
  }
  const std::lock_guard lock(shared_mutex_);
  view_ = std::move(view);
}

}  // namespace bdrmesh
