// Executes stored plans: lanes, retries, journal, compensation, the line, resume after a crash.
// Knows nothing of TiDB. All public methods are thread-safe and never wait for an operation, except
// `wait`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "engine/plan.h"
#include "engine/registry.h"

namespace bdrmesh {

class StateStore;

struct RunnerOptions {
  Millis first_poll{20};             ///< first pause after not_yet
  Millis longest_poll{1000};         ///< growing up to this
  Millis longest_poll_in_pause{50};  ///< while the plan's pause budget runs
  Millis step_timeout{30000};        ///< deadline of one call of a step on a work lane
  int transient_tries = 5;  ///< per step and run, with back-off, before the operation gives up
  Millis patience{
      60000};  ///< how long a verify may fail transiently, and siblings go on after a failure
  std::size_t work_threads = 2;  ///< per target
  Millis journal_retry{1000};    ///< pause before a journal write that failed is tried again
};

/// What a running step is doing now; kept in memory only. For an operation in the queue: one entry
/// without a step, saying for whose locks it waits.
struct StepProgress {
  std::string step_id;
  std::string name;
  std::string waiting_for;
  WallTime since;
};

struct SubmitRequest {
  Plan plan;
  std::string idempotency_key;  ///< empty: none
  std::string requested_by;     ///< for the record
  bool queue = false;           ///< wait for taken locks, in order of submission, not refuse
  /// Not across the line by then: undone, `DEADLINE_PASSED`.
  std::optional<WallTime> deadline = std::nullopt;
};

class Runner {
 public:
  /// Takes over every operation of `store` that is not final: nothing runs before `start`.
  Runner(StateStore& store, const StepRegistry& registry, const Clock& clock,
         RunnerOptions options = {});
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Resumes what was under way and begins to run what is submitted.
  void start();
  /// Stops after the calls in progress; everything can be resumed by the next process. Joins all
  /// threads.
  void stop();

  /// Stores the plan as a new operation and starts it, or queues it; durable when this returns.
  /// @return the operation's id; the earlier one's when the idempotency key is known.
  /// @throws Error conflict `LOCKED` naming the holder when a lock is taken and `queue` is not set;
  /// invalid `DEADLINE_IN_PAST`, `UNKNOWN_STEP_TYPE`.
  std::string submit(const SubmitRequest& request);

  /// Asks to cancel. Before the line is crossed the operation is undone in reverse; in the queue it
  /// ends at once.
  /// @throws Error precondition `LINE_CROSSED` afterwards, `OPERATION_FINAL` when it has ended,
  /// invalid `UNKNOWN_OPERATION`.
  void cancel(const std::string& operation);
  /// Goes on with a blocked operation. @throws Error precondition `NOT_BLOCKED`, invalid
  /// `UNKNOWN_OPERATION`.
  void resume(const std::string& operation);
  /// As `resume`, at a step that stopped it: its tries begin anew.
  /// @throws Error as `resume`; invalid `UNKNOWN_STEP`; precondition `NOT_RETRYABLE`.
  void retry(const std::string& operation, const std::string& step);
  /// Goes on with a blocked operation without this step; durable when this returns. Blocks for one
  /// journal write.
  /// @throws Error as `resume`; invalid `UNKNOWN_STEP`, `REASON_MISSING`; precondition
  /// `NOT_SKIPPABLE`; transient `RUNNER_STOPPED`.
  void skip(const std::string& operation, const std::string& step, const std::string& reason,
            const std::string& by);

  std::vector<StepProgress> progress(const std::string& operation) const;
  /// Blocks until the operation is final or blocked, or `limit` of real time has passed, or the
  /// runner has stopped.
  /// @return true when it is final or blocked.
  bool wait(const std::string& operation, Millis limit) const;

  /// Stops dead, as a killed process would: nothing more is begun, undone or written. For whoever
  /// finds out that another process does this one's work now. Any thread, also a step's.
  void halt(const std::string& why);

  /// The state store is gone for this runner (a lost epoch, or a test's simulated crash): it has
  /// stopped dead, without compensation and without another write, as a killed process would.
  bool crashed() const;
  /// Why, in words; empty while it has not crashed.
  std::string halted_because() const;
  /// Calls into steps that run or could run now (not those that wait for a thread of their lane);
  /// for tests that turn the clock.
  int calls_in_progress() const;

  /// Evaluates the preconditions of every step, executing nothing.
  struct DryFinding {
    std::string step_id;
    std::string name;
    std::string verdict;  ///< holds, not_yet, refused
    std::string reason;
    std::string remedy;
  };
  /// All of them within `call`; what is asked later is refused as too late.
  std::vector<DryFinding> dry_run(const Plan& plan, const Call& call = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdrmesh
