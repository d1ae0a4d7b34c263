// The inside of Runner: one driver thread that advances operations and holds the timers, lanes that
// call steps. Internal to engine/.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/due_times.h"
#include "engine/lanes.h"
#include "engine/operation_run.h"
#include "engine/runner.h"

namespace bdrmesh {

class Runner::Impl {
 public:
  Impl(StateStore& store, const StepRegistry& registry, const Clock& clock, RunnerOptions options);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start();
  void stop();
  std::string submit(const SubmitRequest& request);
  void cancel(const std::string& operation);
  void resume(const std::string& operation);
  void retry(const std::string& operation, const std::string& step);
  void skip(const std::string& operation, const std::string& step, const std::string& reason,
            const std::string& by);
  void halt(const std::string& why);  // any thread
  bool crashed() const;
  std::string halted_because() const;
  int calls_in_progress() const;
  std::vector<StepProgress> progress(const std::string& operation) const;
  bool wait(const std::string& operation, Millis limit) const;
  std::vector<DryFinding> dry_run(const Plan& plan, const Call& call) const;

 private:
  using Command = std::function<void()>;
  using Run = std::shared_ptr<OperationRun>;

  // Any thread.
  void post(Command command);
  void mark_active(const std::string& operation);
  void ask_driver(const std::string& operation, Command command);
  void on_driver(const Command& command);
  OperationRecord stored(const std::string& operation) const;
  std::vector<StepProgress> place_in_queue(const std::string& operation, WallTime since) const;

  // Driver thread.
  void drive();
  void drive_until_stopped();
  void advance_touched();
  void adopt(const std::string& operation, const Resumption& resumption);
  bool stays_in_queue(const OperationRecord& record);
  void take_from_queue();
  void cancel_run(const std::string& operation);
  void skip_step(const std::string& operation, const std::string& step, const std::string& reason,
                 const std::string& by);
  void advance(const std::string& operation, const Run& run);
  void settle(const std::string& operation, const Run& run);
  std::string write_journal(const Run& run);
  bool still_ours() const;
  void hand_out(const std::string& operation, const Run& run, StepCall call);

  StateStore& store_;
  const StepRegistry& registry_;
  const Clock& clock_;
  const RunnerOptions options_;

  mutable std::mutex mutex_;  ///< guards everything down to waiting_; runs_ and waiting_ are
                              ///< changed by the driver only
  mutable std::condition_variable settled_;
  std::vector<Command> inbox_;
  std::stop_source wake_;  ///< ends the driver's present wait
  bool started_ = false;
  bool stopping_ = false;
  bool crashed_ = false;
  std::string halted_because_;
  std::set<std::string> active_;      ///< neither final nor blocked, or about to leave that
  std::multiset<std::string> asked_;  ///< of cancel and resume, not yet heard by the driver
  std::map<std::string, Run> runs_;
  std::map<std::string, WallTime> waiting_;  ///< in the queue for locks, since when

  // Driver only.
  std::map<std::string, Resumption> adopt_later_;  ///< the store could not give us these yet
  MonoTime adopt_retry_ = MonoTime::max();
  DueTimes due_;
  std::set<std::string> touched_;  ///< to be advanced in this round

  Lanes lanes_;
  std::thread driver_;
};

}  // namespace bdrmesh
