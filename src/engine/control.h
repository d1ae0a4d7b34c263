// What a person may ask of an operation, decided from what is stored: pure, so that every refusal
// can be tested. The refusals say what can be done instead. Internal to engine/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/plan.h"
#include "store/records.h"

namespace bdrmesh {

/// @throws Error precondition `OPERATION_FINAL`, `LINE_CROSSED`.
void require_cancellable(const OperationRecord& operation);

/// @throws Error precondition `NOT_BLOCKED`.
void require_blocked(const OperationRecord& operation);

/// @throws Error as `require_blocked`; invalid `UNKNOWN_STEP`; precondition `NOT_RETRYABLE` when
/// the step is done, skipped, undone or not begun.
void require_retryable(const OperationRecord& operation, const std::vector<StepRecord>& steps,
                       const std::string& step);

/// The step as it stands in the journal once it is skipped.
/// @throws Error as `require_blocked`; invalid `UNKNOWN_STEP`, `REASON_MISSING`; precondition
/// `NOT_SKIPPABLE` when the plan does not allow it, the step is done, or the operation is being
/// undone.
StepRecord skipped_step(const OperationRecord& operation, const std::vector<StepRecord>& steps,
                        const std::string& step, const std::string& reason, const std::string& by,
                        WallTime now);

/// @throws Error invalid `DEADLINE_IN_PAST`.
void require_ahead(const std::optional<WallTime>& deadline, WallTime now);

}  // namespace bdrmesh
