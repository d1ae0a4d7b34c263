// What the state file holds, as values. No SQLite types here or in any other header outside this
// folder's sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

// queued -> running -> succeeded
//   |-> cancelled | reverted (it never began)
//              |--> compensating -> reverted | cancelled
//              |         '-------> blocked
//              '--> blocked -> running (resume)
enum class OperationState {
  queued,
  running,
  compensating,
  blocked,
  succeeded,
  reverted,
  cancelled
};

std::string_view to_string(OperationState state);
OperationState operation_state_from(std::string_view text);
inline bool is_final(OperationState s) {
  return s == OperationState::succeeded || s == OperationState::reverted ||
         s == OperationState::cancelled;
}

struct OperationRecord {
  std::string id;
  std::string kind;
  std::string title;
  OperationState state = OperationState::queued;
  Json plan;
  std::string requested_by;
  std::string idempotency_key;
  bool cancel_requested = false;
  bool line_crossed = false;
  std::string line_evidence;
  std::optional<WallTime> pause_started;  ///< when the pause budget's first stage began
  std::optional<WallTime> pause_ended;
  WallTime created;
  std::optional<WallTime> ended;
  std::string error_code;  ///< why it was reverted or is blocked
  std::string error_text;
  std::string error_remedy;
  Json undo_cause;  ///< while it is being undone, also blocked in that: {code, text, remedy}; else
                    ///< null
  std::optional<WallTime> deadline;  ///< not across the line by then: it is undone
};

/// `skipped`: a person said so, with a reason; only where the plan allows it.
enum class StepState { pending, started, done, failed, compensated, skipped };
std::string_view to_string(StepState state);
StepState step_state_from(std::string_view text);

struct StepRecord {
  std::string operation;
  std::string step;  ///< `<stage>.<index>`
  std::string name;
  StepState state = StepState::pending;
  std::optional<WallTime> started;
  std::optional<WallTime> ended;
  std::string note;  ///< last failure, masked; why and by whom it was skipped
};

struct FactRecord {
  std::string operation;
  std::string name;
  std::string scope;
  bool durable = true;
  std::string set_by;  ///< step id
  Json value;
};

struct EventRecord {
  std::int64_t number = 0;
  WallTime at;
  std::string severity;   ///< info, warning, alarm
  std::string operation;  ///< may be empty
  std::string subject;    ///< cluster, link or group; may be empty
  std::string text;
};

struct LockRecord {
  std::string name;
  std::string operation;
  WallTime since;
};

/// What a queued operation waits for.
struct LockWait {
  std::string name;
  std::string holder;  ///< the operation that has it, or that stands before this one in the queue
  std::string holder_title;
  OperationState holder_state = OperationState::running;
};

/// An outward call of a step. Of identical ones between two journal writes of the step, the first
/// and the last few are kept and the others counted.
struct CallRecord {
  std::string operation;
  std::string step;
  std::string during;  ///< precondition, verify, execute, compensate, crossed
  WallTime at;
  std::string target;
  std::string what;
  Millis took{0};
  std::string answer;         ///< "ok", an HTTP status, or an error code
  std::int64_t left_out = 0;  ///< identical calls after this one that were counted only
};

struct IncarnationRecord {
  std::string group;
  std::string from;
  std::string to;
  int number = 0;
  std::string changefeed;
  std::uint64_t start_tso = 0;
  std::uint64_t proven_tso =
      0;  ///< up to here of the origin's history, the target is proven to have everything
  std::string state;  ///< wanted, created, removed
};

/// What must last about each marker and certificate: free JSON documents by kind and key.
struct DocumentRecord {
  std::string kind;
  std::string key;
  WallTime at;
  Json body;
};

/// How far behind a link was during one span of time.
struct LagRecord {
  std::string group;
  std::string from;
  std::string to;
  WallTime at;     ///< begin of the span
  Millis span{0};  ///< a minute when it is added; what history is asked for may be rolled up
  Millis most{0};  ///< the greatest lag
  Millis sum{0};   ///< of all samples
  std::int64_t samples = 0;
  std::int64_t standing = 0;  ///< samples at which the link did not move
};

/// An operation with what it has done, as of one moment.
struct WholeOperation {
  OperationRecord record;
  std::vector<StepRecord> steps;
  std::vector<FactRecord> facts;
  std::vector<EventRecord> events;
};

}  // namespace bdrmesh
