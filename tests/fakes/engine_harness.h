// Runs a plan to its end on the real store and runner, with a clock that turns itself; dies at any
// journal write.
#pragma once

#include <atomic>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "engine/runner.h"
#include "fakes/fake_clock.h"
#include "store/state_store.h"

namespace bdrmesh::fakes {

enum class Death { never, before_write, after_write };

struct DieAt {
  Death when = Death::never;
  std::int64_t write = 0;  ///< counted from 1
};

inline DieAt die(Death when, std::int64_t write) { return {when, write}; }

inline std::string describe(const DieAt& death) {
  if (death.when == Death::never) return "does not die";
  return std::string("dies ") + (death.when == Death::before_write ? "before" : "after") +
         " write " + std::to_string(death.write);
}

/// Kills whoever writes at that moment and everybody who writes later, as the end of a process
/// would.
class Reaper {
 public:
  Reaper(StateStore& store, DieAt death) : store_(store) {
    store_.set_write_hook([this, death](bool before, std::int64_t ordinal) {
      if (before) writes_ = ordinal;
      const bool now = death.when == (before ? Death::before_write : Death::after_write) &&
                       ordinal >= death.write;
      if (now) dead_ = true;
      if (dead_) throw SimulatedCrash{};
    });
  }
  ~Reaper() { store_.set_write_hook({}); }
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  std::int64_t writes() const { return writes_; }

 private:
  StateStore& store_;
  std::atomic<std::int64_t> writes_ = 0;
  std::atomic<bool> dead_ = false;
};

/// The journal of an operation, one line per step and event, for the message of a failed test.
inline std::string journal_of(const StateStore& store, const std::string& operation) {
  const auto record = store.find_operation(operation);
  if (!record) return "no operation " + operation;
  std::string text = record->title + ": " + std::string(to_string(record->state)) + " " +
                     record->error_code + " " + record->error_text + "\n";
  for (const auto& step : store.steps(operation)) {
    text += "  " + step.step + " " + step.name + ": " + std::string(to_string(step.state)) + " " +
            step.note + "\n";
  }
  for (const auto& event : store.operation_events(operation)) {
    text += "  " + to_rfc3339(event.at) + " " + event.severity + ": " + event.text + "\n";
  }
  return text;
}

/// A runner whose clock turns itself whenever all its calls wait.
class SelfTurningRunner {
 public:
  SelfTurningRunner(StateStore& store, const StepRegistry& registry, FakeClock& clock,
                    RunnerOptions options = {})
      : clock_(clock), runner_(std::make_unique<Runner>(store, registry, clock, options)) {
    clock_.run_by_itself([runner = runner_.get()] { return runner->calls_in_progress(); });
  }
  ~SelfTurningRunner() {
    runner_->stop();
    clock_.stop_by_itself();
  }
  SelfTurningRunner(const SelfTurningRunner&) = delete;
  SelfTurningRunner& operator=(const SelfTurningRunner&) = delete;

  Runner& operator*() const { return *runner_; }
  Runner* operator->() const { return runner_.get(); }

 private:
  FakeClock& clock_;
  std::unique_ptr<Runner> runner_;
};

struct EndOfRun {
  std::string operation;
  OperationRecord record;
  std::int64_t writes = 0;  ///< journal transactions, the submission included
  std::string journal;      ///< for failure messages

  OperationState state() const { return record.state; }
};

/// How long in real time a run may take before the test gives up.
constexpr Millis kRealLimit{60000};

/// Submits `plan` (or takes up the one submitted to this store before) and runs it until it is
/// final or blocked.
/// @throws SimulatedCrash when it died as asked: call it again on the same store to play the next
/// process.
inline EndOfRun run_to_end(const Plan& plan, const StepRegistry& registry, StateStore& store,
                           FakeClock& clock, DieAt death = {}, RunnerOptions options = {}) {
  Reaper reaper(store, death);
  EndOfRun end;
  {
    SelfTurningRunner runner(store, registry, clock, options);
    runner->start();
    end.operation = runner->submit({plan, "run_to_end " + plan.title, "test"});
    const bool ended = runner->wait(end.operation, kRealLimit);
    if (runner->crashed()) throw SimulatedCrash{};
    if (!ended) ADD_FAILURE() << "did not end\n" << journal_of(store, end.operation);
  }
  end.writes = reaper.writes();
  end.record = store.operation(end.operation);
  end.journal = journal_of(store, end.operation);
  return end;
}

}  // namespace bdrmesh::fakes
