// What a person may ask of an operation, and what every refusal says.
#include "engine/control.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/engine/toy_world.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

constexpr WallTime kNow{Millis{1'790'000'000'000}};

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    PlannedStep may_be_skipped = toy::set("hook");
    may_be_skipped.skip_means = "the hook's work stays undone";
    PlanBuilder plan("toy", "two steps");
    plan.stage("one").step(toy::set("a")).step(may_be_skipped);
    operation.id = "op1";
    operation.state = OperationState::blocked;
    operation.plan = to_json(plan.build());
    for (const char* id : {"0.0", "0.1"}) {
      StepRecord step;
      step.operation = "op1";
      step.step = id;
      step.name = std::string("set:") + id;
      step.state = StepState::failed;
      steps.push_back(step);
    }
  }

  static Error error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error;
    }
    return {ErrorKind::bug, "NO_ERROR", "nothing was thrown"};
  }
  Error error_of_skip(const std::string& step, const std::string& reason = "the hook is gone") {
    return error_of([&] { skipped_step(operation, steps, step, reason, "anna", kNow); });
  }

  OperationRecord operation;
  std::vector<StepRecord> steps;
};

TEST_F(ControlTest, SkipsWithReasonAndName) {
  const StepRecord skipped =
      skipped_step(operation, steps, "0.1", "  the hook is gone \n", "anna", kNow);
  EXPECT_EQ(skipped.state, StepState::skipped);
  EXPECT_EQ(skipped.note, "skipped by anna: the hook is gone");
  EXPECT_EQ(skipped.ended, kNow);
  EXPECT_EQ(skipped.name, "set:0.1");
}

TEST_F(ControlTest, SkipsOnlyWhatThePlanAllows) {
  const Error error = error_of_skip("0.0");
  EXPECT_EQ(error.code(), "NOT_SKIPPABLE");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_THAT(error.message(), HasSubstr("0.0"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op resume op1"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op cancel op1"));
  operation.line_crossed = true;
  EXPECT_THAT(error_of_skip("0.0").remedy(), testing::Not(HasSubstr("cancel")));
}

TEST_F(ControlTest, WantsAReasonForSkipping) {
  EXPECT_EQ(error_of_skip("0.1", "").code(), "REASON_MISSING");
  EXPECT_EQ(error_of_skip("0.1", " \t ").code(), "REASON_MISSING");
}

TEST_F(ControlTest, DoesNotSkipWhatIsDoneOrBeingUndone) {
  steps[1].state = StepState::done;
  EXPECT_EQ(error_of_skip("0.1").code(), "NOT_SKIPPABLE");
  steps[1].state = StepState::skipped;
  EXPECT_EQ(error_of_skip("0.1").code(), "NOT_SKIPPABLE");
  steps[1].state = StepState::failed;
  operation.undo_cause = {{"code", "X"}};
  const Error error = error_of_skip("0.1");
  EXPECT_EQ(error.code(), "NOT_SKIPPABLE");
  EXPECT_THAT(error.message(), HasSubstr("being undone"));
}

TEST_F(ControlTest, NamesTheStepThatIsNotThere) {
  EXPECT_EQ(error_of_skip("7.7").code(), "UNKNOWN_STEP");
  EXPECT_EQ(error_of([&] { require_retryable(operation, steps, "x"); }).code(), "UNKNOWN_STEP");
}

TEST_F(ControlTest, RetriesWhatStoppedTheOperation) {
  EXPECT_NO_THROW(require_retryable(operation, steps, "0.0"));
  steps[0].state = StepState::started;
  EXPECT_NO_THROW(require_retryable(operation, steps, "0.0"));
  steps[0].state = StepState::pending;  // never begun
  EXPECT_EQ(error_of([&] { require_retryable(operation, steps, "0.0"); }).code(), "NOT_RETRYABLE");
  steps[0].note = "B_IS_BUSY: b is busy";  // its precondition refused
  EXPECT_NO_THROW(require_retryable(operation, steps, "0.0"));
  steps[0].state = StepState::done;
  const Error error = error_of([&] { require_retryable(operation, steps, "0.0"); });
  EXPECT_EQ(error.code(), "NOT_RETRYABLE");
  EXPECT_THAT(error.remedy(), HasSubstr("op resume op1"));
  operation.undo_cause = {{"code", "X"}};  // then it may be its undoing that failed
  EXPECT_NO_THROW(require_retryable(operation, steps, "0.0"));
}

TEST_F(ControlTest, AsksOnlyBlockedOperationsToGoOn) {
  for (const OperationState state : {OperationState::queued, OperationState::running,
                                     OperationState::compensating, OperationState::succeeded}) {
    operation.state = state;
    EXPECT_EQ(error_of([&] { require_blocked(operation); }).code(), "NOT_BLOCKED");
    EXPECT_EQ(error_of([&] { require_retryable(operation, steps, "0.0"); }).code(), "NOT_BLOCKED");
    EXPECT_EQ(error_of_skip("0.1").code(), "NOT_BLOCKED");
  }
}

TEST_F(ControlTest, RefusesToCancelBehindTheLineAndSaysWhatToDoInstead) {
  EXPECT_NO_THROW(require_cancellable(operation));
  operation.line_crossed = true;
  operation.line_evidence = "job 7 is synced";
  Error error = error_of([&] { require_cancellable(operation); });
  EXPECT_EQ(error.code(), "LINE_CROSSED");
  EXPECT_THAT(error.message(), HasSubstr("job 7 is synced"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op resume op1"));
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op skip op1"));
  operation.state = OperationState::running;
  error = error_of([&] { require_cancellable(operation); });
  EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op watch op1"));
  operation.state = OperationState::reverted;
  EXPECT_EQ(error_of([&] { require_cancellable(operation); }).code(), "OPERATION_FINAL");
}

TEST_F(ControlTest, TakesNoDeadlineThatHasPassed) {
  EXPECT_NO_THROW(require_ahead(std::nullopt, kNow));
  EXPECT_NO_THROW(require_ahead(kNow + Millis{1}, kNow));
  EXPECT_EQ(error_of([&] { require_ahead(kNow, kNow); }).code(), "DEADLINE_IN_PAST");
}

}  // namespace
}  // namespace bdrmesh
