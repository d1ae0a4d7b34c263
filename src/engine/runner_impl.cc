#include "engine/runner_impl.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "store/state_store.h"

namespace bdrmesh {

Runner::Impl::Impl(StateStore& store, const StepRegistry& registry, const Clock& clock,
                   RunnerOptions options)
    : store_(store),
      registry_(registry),
      clock_(clock),
      options_(options),
      lanes_(std::max<std::size_t>(1, options.work_threads)) {}

Runner::Impl::~Impl() { stop(); }

void Runner::Impl::start() {
  const auto unfinished = store_.unfinished_operations();
  {
    const std::lock_guard lock(mutex_);
    if (started_ || stopping_) return;
    started_ = true;
  }
  for (const auto& operation : unfinished) {
    if (operation.state == OperationState::blocked) continue;  // a person resumes or cancels it
    mark_active(operation.id);
    post([this, id = operation.id] { adopt(id, false); });
  }
  driver_ = std::thread([this] { drive(); });
}

void Runner::Impl::stop() {
  const std::stop_source wake = [this] {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    return wake_;
  }();
  wake.request_stop();
  settled_.notify_all();
  if (driver_.joinable()) driver_.join();
  for (const auto& [id, run] : runs_) run->interrupt();
  lanes_.stop();
}

void Runner::Impl::post(Command command) {
  const std::stop_source wake = [&] {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(command));
    return wake_;
  }();
  wake.request_stop();
}

int Runner::Impl::calls_in_progress() const {
  // In this order: a job that is no longer busy has already posted its result.
  const std::size_t busy = lanes_.busy();
  const std::lock_guard lock(mutex_);
  return static_cast<int>(busy + inbox_.size());
}

void Runner::Impl::halt(const std::string& why) {
  std::vector<Run> runs;
  const std::stop_source wake = [&] {
    const std::lock_guard lock(mutex_);
    if (halted_because_.empty()) halted_because_ = why;
    crashed_ = true;
    for (const auto& [id, run] : runs_) runs.push_back(run);
    return wake_;
  }();
  for (const auto& run : runs) run->interrupt();
  wake.request_stop();
  settled_.notify_all();
}

void Runner::Impl::mark_active(const std::string& operation) {
  const std::lock_guard lock(mutex_);
  active_.insert(operation);
}

// Until the driver has heard it, the operation counts as moving, whatever it was before.
void Runner::Impl::ask_driver(const std::string& operation, Command command) {
  {
    const std::lock_guard lock(mutex_);
    active_.insert(operation);
    asked_.insert(operation);
  }
  post([this, operation, command = std::move(command)] {
    {
      const std::lock_guard lock(mutex_);
      asked_.erase(asked_.find(operation));
    }
    command();
  });
}

std::string Runner::Impl::halted_because() const {
  const std::lock_guard lock(mutex_);
  return halted_because_;
}

bool Runner::Impl::crashed() const {
  const std::lock_guard lock(mutex_);
  return crashed_;
}

void Runner::Impl::drive() {
  try {
    drive_until_stopped();
  } catch (const SimulatedCrash&) {
    halt("simulated crash");
  } catch (const std::exception& error) {
    // A lost epoch or a broken invariant of ours: nothing more may be written or begun.
    halt(error.what());
  }
}

void Runner::Impl::drive_until_stopped() {
  for (;;) {
    std::vector<Command> commands;
    std::stop_source wake;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || crashed_) return;
      commands.swap(inbox_);
      wake_ = wake;
    }
    journal_retry_ = MonoTime::max();
    for (const auto& command : commands) command();
    for (const auto& [id, resumed] : std::exchange(adopt_later_, {})) adopt(id, resumed);
    const auto runs = runs_;  // runs that end are taken out meanwhile
    for (const auto& [id, run] : runs) advance(id, run);
    if (commands.empty()) clock_.wait_until(next_timer(), wake.get_token());
  }
}

MonoTime Runner::Impl::next_timer() const {
  MonoTime next = journal_retry_;
  for (const auto& [id, run] : runs_) next = std::min(next, run->next_timer());
  return next;
}

void Runner::Impl::adopt(const std::string& operation, bool resumed) {
  const auto known = runs_.find(operation);
  if (known != runs_.end() && !known->second->settled()) return;
  Run run;
  try {
    run = std::make_shared<OperationRun>(store_, registry_, clock_, options_,
                                         store_.operation(operation));
    run->begin(resumed);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bug) throw;
    adopt_later_[operation] = resumed;
    journal_retry_ = std::min(journal_retry_, clock_.mono() + options_.journal_retry);
    return;
  }
  const std::lock_guard lock(mutex_);
  runs_[operation] = std::move(run);
}

void Runner::Impl::cancel_run(const std::string& operation) {
  const auto found = runs_.find(operation);
  if (found == runs_.end() || found->second->settled()) {
    adopt(operation, true);
  } else {
    found->second->cancel();
  }
}

void Runner::Impl::advance(const std::string& operation, const Run& run) {
  run->timers_due();
  const bool written = write_journal(run);
  run->publish_progress(written ? "" : "the state file to become writable");
  if (!written) {
    journal_retry_ = std::min(journal_retry_, clock_.mono() + options_.journal_retry);
    return;
  }
  for (auto& call : run->take_calls()) hand_out(operation, run, std::move(call));
  if (run->just_settled()) settle(operation, run);
}

bool Runner::Impl::write_journal(const Run& run) {
  try {
    run->journal().flush();
    return true;
  } catch (const Error& error) {
    // A full disk may get room again; an epoch never comes back, and a bug does not mend itself.
    if (error.code() == "EPOCH_LOST" || error.kind() == ErrorKind::bug) throw;
    return false;
  }
}

void Runner::Impl::settle(const std::string& operation, const Run& run) {
  {
    const std::lock_guard lock(mutex_);
    // Asked to resume since it blocked: it has not come to rest.
    if (!asked_.contains(operation)) active_.erase(operation);
    if (run->ended()) runs_.erase(operation);
  }
  settled_.notify_all();
}

void Runner::Impl::hand_out(const std::string& operation, const Run& run, StepCall call) {
  const LaneKind lane = call.lane();
  const std::string target = call.planned.target;
  lanes_.post(lane, target, [this, operation, run, call = std::move(call)] {
    CallResult result;
    try {
      result = run_call(call, run->surroundings());
    } catch (const SimulatedCrash&) {
      halt("simulated crash");
    }
    post([this, operation, run, call, result = std::move(result)]() mutable {
      // A run that was blocked and resumed meanwhile is another one.
      const auto current = runs_.find(operation);
      if (current != runs_.end() && current->second == run) {
        run->call_ended(call, std::move(result));
      }
    });
  });
}

}  // namespace bdrmesh
