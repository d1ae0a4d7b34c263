// The state machine of one operation: from what calls came back with to the calls that come next.
// Starts no thread, calls no step and writes nothing by itself: the runner does. Internal to
// engine/. Driver thread only, except what is marked.
//
//   begin -> asking -> guarding -> forward -> ended | blocked
//                '--------'-----------'--> draining -> asking -> undoing -> ended | blocked
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/call_log.h"
#include "engine/operation_journal.h"
#include "engine/runner.h"
#include "engine/step_call.h"

namespace bdrmesh {

/// How an operation that was at rest came to go on.
struct Resumption {
  bool by_person = false;
  std::string retried_step;  ///< the step that the person named
};

class OperationRun {
 public:
  OperationRun(StateStore& store, const StepRegistry& registry, const Clock& clock,
               const RunnerOptions& options, const OperationRecord& record);

  /// Decides where the operation goes on, from the journal alone; a blocked one only for a person.
  void begin(const Resumption& resumption);
  /// The result of a call of this run; results nobody waits for any more are ignored.
  void call_ended(const StepCall& call, CallResult result);
  void timers_due();
  void cancel();
  /// Stops the waits of calls in progress; any thread.
  void interrupt();

  /// What is to be called now that the journal is written.
  std::vector<StepCall> take_calls();
  MonoTime next_timer() const;
  /// Whether the calls that come next only open again what a pause keeps closed. That must not wait
  /// for a disk: a process that dies meanwhile leaves a journal by which the next one undoes the
  /// operation too, as its guards do not hold any more.
  bool may_undo_unwritten() const;
  /// Nothing moves any more without a person: final or blocked.
  bool settled() const { return mode_ == Mode::blocked || mode_ == Mode::ended; }
  bool ended() const { return mode_ == Mode::ended; }
  /// True once per run, when it has settled.
  bool just_settled() { return settled() && !std::exchange(announced_, true); }

  OperationJournal& journal() { return journal_; }  ///< any thread
  CallSurroundings surroundings();                  ///< any thread, once begun
  /// Shows what the steps wait for; any thread.
  std::vector<StepProgress> progress() const;
  void publish_progress(const std::string& journal_trouble);

 private:
  enum class Mode { fresh, asking, guarding, forward, draining, undoing, blocked, ended };
  enum class Then { go_on, undo };

  struct StepRun {
    std::size_t stage = 0;
    PlannedStep planned;
    std::shared_ptr<Step> step;
    StepRecord record;
    std::optional<CallKind> calling;
    std::uint64_t generation = 0;
    CallKind next = CallKind::precondition;
    std::optional<MonoTime> due;
    bool from_the_top = false;  ///< taken anew: precondition first, though the journal says started
    bool executed = false;
    bool answered = false;  ///< asking, guarding
    int tries = 0;
    Millis poll{0};
    std::optional<MonoTime> failing_since;
    std::optional<Failure> failure;
    std::vector<FactRecord> facts;  ///< set, not yet durable
    CallLog calls;                  ///< made since the last journal write
    std::string activity;
    std::string waiting_for;
    WallTime since;
  };

  // operation_run.cc: beginning, timers, ends
  void load_steps();
  bool end_before_begin(const OperationRecord& header);
  void begin_running(const OperationRecord& header);
  static bool finished(const StepRun& step);
  static bool has_started(const StepRun& step);
  bool behind_line(const StepRun& step) const;
  bool in_pause() const;
  void remember_times(const OperationRecord& header);
  std::optional<MonoTime> budget_end() const;
  bool budget_spent() const;
  std::optional<WallTime> deadline() const;
  bool deadline_passed() const;
  void give_up_when_out_of_time();
  std::string waited_for() const;
  void call(StepRun& step, CallKind kind);
  void wait(StepRun& step, CallKind next, const std::string& why);
  void retry(StepRun& step, CallKind next, const Failure& failure);
  void show(StepRun& step, const std::string& activity, const std::string& waiting_for);
  void drop_calls();
  void clear_waits();
  void fresh_stop_source();
  bool anything_active() const;
  bool waited_too_long(StepRun& step);
  void block(const Failure& failure);
  void tell(const std::string& severity, const std::string& text, const std::string& subject = {});
  void journal_step(StepRun& step, StepState state, const std::string& note = {});
  void journal_calls();

  // operation_run_resume.cc: after a restart, before anything is begun anew
  void ask(Then then);
  void crossed_answered(StepRun& step, const CallResult& result);
  void finish_asking();
  void guard();
  void guard_answered(StepRun& step, const CallResult& result);
  void rewind();

  // operation_run_forward.cc: stage by stage
  void forward();
  void enter_stage();
  void leave_stage();
  void forward_answered(StepRun& step, CallKind kind, const CallResult& result);
  void forward_failed(StepRun& step, CallKind kind, const Failure& failure);
  void precondition_answered(StepRun& step, const Verdict& verdict);
  void verify_answered(StepRun& step, const Verdict& verdict);
  void step_done(StepRun& step);
  void step_failed(StepRun& step, const Failure& failure);
  void check_stage();
  void succeed();

  // operation_run_undo.cc: giving up
  void give_up(const Failure& failure, bool block_only = false);
  void finish_draining();
  void start_undo();
  void undo_next_stage();
  void undo_answered(StepRun& step, const CallResult& result);
  void finish_undo();

  StateStore& store_;
  const StepRegistry& registry_;
  const Clock& clock_;
  const RunnerOptions& options_;
  const std::string id_;
  OperationJournal journal_;
  Json stored_plan_;
  Plan plan_;
  std::vector<StepRun> steps_;
  std::vector<StepCall> calls_;

  Mode mode_ = Mode::fresh;
  Then then_ = Then::go_on;
  std::size_t stage_ = 0;
  std::optional<Failure> failure_;
  bool resumed_by_person_ = false;
  bool block_only_ = false;
  bool announced_ = false;
  std::string crossing_evidence_;
  std::optional<MonoTime> siblings_until_;
  // This machine's clock may be set while we run: within a process time passes by these.
  std::optional<MonoTime> pause_began_;
  std::optional<MonoTime> deadline_at_;

  mutable std::mutex shared_mutex_;  ///< guards stop_ and view_
  std::stop_source stop_;
  std::vector<StepProgress> view_;
};

}  // namespace bdrmesh
