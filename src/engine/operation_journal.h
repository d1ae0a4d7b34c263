// One operation's journal: collects what changed since the last tick and writes it as one
// transaction; writes at once what must not wait (the line, checkpoints). Internal to engine/.
// Thread-safe: the driver and steps share it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "store/records.h"
#include "store/state_store.h"

namespace bdrmesh {

class OperationJournal {
 public:
  OperationJournal(StateStore& store, OperationRecord header, std::vector<FactRecord> facts);

  /// Without the plan, which never changes.
  OperationRecord header() const;
  bool line_crossed() const;
  /// Facts that are durable; those of a tick under way are not yet among them.
  std::vector<FactRecord> facts() const;

  /// Changes the operation's header with the next tick.
  void change(const std::function<void(OperationRecord&)>& change);
  /// The wish to cancel is already a row of its own.
  void note_cancel();
  void write_step(const StepRecord& step, const std::vector<FactRecord>& facts,
                  std::vector<CallRecord> calls);
  /// Go with the next tick, without being a reason for one.
  void add_calls(std::vector<CallRecord> calls);
  /// Drops volatile facts with the next tick.
  void forget_volatile_facts();
  /// Goes with the next tick, without being a reason for one.
  void add_event(EventRecord event);
  /// Goes with the next tick, soon.
  void add_event_soon(EventRecord event);

  bool dirty() const;
  /// Writes the tick. @throws Error of the store; the tick is then kept for the next try.
  void flush();

  /// Durable when it returns. @throws Error of the store.
  void write_now(const std::vector<FactRecord>& facts, const std::vector<EventRecord>& events,
                 std::vector<CallRecord> calls);
  /// Durable when it returns; nothing when crossed already.
  /// @throws Error cancelled `UNDOING` when the operation is being undone; of the store.
  void cross_line(const std::string& evidence, EventRecord event);

 private:
  void merge_facts(const std::vector<FactRecord>& facts);

  StateStore& store_;
  mutable std::mutex
      mutex_;  ///< guards everything below; held while writing, so that headers go in order
  OperationRecord header_;
  std::vector<FactRecord> facts_;
  bool dirty_ = false;
  bool header_changed_ = false;
  bool forget_volatile_ = false;
  std::map<std::string, StepRecord> steps_;
  std::vector<FactRecord> new_facts_;
  std::vector<EventRecord> events_;
  std::vector<CallRecord> calls_;
};

}  // namespace bdrmesh
