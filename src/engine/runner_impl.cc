#include "engine/runner_impl.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/error.h"
#include "engine/control.h"
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
    post([this, id = operation.id] { adopt(id, {}); });
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
    // Nobody will ever run it: whoever waits for it must hear that.
    if (stopping_ || crashed_) return wake_;
    inbox_.push_back(std::move(command));
    return wake_;
  }();
  wake.request_stop();
}

// Blocks until the driver has run `command`; its Error comes out here.
void Runner::Impl::on_driver(const Command& command) {
  const Error stopped(ErrorKind::transient, "RUNNER_STOPPED",
                      "the daemon is not working on operations",
                      "see why: bdrmesh status; then start it again");
  {
    const std::lock_guard lock(mutex_);
    if (!started_) throw stopped;
  }
  auto done = std::make_shared<std::promise<void>>();
  auto answer = done->get_future();
  // Given away, so that a command that is never run breaks the promise.
  post([done = std::move(done), &command] {
    try {
      command();
      done->set_value();
    } catch (const Error&) {
      done->set_exception(std::current_exception());
    }
  });
  try {
    answer.get();
  } catch (const std::future_error&) {
    throw stopped;
  }
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
    const auto* known = dynamic_cast<const Error*>(&error);
    const std::string remedy = known != nullptr ? known->remedy() : std::string();
    halt(error.what() + (remedy.empty() ? "" : "; " + remedy));
  }
  std::vector<Command> never_run;
  const std::lock_guard lock(mutex_);
  never_run.swap(inbox_);
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
    for (const auto& command : commands) command();
    adopt_retry_ = MonoTime::max();
    for (const auto& [id, how] : std::exchange(adopt_later_, {})) adopt(id, how);
    for (auto& id : due_.take_due(clock_.mono())) touched_.insert(std::move(id));
    while (!touched_.empty()) advance_touched();
    if (commands.empty()) {
      clock_.wait_until(std::min(due_.next(), adopt_retry_), wake.get_token());
    }
  }
}

void Runner::Impl::advance_touched() {
  for (const auto& id : std::exchange(touched_, {})) {
    const auto known = runs_.find(id);
    if (known != runs_.end()) {
      advance(id, Run(known->second));
    } else if (waiting_.contains(id)) {
      adopt(id, {});
    }
  }
}

void Runner::Impl::adopt(const std::string& operation, const Resumption& resumption) {
  const auto known = runs_.find(operation);
  if (known != runs_.end() && !known->second->settled()) return;
  Run run;
  try {
    const OperationRecord record = store_.operation(operation);
    if (stays_in_queue(record)) return;
    run = std::make_shared<OperationRun>(store_, registry_, clock_, options_, record);
    run->begin(resumption);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bug) throw;
    adopt_later_[operation] = resumption;
    adopt_retry_ = std::min(adopt_retry_, clock_.mono() + options_.journal_retry);
    return;
  }
  touched_.insert(operation);
  const std::lock_guard lock(mutex_);
  waiting_.erase(operation);
  runs_[operation] = std::move(run);
}

bool Runner::Impl::stays_in_queue(const OperationRecord& record) {
  if (record.state != OperationState::queued || record.cancel_requested) return false;
  const WallTime now = clock_.now();
  if (record.deadline && *record.deadline <= now) return false;
  if (store_.lock_waits(record.id).empty()) return false;
  if (record.deadline) due_.set(record.id, clock_.mono() + (*record.deadline - now));
  const std::lock_guard lock(mutex_);
  waiting_[record.id] = record.created;
  return true;
}

// Locks pass on in the very transaction that makes their holder final; here we find to whom.
void Runner::Impl::take_from_queue() {
  if (waiting_.empty()) return;
  std::vector<std::string> next;
  for (const auto& [id, since] : waiting_) next.push_back(id);
  try {
    const auto still = store_.waiting_operations();
    std::erase_if(next, [&](const std::string& id) {
      return std::find(still.begin(), still.end(), id) != still.end();
    });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bug) throw;
  }
  for (const auto& id : next) adopt(id, {});
}

void Runner::Impl::cancel_run(const std::string& operation) {
  const auto found = runs_.find(operation);
  if (found == runs_.end() || found->second->settled()) {
    adopt(operation, {true, {}});
  } else {
    found->second->cancel();
    touched_.insert(operation);
  }
}

void Runner::Impl::skip_step(const std::string& operation, const std::string& step,
                             const std::string& reason, const std::string& by) {
  OperationRecord record = stored(operation);
  const auto known = runs_.find(operation);
  // Taken up again, and its journal does not say so yet.
  if (known != runs_.end() && !known->second->settled()) record.state = OperationState::running;
  const WallTime now = clock_.now();
  const StepRecord skipped = skipped_step(record, store_.steps(operation), step, reason, by, now);
  TickWrite tick;
  tick.operation = operation;
  tick.steps = {skipped};
  tick.events = {{0, now, "warning", operation, "",
                  "step " + step + " (" + skipped.name + ") " + skipped.note}};
  store_.write_tick(tick);
  mark_active(operation);
  adopt(operation, {true, {}});
}

void Runner::Impl::advance(const std::string& operation, const Run& run) {
  if (crashed()) return;
  run->timers_due();
  const std::string trouble = write_journal(run);
  run->publish_progress(trouble.empty() ? "" : "the state file to become writable: " + trouble);
  if (!trouble.empty()) {
    due_.set(operation, clock_.mono() + options_.journal_retry);
    if (run->may_undo_unwritten() && still_ours()) {
      for (auto& call : run->take_calls()) hand_out(operation, run, std::move(call));
    }
    return;
  }
  for (auto& call : run->take_calls()) hand_out(operation, run, std::move(call));
  due_.set(operation, run->next_timer());
  if (run->just_settled()) settle(operation, run);
}

/// @return what is wrong, when it must be tried again.
std::string Runner::Impl::write_journal(const Run& run) {
  try {
    run->journal().flush();
    return {};
  } catch (const Error& error) {
    // A full disk may get room again; an epoch never comes back, and a bug does not mend itself.
    if (error.code() == "EPOCH_LOST" || error.kind() == ErrorKind::bug) throw;
    return error.message();
  }
}

bool Runner::Impl::still_ours() const {
  try {
    return store_.epoch_is_ours();
  } catch (const Error&) {
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
  if (!run->ended()) return;
  due_.forget(operation);
  take_from_queue();
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
        touched_.insert(operation);
      }
    });
  });
}

}  // namespace bdrmesh
