#include "engine/runner.h"

#include <algorithm>

#include "base/error.h"
#include "base/random_id.h"
#include "engine/control.h"
#include "engine/runner_impl.h"
#include "store/state_store.h"

namespace bdrmesh {
namespace {

/// What preconditions see in a dry run: no facts, nothing to write to.
class DryContext final : public StepContext {
 public:
  DryContext(const Plan& plan, const Clock& clock, const Call& call, Millis limit)
      : subject_(plan.subject), clock_(clock), call_(call.within(clock.mono(), limit)) {
    pause_deadline_ = clock.now() + (plan.budget ? plan.budget->limit : limit);
  }

  const std::string& operation() const override { return operation_; }
  const Json& subject() const override { return subject_; }
  const Call& call() const override { return call_; }
  WallTime now() const override { return clock_.now(); }
  WallTime pause_deadline() const override { return pause_deadline_; }
  std::optional<Json> fact(const std::string&, const std::string&) const override {
    return std::nullopt;
  }
  std::vector<Fact> facts(const std::string&) const override { return {}; }
  void set_fact(Fact) override {}
  void checkpoint() override {}
  void cross_line(const std::string&) override {
    throw Error(ErrorKind::bug, "LINE_IN_DRY_RUN", "a precondition must not cross the line");
  }
  bool line_crossed() const override { return false; }
  bool resumed_by_person() const override { return false; }
  void event(const std::string&, const std::string&) override {}

 private:
  std::string operation_ = "dryrun";
  const Json& subject_;
  const Clock& clock_;
  Call call_;
  WallTime pause_deadline_;
};

std::string_view to_string(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::holds:
      return "holds";
    case Verdict::Kind::not_yet:
      return "not_yet";
    case Verdict::Kind::refused:
      break;
  }
  return "refused";
}

void require_known_types(const Plan& plan, const StepRegistry& registry) {
  for (const auto& stage : plan.stages) {
    for (const auto& step : stage.steps) {
      if (registry.knows(step.type)) continue;
      throw Error(ErrorKind::invalid, "UNKNOWN_STEP_TYPE",
                  "stage '" + stage.name + "' has a step of the unknown type " + step.type,
                  "make the plan again with this version");
    }
  }
}

std::vector<StepRecord> step_records(const Plan& plan, const StepRegistry& registry,
                                     const std::string& operation) {
  std::vector<StepRecord> records;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t i = 0; i < plan.stages[stage].steps.size(); ++i) {
      StepRecord record;
      record.operation = operation;
      record.step = step_id(stage, i);
      record.name = registry.make(plan.stages[stage].steps[i])->name();
      records.push_back(std::move(record));
    }
  }
  return records;
}

}  // namespace

std::string Runner::Impl::submit(const SubmitRequest& request) {
  require_known_types(request.plan, registry_);
  require_ahead(request.deadline, clock_.now());
  OperationRecord record;
  record.id = "op" + random_id(10);
  record.kind = request.plan.kind;
  record.title = request.plan.title;
  record.plan = to_json(request.plan);
  record.requested_by = request.requested_by;
  record.idempotency_key = request.idempotency_key;
  record.created = clock_.now();
  record.deadline = request.deadline;
  const auto steps = step_records(request.plan, registry_, record.id);
  std::string id;
  try {
    id = store_.add_operation(record, request.plan.locks, steps,
                              request.queue ? WhenLocked::wait : WhenLocked::refuse);
  } catch (const SimulatedCrash&) {
    halt("simulated crash");
    throw;
  }
  if (id != record.id) return id;
  {
    const std::lock_guard lock(mutex_);
    if (!started_) return id;
    active_.insert(id);
  }
  post([this, id] { adopt(id, {}); });
  return id;
}

OperationRecord Runner::Impl::stored(const std::string& operation) const {
  return store_.operation(operation);
}

void Runner::Impl::cancel(const std::string& operation) {
  require_cancellable(stored(operation));
  store_.request_cancel(operation);
  ask_driver(operation, [this, operation] { cancel_run(operation); });
}

void Runner::Impl::resume(const std::string& operation) {
  require_blocked(stored(operation));
  ask_driver(operation, [this, operation] { adopt(operation, {true, {}}); });
}

void Runner::Impl::retry(const std::string& operation, const std::string& step) {
  require_retryable(stored(operation), store_.steps(operation), step);
  ask_driver(operation, [this, operation, step] { adopt(operation, {true, step}); });
}

// On the driver, so that nobody takes the operation up again between the look and the write.
void Runner::Impl::skip(const std::string& operation, const std::string& step,
                        const std::string& reason, const std::string& by) {
  on_driver([&] { skip_step(operation, step, reason, by); });
}

std::vector<StepProgress> Runner::Impl::progress(const std::string& operation) const {
  Run run;
  std::optional<WallTime> since;
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(operation);
    if (found != runs_.end()) run = found->second;
    if (const auto queued = waiting_.find(operation); queued != waiting_.end()) {
      since = queued->second;
    }
  }
  if (run) return run->progress();
  if (since) return place_in_queue(operation, *since);
  return {};
}

std::vector<StepProgress> Runner::Impl::place_in_queue(const std::string& operation,
                                                       WallTime since) const {
  std::string waiting_for;
  for (const auto& wait : store_.lock_waits(operation)) {
    if (!waiting_for.empty()) waiting_for += "; ";
    waiting_for += wait.name + ", which operation " + wait.holder + " (" + wait.holder_title +
                   ", " + std::string(to_string(wait.holder_state)) +
                   (wait.holder_state == OperationState::queued ? ") waits for first" : ") holds");
  }
  return {{{}, "queue", waiting_for, since}};
}

bool Runner::Impl::wait(const std::string& operation, Millis limit) const {
  {
    std::unique_lock lock(mutex_);
    settled_.wait_for(lock, limit, [&] {
      return stopping_ || crashed_ || (started_ && !active_.contains(operation));
    });
    if (crashed_ || active_.contains(operation)) return false;
  }
  const auto record = store_.find_operation(operation);
  return record && (is_final(record->state) || record->state == OperationState::blocked);
}

std::vector<Runner::DryFinding> Runner::Impl::dry_run(const Plan& plan, const Call& call) const {
  std::vector<DryFinding> findings;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t i = 0; i < plan.stages[stage].steps.size(); ++i) {
      const PlannedStep& planned = plan.stages[stage].steps[i];
      DryFinding finding{step_id(stage, i), planned.type, "refused", {}, {}};
      try {
        const auto step = registry_.make(planned);
        finding.name = step->name();
        DryContext context(plan, clock_, call, options_.step_timeout);
        const Verdict verdict = step->precondition(context);
        finding.verdict = to_string(verdict.kind);
        finding.reason = verdict.reason;
        finding.remedy = verdict.remedy;
      } catch (const Error& error) {
        finding.reason = error.code() + ": " + error.message();
        finding.remedy = error.remedy();
      }
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

Runner::Runner(StateStore& store, const StepRegistry& registry, const Clock& clock,
               RunnerOptions options)
    : impl_(std::make_unique<Impl>(store, registry, clock, options)) {}
Runner::~Runner() = default;

void Runner::start() { impl_->start(); }
void Runner::stop() { impl_->stop(); }
std::string Runner::submit(const SubmitRequest& request) { return impl_->submit(request); }
void Runner::cancel(const std::string& operation) { impl_->cancel(operation); }
void Runner::resume(const std::string& operation) { impl_->resume(operation); }
void Runner::retry(const std::string& operation, const std::string& step) {
  impl_->retry(operation, step);
}
void Runner::skip(const std::string& operation, const std::string& step, const std::string& reason,
                  const std::string& by) {
  impl_->skip(operation, step, reason, by);
}
void Runner::halt(const std::string& why) { impl_->halt(why); }
bool Runner::crashed() const { return impl_->crashed(); }
std::string Runner::halted_because() const { return impl_->halted_because(); }
int Runner::calls_in_progress() const { return impl_->calls_in_progress(); }
std::vector<StepProgress> Runner::progress(const std::string& operation) const {
  return impl_->progress(operation);
}
bool Runner::wait(const std::string& operation, Millis limit) const {
  return impl_->wait(operation, limit);
}
std::vector<Runner::DryFinding> Runner::dry_run(const Plan& plan, const Call& call) const {
  return impl_->dry_run(plan, call);
}

}  // namespace bdrmesh
