// Retry, skip and cancel of operations that a person looks after.
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::SelfTurningRunner;
using testing::HasSubstr;

class RunnerControlTest : public testing::Test {
 protected:
  /// Blocks at "b", which is behind the line when there is one.
  Plan three_steps(bool with_line, bool skippable = true) {
    PlanBuilder plan("toy", "three steps");
    plan.lock("cluster:east");
    plan.stage("one").step(toy::set("a"));
    if (with_line) {
      world.behaviour("a").execute = [this](StepContext& ctx) {
        world.set("a");
        ctx.cross_line("a is set");
      };
      plan = PlanBuilder("toy", "three steps");
      plan.lock("cluster:east");
      plan.point_of_no_return("a is set").stage("one").step(toy::set("a"));
    }
    PlannedStep b = toy::set("b");
    if (skippable) b.skip_means = "b stays unset";
    plan.stage("two").step(b);
    plan.stage("three").step(toy::set("c"));
    return plan.build();
  }

  void break_b() {
    world.behaviour("b").execute = [this](StepContext&) {
      ++tries_of_b;
      if (!mended) throw std::logic_error("b is broken");
      world.set("b");
    };
  }

  static std::string code_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return "no error";
  }
  StepRecord step(const std::string& operation, std::size_t index) {
    return store->steps(operation).at(index);
  }
  OperationState state(const std::string& operation) { return store->operation(operation).state; }
  std::string journal(const std::string& operation) { return fakes::journal_of(*store, operation); }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
  std::atomic<bool> mended = false;
  std::atomic<int> tries_of_b = 0;
};

TEST_F(RunnerControlTest, RetriesTheStepThatStoppedIt) {
  break_b();
  const Plan plan = three_steps(true);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  ASSERT_EQ(state(id), OperationState::blocked) << journal(id);
  EXPECT_EQ(code_of([&] { runner->retry(id, "0.0"); }), "NOT_RETRYABLE");
  EXPECT_EQ(code_of([&] { runner->retry(id, "9.9"); }), "UNKNOWN_STEP");

  runner->retry(id, "1.0");
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::blocked) << "still broken";
  EXPECT_EQ(tries_of_b, 2);

  mended = true;
  runner->retry(id, "1.0");
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::succeeded) << journal(id);
  EXPECT_THAT(journal(id), HasSubstr("step 1.0 is tried anew on request"));
  EXPECT_EQ(code_of([&] { runner->retry(id, "1.0"); }), "NOT_BLOCKED");
}

TEST_F(RunnerControlTest, GoesOnWithoutASkippedStepAndSaysSo) {
  break_b();
  const Plan plan = three_steps(true);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(code_of([&] { runner->skip(id, "1.0", " ", "anna"); }), "REASON_MISSING");
  EXPECT_EQ(code_of([&] { runner->skip(id, "2.0", "why not", "anna"); }), "NOT_SKIPPABLE");
  EXPECT_EQ(state(id), OperationState::blocked);

  runner->skip(id, "1.0", "b was set by hand", "anna");
  EXPECT_EQ(step(id, 1).state, StepState::skipped) << "durable when it returns";
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::succeeded) << journal(id);
  EXPECT_EQ(tries_of_b, 1);
  EXPECT_TRUE(world.has("c"));
  EXPECT_EQ(step(id, 1).state, StepState::skipped);
  EXPECT_EQ(step(id, 1).note, "skipped by anna: b was set by hand");
  EXPECT_THAT(journal(id), HasSubstr("warning: step 1.0 (set:b) skipped by anna"));
  EXPECT_THAT(journal(id), HasSubstr("succeeded without what was skipped: set:b"));
  EXPECT_TRUE(store->locks().empty());
}

TEST_F(RunnerControlTest, DoesNotSkipWhileItRunsOrAfterItsEnd) {
  const Plan plan = three_steps(false);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  EXPECT_EQ(code_of([&] { runner->skip("op", "1.0", "why", ""); }), "RUNNER_STOPPED");
  runner->start();
  EXPECT_EQ(code_of([&] { runner->skip("nothing", "1.0", "why", ""); }), "UNKNOWN_OPERATION");
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(code_of([&] { runner->skip(id, "1.0", "why", ""); }), "NOT_BLOCKED");
  runner->stop();
  EXPECT_EQ(code_of([&] { runner->skip(id, "1.0", "why", ""); }), "RUNNER_STOPPED");
}

TEST_F(RunnerControlTest, UndoesASkippedStepThatHadBegun) {
  // Half of b is done when it breaks; c then refuses, and everything must be undone.
  world.behaviour("b").execute = [&](StepContext&) {
    world.set("b");
    throw std::logic_error("b broke half way");
  };
  world.behaviour("b").verify = [&](StepContext&) { return not_yet("all of b"); };
  world.behaviour("c").precondition = [](StepContext&) { return refused("C_OFF", "c is off"); };
  const Plan plan = three_steps(false);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  ASSERT_EQ(state(id), OperationState::blocked) << journal(id);
  runner->skip(id, "1.0", "half is enough", "anna");
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::reverted) << journal(id);
  EXPECT_TRUE(world.things().empty()) << journal(id);
  EXPECT_EQ(step(id, 1).state, StepState::compensated);
}

TEST_F(RunnerControlTest, LeavesASkippedStepAloneThatNeverBegan) {
  world.behaviour("a").execute = [&](StepContext&) {
    world.set("a");
    if (!mended) throw std::logic_error("a is broken");
  };
  world.behaviour("a").verify = [&](StepContext&) {
    return mended ? holds() : not_yet("a whole a");
  };
  world.behaviour("c").precondition = [](StepContext&) { return refused("C_OFF", "c is off"); };
  world.set("b");  // somebody else's
  std::atomic<int> undone = 0;
  world.behaviour("b").compensate = [&](StepContext&) { ++undone; };
  const Plan plan = three_steps(false);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  ASSERT_EQ(state(id), OperationState::blocked) << journal(id);
  mended = true;
  runner->skip(id, "1.0", "b is theirs", "anna");
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::reverted) << journal(id);
  EXPECT_EQ(undone, 0);
  EXPECT_EQ(step(id, 1).state, StepState::skipped) << "it was never begun";
  EXPECT_TRUE(world.has("b"));
  EXPECT_FALSE(world.has("a"));
}

TEST_F(RunnerControlTest, StaysSkippedAcrossARestart) {
  break_b();
  world.behaviour("c").verify = [&](StepContext&) { return mended ? holds() : not_yet("a sign"); };
  const Plan plan = three_steps(true);
  const StepRegistry registry = world.registry();
  std::string id;
  {
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    id = runner->submit({plan, "", ""});
    ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
    runner->skip(id, "1.0", "b was set by hand", "anna");
  }
  mended = true;
  SelfTurningRunner next(*store, registry, clock);
  next->start();
  if (state(id) == OperationState::blocked) next->resume(id);
  ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::succeeded) << journal(id);
  EXPECT_EQ(tries_of_b, 1);
}

TEST_F(RunnerControlTest, RetriesAnUndoingThatFailed) {
  world.behaviour("a").compensate = [&](StepContext&) {
    if (!mended) throw Error(ErrorKind::precondition, "STUCK", "a is stuck");
    world.unset("a");
  };
  world.behaviour("b").precondition = [](StepContext&) { return refused("B_OFF", "b is off"); };
  const Plan plan = three_steps(false);
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string id = runner->submit({plan, "", ""});
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  ASSERT_EQ(state(id), OperationState::blocked) << journal(id);
  EXPECT_EQ(code_of([&] { runner->skip(id, "1.0", "never mind", ""); }), "NOT_SKIPPABLE");
  mended = true;
  runner->retry(id, "0.0");
  ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
  EXPECT_EQ(state(id), OperationState::reverted) << journal(id);
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerControlTest, FinishesASkipWhereverTheProcessDies) {
  for (const fakes::Death when : {fakes::Death::before_write, fakes::Death::after_write}) {
    for (std::int64_t n = 1; n <= 8; ++n) {
      SCOPED_TRACE(describe(fakes::die(when, n)));
      toy::World own;
      own.behaviour("b").execute = [](StepContext&) { throw std::logic_error("b is broken"); };
      PlanBuilder plan("toy", "two steps");
      PlannedStep b = toy::set("b");
      b.skip_means = "b stays unset";
      plan.stage("one").step(b);
      plan.stage("two").step(toy::set("c"));
      const StepRegistry registry = own.registry();
      const auto own_store = StateStore::in_memory();
      const std::string id = fakes::run_to_end(plan.build(), registry, *own_store, clock).operation;
      {
        fakes::Reaper reaper(*own_store, fakes::die(when, n));
        SelfTurningRunner runner(*own_store, registry, clock);
        runner->start();
        try {
          runner->skip(id, "0.0", "not needed", "");
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), "RUNNER_STOPPED");
        }
        runner->wait(id, fakes::kRealLimit);
      }
      const bool skipped = own_store->steps(id).at(0).state == StepState::skipped;
      EXPECT_TRUE(skipped || (when == fakes::Death::before_write && n == 1));
      SelfTurningRunner next(*own_store, registry, clock);
      next->start();
      if (!skipped) next->skip(id, "0.0", "not needed", "");
      next->wait(id, fakes::kRealLimit);
      if (own_store->operation(id).state == OperationState::blocked) next->resume(id);
      ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
      EXPECT_EQ(own_store->operation(id).state, OperationState::succeeded)
          << fakes::journal_of(*own_store, id);
      EXPECT_EQ(own.times_set("c"), 1);
      EXPECT_FALSE(own.has("b"));
    }
  }
}

}  // namespace
}  // namespace bdrmesh
