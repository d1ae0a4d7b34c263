#include "engine/step_call.h"

#include <algorithm>
#include <mutex>
#include <string_view>

#include "engine/call_log.h"

namespace bdrmesh {
namespace {

std::string_view word_for(CallKind kind) {
  switch (kind) {
    case CallKind::precondition:
      return "precondition";
    case CallKind::verify:
      return "verify";
    case CallKind::execute:
      return "execute";
    case CallKind::compensate:
      return "compensate";
    case CallKind::crossed:
      break;
  }
  return "crossed";
}

/// Collects what a step sends out. Thread-safe: a step may ask several servers at once.
class Notes final : public CallObserver {
 public:
  Notes(const std::string& operation, const std::string& step, CallKind kind)
      : operation_(operation), step_(step), during_(word_for(kind)) {}

  void ended(const OutwardCall& call) override {
    const std::lock_guard lock(mutex_);
    log_.add(
        {operation_, step_, during_, call.at, call.target, call.what, call.took, call.answer, 0});
  }
  std::vector<CallRecord> take() {
    const std::lock_guard lock(mutex_);
    return log_.take();
  }

 private:
  const std::string& operation_;
  const std::string& step_;
  const std::string during_;
  std::mutex mutex_;  ///< guards log_
  CallLog log_;
};

class LiveContext final : public StepContext {
 public:
  LiveContext(const StepCall& call, const CallSurroundings& around)
      : around_(around),
        step_id_(call.step_id),
        target_(call.planned.target),
        pause_deadline_(call.pause_deadline),
        resumed_by_person_(call.resumed_by_person),
        notes_(around.operation, call.step_id, call.kind),
        facts_(call.facts) {
    call_.stop = call.stop;
    call_.observer = &notes_;
    if (call.planned.lane != LaneKind::slow) {
      call_.deadline = around.clock.mono() + around.step_timeout;
    }
  }

  const std::string& operation() const override { return around_.operation; }
  const Json& subject() const override { return around_.subject; }
  const Call& call() const override { return call_; }
  WallTime now() const override { return around_.clock.now(); }
  WallTime pause_deadline() const override { return pause_deadline_; }

  std::optional<Json> fact(const std::string& name, const std::string& scope) const override {
    for (const auto& known : all_facts()) {
      if (known.name == name && known.scope == scope) return known.value;
    }
    return std::nullopt;
  }

  std::vector<Fact> facts(const std::string& name) const override {
    std::vector<Fact> found;
    for (const auto& known : all_facts()) {
      if (known.name != name) continue;
      found.push_back({known.name, known.scope,
                       known.durable ? FactLife::durable : FactLife::volatile_, known.value});
    }
    return found;
  }

  void set_fact(Fact fact) override {
    std::erase_if(facts_, [&](const FactRecord& old) {
      return old.name == fact.name && old.scope == fact.scope;
    });
    facts_.push_back({around_.operation, std::move(fact.name), std::move(fact.scope),
                      fact.life == FactLife::durable, step_id_, std::move(fact.value)});
  }

  void checkpoint() override {
    if (facts_.empty() && events_.empty()) return;
    around_.journal.write_now(facts_, events_, notes_.take());
    facts_.clear();
    events_.clear();
  }

  void cross_line(const std::string& evidence) override {
    around_.journal.cross_line(evidence,
                               event_record("info", "point of no return crossed: " + evidence));
  }
  bool line_crossed() const override { return around_.journal.line_crossed(); }
  bool resumed_by_person() const override { return resumed_by_person_; }

  void event(const std::string& severity, const std::string& text) override {
    events_.push_back(event_record(severity, text));
  }

  void hand_over(CallResult& result) {
    result.facts = std::move(facts_);
    result.events = std::move(events_);
    result.calls = notes_.take();
  }

 private:
  EventRecord event_record(const std::string& severity, const std::string& text) const {
    return {0, now(), severity, around_.operation, target_, text};
  }

  // This step's own facts hide those that it set earlier.
  std::vector<FactRecord> all_facts() const {
    std::vector<FactRecord> all = facts_;
    for (auto& known : around_.journal.facts()) {
      const bool hidden = std::any_of(facts_.begin(), facts_.end(), [&](const FactRecord& own) {
        return own.name == known.name && own.scope == known.scope;
      });
      if (!hidden) all.push_back(std::move(known));
    }
    return all;
  }

  const CallSurroundings& around_;
  std::string step_id_;
  std::string target_;
  WallTime pause_deadline_;
  bool resumed_by_person_;
  Notes notes_;
  Call call_;
  std::vector<FactRecord> facts_;
  std::vector<EventRecord> events_;
};

void make_call(const StepCall& call, StepContext& context, CallResult& result) {
  switch (call.kind) {
    case CallKind::precondition:
      result.verdict = call.step->precondition(context);
      break;
    case CallKind::verify:
      result.verdict = call.step->verify(context);
      break;
    case CallKind::execute:
      call.step->execute(context);
      break;
    case CallKind::compensate:
      call.step->compensate(context);
      break;
    case CallKind::crossed:
      result.crossing = call.step->crossed(context);
      break;
  }
}

}  // namespace

LaneKind StepCall::lane() const {
  // Undoing is what reopens gates: it must not queue behind the calls that made it necessary.
  if (kind == CallKind::compensate && planned.lane == LaneKind::work) return LaneKind::gate;
  return planned.lane;
}

Failure failure_of(const Error& error) {
  return {error.kind(), error.code(), error.message(), error.remedy()};
}

CallResult run_call(const StepCall& call, const CallSurroundings& surroundings) {
  CallResult result;
  LiveContext context(call, surroundings);
  try {
    make_call(call, context, result);
  } catch (const Error& error) {
    result.failure = failure_of(error);
  } catch (const SimulatedCrash&) {
    throw;
  } catch (const std::exception& error) {
    result.failure = Failure{ErrorKind::bug, "STEP_BUG", error.what(), {}};
  } catch (...) {
    result.failure = Failure{ErrorKind::bug, "STEP_BUG", "the step threw something unknown", {}};
  }
  context.hand_over(result);
  return result;
}

}  // namespace bdrmesh
