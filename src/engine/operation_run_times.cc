// What an operation's run is out of time for: the budget of its pause, its deadline, its polls.
#include <algorithm>

#include "engine/operation_run.h"

namespace bdrmesh {
namespace {

/// By how much a clock may go back when it is only being kept right.
constexpr Millis kClockPlay{2000};

}  // namespace

/// Across a restart only the time of day tells how long gates have been closed.
void OperationRun::remember_times(const OperationRecord& header) {
  if (!plan_.budget || !header.pause_started) return;
  const Millis passed = clock_.now() - *header.pause_started;
  if (passed >= -kClockPlay) {
    pause_began_ = clock_.mono() - std::max(passed, Millis{0});
    return;
  }
  pause_began_ = clock_.mono() - plan_.budget->limit;
  if (budget_end())
    tell("warning",
         "this machine's clock was set back: nobody knows how long the pause has lasted, so its "
         "budget counts as spent");
}

std::optional<MonoTime> OperationRun::budget_end() const {
  const OperationRecord header = journal_.header();
  if (!plan_.budget || !pause_began_ || header.pause_ended || header.line_crossed) {
    return std::nullopt;
  }
  return *pause_began_ + plan_.budget->limit;
}

bool OperationRun::budget_spent() const {
  const auto end = budget_end();
  return end && clock_.mono() >= *end;
}

/// Before the line only: behind it there is no way back.
std::optional<WallTime> OperationRun::deadline() const {
  const OperationRecord header = journal_.header();
  return header.line_crossed ? std::nullopt : header.deadline;
}

bool OperationRun::deadline_passed() const {
  return deadline() && deadline_at_ && clock_.mono() >= *deadline_at_;
}

/// Whom the pause was spent on: what the first step that still waits said last.
std::string OperationRun::waited_for() const {
  for (const auto& step : steps_) {
    const bool waits = (step.due || step.calling) && !step.waiting_for.empty();
    if (waits) return ", waiting for " + step.waiting_for;
  }
  return {};
}

void OperationRun::give_up_when_out_of_time() {
  if (budget_spent()) {
    give_up({ErrorKind::precondition, "PAUSE_BUDGET_SPENT",
             "the pause took longer than its budget of " +
                 std::to_string(plan_.budget->limit.count()) + " ms" + waited_for(),
             "allow a longer pause, or run it when transactions are short and links are close"});
  } else if (deadline_passed()) {
    give_up({ErrorKind::precondition, "DEADLINE_PASSED",
             "the deadline " + to_rfc3339(*deadline()) + " has passed" + waited_for(),
             "run it again with a later deadline"});
  }
}

void OperationRun::timers_due() {
  const MonoTime now = clock_.mono();
  if (mode_ == Mode::forward || mode_ == Mode::guarding) give_up_when_out_of_time();
  if (mode_ == Mode::forward && siblings_until_ && now >= *siblings_until_) {
    give_up(*failure_, true);
  }
  for (auto& step : steps_) {
    if (step.due && *step.due <= now) call(step, step.next);
  }
}

MonoTime OperationRun::next_timer() const {
  MonoTime next = MonoTime::max();
  for (const auto& step : steps_) {
    if (step.due) next = std::min(next, *step.due);
  }
  if (siblings_until_) next = std::min(next, *siblings_until_);
  if (mode_ == Mode::forward || mode_ == Mode::guarding) {
    if (const auto end = budget_end()) next = std::min(next, *end);
    if (deadline() && deadline_at_) next = std::min(next, *deadline_at_);
  }
  return next;
}

}  // namespace bdrmesh
