#include "engine/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::run_to_end;
using fakes::SelfTurningRunner;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class RunnerTest : public testing::Test {
 protected:
  fakes::EndOfRun run(const Plan& plan) {
    return run_to_end(plan, world.registry(), *store, clock);
  }

  static Plan small_plan() {
    PlanBuilder plan("toy", "small");
    plan.lock("cluster:east");
    plan.stage("one").step(toy::set("a")).step(toy::set("b", "west"));
    plan.stage("two").step(toy::set("c"));
    return plan.build();
  }

  static std::string code_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return "no error";
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
};

TEST_F(RunnerTest, DoesAPlanStageByStageAndReleasesItsLocks) {
  const auto end = run(small_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.log().size(), 3U);
  EXPECT_EQ(world.log().back(), "+c");
  EXPECT_TRUE(store->locks().empty());
  for (const auto& step : store->steps(end.operation)) {
    EXPECT_EQ(step.state, StepState::done) << end.journal;
    EXPECT_TRUE(step.started && step.ended);
  }
  EXPECT_TRUE(end.record.ended);
}

TEST_F(RunnerTest, DoesNotExecuteWhatHoldsAlready) {
  world.set("a");
  const auto end = run(small_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.times_set("a"), 1);
}

TEST_F(RunnerTest, WaitsForAnEffectThatTakesLong) {
  int looks = 0;
  world.behaviour("a").verify = [&](StepContext&) {
    return ++looks > 100 ? holds() : not_yet("the hundredth look");
  };
  const MonoTime began = clock.mono();
  const auto end = run(small_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.times_set("a"), 1);
  // Polls grow: a hundred looks at the longest pause of a second each, less at the beginning.
  EXPECT_GT(clock.mono() - began, std::chrono::seconds(90));
  EXPECT_LT(end.writes, 10) << "polls are never journaled";
}

TEST_F(RunnerTest, RunsTheWholePausedPlan) {
  toy::learn_paused_plan(world);
  const auto end = run(toy::paused_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_TRUE(end.record.line_crossed);
  EXPECT_THAT(end.record.line_evidence, HasSubstr("changed"));
  EXPECT_TRUE(end.record.pause_started && end.record.pause_ended);
  EXPECT_FALSE(world.has("gate.east"));
  EXPECT_TRUE(world.has("roles.west"));
}

TEST_F(RunnerTest, GivesFactsToLaterStagesAndKeepsThem) {
  world.behaviour("a").execute = [&](StepContext& ctx) {
    world.set("a");
    ctx.set_fact({"position", "east", FactLife::durable, 42});
  };
  world.behaviour("c").execute = [&](StepContext& ctx) {
    if (ctx.fact("position", "east") == Json(42) && ctx.facts("position").size() == 1)
      world.set("c");
  };
  const auto end = run(small_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const auto facts = store->facts(end.operation);
  ASSERT_EQ(facts.size(), 1U);
  EXPECT_EQ(facts[0].set_by, "0.0");
  EXPECT_EQ(facts[0].value, Json(42));
}

TEST_F(RunnerTest, MakesACheckpointDurableBeforeTheStepEnds) {
  std::size_t stored_inside = 0;
  world.behaviour("a").execute = [&](StepContext& ctx) {
    ctx.set_fact({"connection", "east", FactLife::durable, 7});
    ctx.event("info", "opened connection 7");
    ctx.checkpoint();
    stored_inside =
        store->facts(ctx.operation()).size() + store->operation_events(ctx.operation()).size();
    world.set("a");
  };
  const auto end = run(small_plan());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_GE(stored_inside, 2U);
  EXPECT_THAT(end.journal, HasSubstr("opened connection 7"));
}

TEST_F(RunnerTest, FindsTheSameOperationByItsIdempotencyKey) {
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string first = runner->submit({small_plan(), "key", "me"});
  EXPECT_EQ(runner->submit({small_plan(), "key", "me"}), first);
  ASSERT_TRUE(runner->wait(first, fakes::kRealLimit));
  EXPECT_EQ(runner->submit({small_plan(), "key", "me"}), first);
  EXPECT_NE(runner->submit({small_plan(), "", "me"}), first);
}

TEST_F(RunnerTest, RefusesALockThatAnotherOperationHolds) {
  world.behaviour("a").verify = [](StepContext&) { return not_yet("something that never comes"); };
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const std::string first = runner.submit({small_plan(), "", "me"});
  try {
    runner.submit({small_plan(), "", "me"});
    FAIL() << "took a lock twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "LOCKED");
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_THAT(error.message(), HasSubstr(first));
  }
}

TEST_F(RunnerTest, RejectsAPlanWithAStepTypeThatNobodyKnows) {
  Plan plan = small_plan();
  plan.stages[1].steps[0].type = "from the future";
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  EXPECT_EQ(code_of([&] { runner.submit({plan, "", ""}); }), "UNKNOWN_STEP_TYPE");
  EXPECT_TRUE(store->operations(10).empty());
}

TEST_F(RunnerTest, AnswersMisuseWithCodes) {
  const auto end = run(small_plan());
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  EXPECT_EQ(code_of([&] { runner.cancel(end.operation); }), "OPERATION_FINAL");
  EXPECT_EQ(code_of([&] { runner.cancel("nothing"); }), "UNKNOWN_OPERATION");
  EXPECT_EQ(code_of([&] { runner.resume(end.operation); }), "NOT_BLOCKED");
  EXPECT_EQ(code_of([&] { runner.resume("nothing"); }), "UNKNOWN_OPERATION");
}

TEST_F(RunnerTest, DryRunLooksAtPreconditionsOnly) {
  world.behaviour("b").precondition = [](StepContext&) {
    return refused("B_IS_BUSY", "b is busy", "wait for b");
  };
  world.behaviour("c").precondition = [](StepContext&) -> Verdict {
    throw Error(ErrorKind::transient, "C_AWAY", "no answer");
  };
  const StepRegistry registry = world.registry();
  const Runner runner(*store, registry, clock);
  const auto findings = runner.dry_run(small_plan());
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].verdict, "holds");
  EXPECT_EQ(findings[1].verdict, "refused");
  EXPECT_EQ(findings[1].remedy, "wait for b");
  EXPECT_THAT(findings[2].reason, HasSubstr("C_AWAY"));
  EXPECT_TRUE(world.log().empty());
  EXPECT_TRUE(store->operations(10).empty());
}

TEST_F(RunnerTest, ShowsWhatAStepWaitsFor) {
  world.behaviour("a").verify = [](StepContext&) { return not_yet("writes to stop"); };
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const std::string operation = runner.submit({small_plan(), "", ""});
  const auto shown = [&] {
    for (const auto& step : runner.progress(operation)) {
      if (step.name == "set:a" && step.waiting_for == "writes to stop") return true;
    }
    return false;
  };
  const MonoTime limit = std::chrono::steady_clock::now() + fakes::kRealLimit;
  while (!shown() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_TRUE(shown());
}

TEST_F(RunnerTest, TellsAStepWhenThePauseMustEnd) {
  toy::learn_paused_plan(world);
  std::optional<WallTime> told;
  world.behaviour("look").execute = [&](StepContext& ctx) {
    told = ctx.pause_deadline();
    world.set("look");
  };
  const auto end = run(toy::paused_plan(Millis{7000}));
  ASSERT_TRUE(told && end.record.pause_started) << end.journal;
  EXPECT_EQ(*told, *end.record.pause_started + Millis{7000});
}

}  // namespace
}  // namespace bdrmesh
