#include "engine/operation_journal.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace bdrmesh {

OperationJournal::OperationJournal(StateStore& store, OperationRecord header,
                                   std::vector<FactRecord> facts)
    : store_(store), header_(std::move(header)), facts_(std::move(facts)) {
  header_.plan = nullptr;
}

OperationRecord OperationJournal::header() const {
  const std::lock_guard lock(mutex_);
  return header_;
}

bool OperationJournal::line_crossed() const {
  const std::lock_guard lock(mutex_);
  return header_.line_crossed;
}

std::vector<FactRecord> OperationJournal::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

void OperationJournal::change(const std::function<void(OperationRecord&)>& change) {
  const std::lock_guard lock(mutex_);
  change(header_);
  header_changed_ = dirty_ = true;
}

void OperationJournal::note_cancel() {
  const std::lock_guard lock(mutex_);
  header_.cancel_requested = true;
}

void OperationJournal::write_step(const StepRecord& step, const std::vector<FactRecord>& facts,
                                  std::vector<CallRecord> calls) {
  add_calls(std::move(calls));
  const std::lock_guard lock(mutex_);
  steps_[step.step] = step;
  new_facts_.insert(new_facts_.end(), facts.begin(), facts.end());
  dirty_ = true;
}

void OperationJournal::add_calls(std::vector<CallRecord> calls) {
  const std::lock_guard lock(mutex_);
  std::move(calls.begin(), calls.end(), std::back_inserter(calls_));
}

void OperationJournal::forget_volatile_facts() {
  const std::lock_guard lock(mutex_);
  forget_volatile_ = dirty_ = true;
}

void OperationJournal::add_event(EventRecord event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
}

void OperationJournal::add_event_soon(EventRecord event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  dirty_ = true;
}

bool OperationJournal::dirty() const {
  const std::lock_guard lock(mutex_);
  return dirty_;
}

void OperationJournal::flush() {
  const std::lock_guard lock(mutex_);
  if (!dirty_) return;
  TickWrite tick;
  tick.operation = header_.id;
  for (const auto& [id, step] : steps_) tick.steps.push_back(step);
  tick.events = events_;
  tick.calls = calls_;
  if (header_changed_) tick.header = header_;
  std::vector<FactRecord> kept = facts_;
  if (forget_volatile_) {
    // The store forgets by step; what such a step found out for good is written again.
    std::set<std::string> forgetful;
    for (const auto& fact : facts_) {
      if (!fact.durable) forgetful.insert(fact.set_by);
    }
    tick.forget_facts_of.assign(forgetful.begin(), forgetful.end());
    std::erase_if(kept, [](const FactRecord& fact) { return !fact.durable; });
    std::copy_if(kept.begin(), kept.end(), std::back_inserter(tick.facts),
                 [&](const FactRecord& fact) { return forgetful.contains(fact.set_by); });
  }
  tick.facts.insert(tick.facts.end(), new_facts_.begin(), new_facts_.end());
  store_.write_tick(tick);
  facts_ = std::move(kept);
  merge_facts(new_facts_);
  steps_.clear();
  new_facts_.clear();
  events_.clear();
  calls_.clear();
  dirty_ = header_changed_ = forget_volatile_ = false;
}

void OperationJournal::write_now(const std::vector<FactRecord>& facts,
                                 const std::vector<EventRecord>& events,
                                 std::vector<CallRecord> calls) {
  const std::lock_guard lock(mutex_);
  TickWrite tick;
  tick.operation = header_.id;
  tick.facts = facts;
  tick.events = events;
  tick.calls = std::move(calls);
  store_.write_tick(tick);
  merge_facts(facts);
}

void OperationJournal::cross_line(const std::string& evidence, EventRecord event) {
  const std::lock_guard lock(mutex_);
  if (header_.line_crossed) return;
  if (header_.state != OperationState::running) {
    throw Error(ErrorKind::cancelled, "UNDOING",
                "operation " + header_.id + " is being undone and can no longer cross its line");
  }
  OperationRecord crossed = header_;
  crossed.line_crossed = true;
  crossed.line_evidence = evidence;
  TickWrite tick;
  tick.operation = header_.id;
  tick.events = {std::move(event)};
  tick.header = crossed;
  store_.write_tick(tick);
  header_ = std::move(crossed);
}

void OperationJournal::merge_facts(const std::vector<FactRecord>& facts) {
  for (const auto& fact : facts) {
    std::erase_if(facts_, [&](const FactRecord& old) {
      return old.name == fact.name && old.scope == fact.scope;
    });
    facts_.push_back(fact);
  }
}

}  // namespace bdrmesh
