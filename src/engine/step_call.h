// One call into one step: what it gets, what came of it. Failures of steps end here and become
// values. Internal to engine/. A StepCall belongs to one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/operation_journal.h"
#include "engine/step.h"

namespace bdrmesh {

enum class CallKind { precondition, verify, execute, compensate, crossed };

/// Why a step or an operation did not go on.
struct Failure {
  ErrorKind kind = ErrorKind::bug;
  std::string code;
  std::string text;
  std::string remedy;
};

struct CallResult {
  Verdict verdict;                   ///< of precondition and verify
  Crossing crossing = Crossing::no;  ///< of crossed
  std::optional<Failure> failure;
  std::vector<FactRecord> facts;    ///< set and not yet durable
  std::vector<EventRecord> events;  ///< told and not yet durable
  std::vector<CallRecord> calls;    ///< that left this process, not yet durable
};

/// Everything that a call needs, as values, so that a call that is given up can end whenever it
/// likes.
struct StepCall {
  CallKind kind = CallKind::verify;
  std::shared_ptr<Step> step;
  std::string step_id;
  PlannedStep planned;
  std::uint64_t generation = 0;  ///< a result of an older generation is not wanted any more
  std::stop_token stop;
  WallTime pause_deadline;
  bool resumed_by_person = false;
  std::vector<FactRecord> facts;  ///< set by earlier calls of this step, not yet durable

  LaneKind lane() const;
};

struct CallSurroundings {
  OperationJournal& journal;
  const std::string& operation;
  const Json& subject;
  const Clock& clock;
  Millis step_timeout;
};

/// Makes the call. Blocks as long as the step does. @throws nothing but SimulatedCrash.
CallResult run_call(const StepCall& call, const CallSurroundings& surroundings);

/// The failure that a caught Error stands for.
Failure failure_of(const Error& error);

}  // namespace bdrmesh
