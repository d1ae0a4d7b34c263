// What a new process does with the operations that it finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::Death;
using fakes::die;
using fakes::run_to_end;
using testing::HasSubstr;

class RunnerResumeTest : public testing::Test {
 protected:
  RunnerResumeTest() { toy::learn_paused_plan(world); }

  /// Runs until `step` has executed for the first time, then kills the process: that execution is
  /// never recorded.
  void die_in(const std::string& thing) {
    auto& behaviour = world.behaviour(thing);
    const auto own = behaviour.execute;
    behaviour.execute = [this, own, thing](StepContext& ctx) {
      if (own) {
        own(ctx);
      } else {
        world.set(thing);
      }
      if (!died_) {
        died_ = true;
        throw SimulatedCrash{};
      }
    };
    EXPECT_THROW(run_to_end(plan, world.registry(), *store, clock), SimulatedCrash);
  }
  fakes::EndOfRun next_process() { return run_to_end(plan, world.registry(), *store, clock); }

  toy::World world;
  Plan plan = toy::paused_plan();
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
  std::atomic<bool> died_ = false;
};

TEST_F(RunnerResumeTest, TakesVolatileFactsAnewWithEveryStageThatRestsOnThem) {
  die_in("look");
  EXPECT_EQ(world.times_set("fence.east"), 1);
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.times_set("fence.east"), 2);
  EXPECT_EQ(world.times_set("fence.west"), 2);
  EXPECT_EQ(world.times_set("gate.east"), 1);
  for (const auto& fact : store->facts(end.operation)) EXPECT_EQ(fact.value, Json(2));
}

TEST_F(RunnerResumeTest, KeepsVolatileFactsOnceTheLineIsCrossed) {
  die_in("open.east");
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.times_set("fence.east"), 1);
  EXPECT_EQ(store->facts(end.operation).size(), 2U);
}

TEST_F(RunnerResumeTest, UndoesWhenAGateIsNotAsItWasLeft) {
  die_in("look");
  world.unset("gate.west");
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "RESUME_GUARD_FAILED");
  EXPECT_THAT(end.record.error_text, HasSubstr("gate.west"));
  EXPECT_TRUE(world.things().empty()) << end.journal;
}

TEST_F(RunnerResumeTest, WaitsForAGuardThatCannotBeSeenForAMoment) {
  die_in("look");
  int looks = 0;
  world.behaviour("gate.west").verify = [&](StepContext&) -> Verdict {
    if (++looks < 5) throw Error(ErrorKind::transient, "AWAY", "no answer");
    return holds();
  };
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
}

TEST_F(RunnerResumeTest, UndoesWhenTheBudgetWasSpentMeanwhile) {
  die_in("look");
  clock.advance(Millis{60000});
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "PAUSE_BUDGET_SPENT");
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerResumeTest, GoesForwardWhenAStepBehindTheLineSaysThatItHappened) {
  auto& change = world.behaviour("change.east");
  change.execute = [this](StepContext&) {
    world.set("change.east");
    throw SimulatedCrash{};  // changed, and nobody heard of it
  };
  world.behaviour("change.west").execute = [](StepContext& ctx) {
    SystemClock().wait_until(MonoTime::max(), ctx.call().stop);
    throw Error(ErrorKind::cancelled, "STOPPED", "stopped");
  };
  EXPECT_THROW(run_to_end(plan, world.registry(), *store, clock), SimulatedCrash);
  EXPECT_FALSE(store->operations(1).at(0).line_crossed);
  change.execute = {};
  world.behaviour("change.west").execute = {};
  clock.advance(Millis{60000});  // even with a spent budget
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_THAT(end.record.line_evidence, HasSubstr("change.east"));
  EXPECT_EQ(world.times_set("change.east"), 1);
  EXPECT_EQ(world.times_set("change.west"), 1);
}

TEST_F(RunnerResumeTest, BlocksOnAStepTypeThatThisVersionDoesNotKnow) {
  die_in("look");
  const StepRegistry empty;
  const std::string operation = store->operations(1).at(0).id;
  {
    fakes::SelfTurningRunner runner(*store, empty, clock);
    runner->start();
    ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
    EXPECT_EQ(store->operation(operation).state, OperationState::blocked);
    EXPECT_EQ(store->operation(operation).error_code, "UNKNOWN_STEP_TYPE");
  }
  const StepRegistry registry = world.registry();
  fakes::SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  EXPECT_EQ(store->operation(operation).state, OperationState::blocked) << "a person decides";
  runner->resume(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded)
      << fakes::journal_of(*store, operation);
}

TEST_F(RunnerResumeTest, ObeysACancelThatThePreviousProcessCouldNot) {
  die_in("look");
  store->request_cancel(store->operations(1).at(0).id);
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::cancelled) << end.journal;
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerResumeTest, UndoesAlsoWhatWasDoneInStagesThatWereTakenAnew) {
  die_in("look");
  world.behaviour("fence.east").precondition = [](StepContext&) {
    return refused("NO_FENCE", "no fence any more");
  };
  const auto end = next_process();
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_TRUE(world.things().empty()) << end.journal;
}

TEST_F(RunnerResumeTest, AStoppedRunnerLeavesEverythingForTheNextProcess) {
  std::atomic<bool> calm = false;
  world.behaviour("prepare.west").verify = [&](StepContext&) {
    return calm ? holds() : not_yet("calm");
  };
  const StepRegistry registry = world.registry();
  std::string operation;
  {
    Runner runner(*store, registry, clock);
    runner.start();
    operation = runner.submit({plan, "run_to_end " + plan.title, ""});
    runner.stop();
    EXPECT_FALSE(runner.crashed());
  }
  EXPECT_FALSE(is_final(store->operation(operation).state));
  calm = true;
  EXPECT_EQ(next_process().state(), OperationState::succeeded);
}

}  // namespace
}  // namespace bdrmesh
