// Failing steps: retries, undoing step by step, the line, cancelling, the pause budget, blocking.
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <latch>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::run_to_end;
using fakes::SelfTurningRunner;
using testing::HasSubstr;

Error failure(ErrorKind kind, const std::string& code = "TROUBLE") {
  return {kind, code, "some trouble", "do something about it"};
}

class RunnerFailureTest : public testing::Test {
 protected:
  RunnerFailureTest() { toy::learn_paused_plan(world); }

  fakes::EndOfRun run(const Plan& plan) {
    return run_to_end(plan, world.registry(), *store, clock);
  }

  static Plan one_step() {
    PlanBuilder plan("toy", "one step");
    plan.stage("one").step(toy::set("a"));
    return plan.build();
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
};

TEST_F(RunnerFailureTest, TriesATransientFailureAgain) {
  int tries = 0;
  world.behaviour("a").execute = [&](StepContext&) {
    if (++tries < 4) throw failure(ErrorKind::transient);
    world.set("a");
  };
  const auto end = run(one_step());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(tries, 4);
}

TEST_F(RunnerFailureTest, GivesUpATransientFailureThatStays) {
  int tries = 0;
  world.behaviour("a").execute = [&](StepContext&) {
    ++tries;
    throw failure(ErrorKind::transient);
  };
  const auto end = run(one_step());
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "TROUBLE");
  EXPECT_EQ(end.record.error_remedy, "do something about it");
  EXPECT_EQ(tries, RunnerOptions{}.transient_tries);
}

TEST_F(RunnerFailureTest, LooksBeforeItActsAgainWhenTheAnswerWasLost) {
  world.behaviour("a").execute = [&](StepContext&) {
    world.set("a");
    throw failure(ErrorKind::ambiguous);
  };
  const auto end = run(one_step());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(world.times_set("a"), 1);
}

TEST_F(RunnerFailureTest, ActsAgainWhenTheLostCallDidNothing) {
  int tries = 0;
  world.behaviour("a").execute = [&](StepContext&) {
    if (++tries == 1) throw failure(ErrorKind::ambiguous);
    world.set("a");
  };
  EXPECT_EQ(run(one_step()).state(), OperationState::succeeded);
  EXPECT_EQ(tries, 2);
}

TEST_F(RunnerFailureTest, EvenTheLastLostTryMayHaveWorked) {
  int tries = 0;
  world.behaviour("a").execute = [&](StepContext&) {
    if (++tries == RunnerOptions{}.transient_tries) world.set("a");
    throw failure(ErrorKind::ambiguous);
  };
  const auto end = run(one_step());
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
}

TEST_F(RunnerFailureTest, DoesNotRetryWhatWaitingCannotMend) {
  for (const ErrorKind kind : {ErrorKind::conflict, ErrorKind::precondition, ErrorKind::invalid}) {
    SCOPED_TRACE(to_string(kind));
    toy::World fresh;
    int tries = 0;
    fresh.behaviour("a").execute = [&](StepContext&) {
      ++tries;
      throw failure(kind);
    };
    const auto own_store = StateStore::in_memory();
    const auto end = run_to_end(one_step(), fresh.registry(), *own_store, clock);
    EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
    EXPECT_EQ(tries, 1);
  }
}

TEST_F(RunnerFailureTest, BlocksOnABugAndGoesOnWhenAsked) {
  std::atomic<bool> mended = false;
  world.behaviour("a").execute = [&](StepContext&) {
    if (!mended) throw std::logic_error("a broken invariant");
    world.set("a");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({one_step(), "", ""});
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::blocked);
  EXPECT_EQ(store->operation(operation).error_code, "STEP_BUG");
  mended = true;
  runner->resume(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded)
      << fakes::journal_of(*store, operation);
  EXPECT_EQ(store->operation(operation).error_code, "");
}

TEST_F(RunnerFailureTest, RefusalOfAPreconditionStartsNothing) {
  world.behaviour("a").precondition = [](StepContext&) {
    return refused("A_TAKEN", "somebody has a", "ask them");
  };
  const auto end = run(one_step());
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "A_TAKEN");
  EXPECT_EQ(end.record.error_remedy, "ask them");
  EXPECT_EQ(store->steps(end.operation).at(0).state, StepState::pending);
  EXPECT_TRUE(world.log().empty());
}

TEST_F(RunnerFailureTest, ToleratesALookThatFailsForAWhileButNotForEver) {
  int looks = 0;
  world.behaviour("a").verify = [&](StepContext&) -> Verdict {
    if (++looks < 20) throw failure(ErrorKind::transient);
    return world.has("a") ? holds() : not_yet("a");
  };
  EXPECT_EQ(run(one_step()).state(), OperationState::succeeded);

  toy::World dark;
  dark.behaviour("a").verify = [](StepContext&) -> Verdict { throw failure(ErrorKind::transient); };
  const auto own_store = StateStore::in_memory();
  const MonoTime began = clock.mono();
  const auto end = run_to_end(one_step(), dark.registry(), *own_store, clock);
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_GE(clock.mono() - began, RunnerOptions{}.patience);
  EXPECT_EQ(dark.times_set("a"), 0) << "acted without having looked";
}

TEST_F(RunnerFailureTest, UndoesEverythingInReverseWhicheverStepBeforeTheLineFails) {
  for (const std::string broken :
       {"prepare.west", "gate.east", "gate.west", "fence.west", "look"}) {
    SCOPED_TRACE(broken);
    toy::World fresh;
    toy::learn_paused_plan(fresh);
    fresh.behaviour(broken).execute = [](StepContext&) { throw failure(ErrorKind::conflict); };
    const auto own_store = StateStore::in_memory();
    const auto end = run_to_end(toy::paused_plan(), fresh.registry(), *own_store, clock);
    EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
    EXPECT_EQ(end.record.error_code, "TROUBLE");
    EXPECT_THAT(end.record.error_text, HasSubstr(broken));
    EXPECT_TRUE(fresh.things().empty()) << end.journal;
    EXPECT_EQ(fresh.times_set("change.east"), 0);
    EXPECT_TRUE(own_store->locks().empty());
    const auto log = fresh.log();
    const auto place = [&](const std::string& what) {
      return std::find(log.begin(), log.end(), what) - log.begin();
    };
    if (fresh.times_set("gate.east") != 0) {
      EXPECT_LT(place("-gate.east"), place("-prepare.east"));
    }
    for (const auto& step : own_store->steps(end.operation)) {
      EXPECT_TRUE(step.state == StepState::pending || step.state == StepState::compensated);
    }
    EXPECT_EQ(end.record.pause_started.has_value(), end.record.pause_ended.has_value());
  }
}

TEST_F(RunnerFailureTest, BlocksBehindTheLineAndGoesForwardWhenResumed) {
  std::atomic<bool> mended = false;
  world.behaviour("open.west").execute = [&](StepContext&) {
    if (!mended) throw failure(ErrorKind::precondition, "NO_RIGHT_TO_OPEN");
    world.unset("gate.west");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({toy::paused_plan(), "", ""});
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  const OperationRecord blocked = store->operation(operation);
  EXPECT_EQ(blocked.state, OperationState::blocked);
  EXPECT_EQ(blocked.error_code, "NO_RIGHT_TO_OPEN");
  EXPECT_FALSE(world.has("gate.east")) << "the sibling must be finished";
  EXPECT_TRUE(world.has("gate.west"));
  EXPECT_EQ(store->locks().size(), 2U);
  mended = true;
  runner->resume(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded)
      << fakes::journal_of(*store, operation);
  EXPECT_EQ(world.times_set("change.east"), 1);
}

TEST_F(RunnerFailureTest, AsksTheStepsBehindTheLineBeforeItUndoesAnything) {
  // East has changed, but its answer says otherwise; west fails.
  std::latch east_changed(1);
  world.behaviour("change.east").execute = [&](StepContext&) {
    world.set("change.east");
    east_changed.count_down();
    throw failure(ErrorKind::conflict, "LOST_IN_EAST");
  };
  world.behaviour("change.west").execute = [&](StepContext&) {
    east_changed.wait();
    throw failure(ErrorKind::conflict, "REFUSED_IN_WEST");
  };
  int asked = 0;
  world.behaviour("change.east").crossed = [&](StepContext&) {
    return ++asked < 3 ? Crossing::cannot_tell_yet : Crossing::yes;
  };
  const auto end = run(toy::paused_plan());
  EXPECT_EQ(end.state(), OperationState::blocked) << end.journal;
  EXPECT_EQ(end.record.error_code, "REFUSED_IN_WEST");
  EXPECT_TRUE(end.record.line_crossed);
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(world.has("gate.east"));
}

TEST_F(RunnerFailureTest, UndoesWhenNothingBehindTheLineHappened) {
  for (const auto& cluster : toy::clusters()) {
    world.behaviour("change." + cluster).execute = [](StepContext&) {
      throw failure(ErrorKind::conflict, "DUPLICATE_KEY");
    };
  }
  const auto end = run(toy::paused_plan());
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerFailureTest, BlocksWhenUndoingFailsAndGoesOnUndoingWhenResumed) {
  std::atomic<bool> mended = false;
  world.behaviour("look").execute = [](StepContext&) {
    throw failure(ErrorKind::conflict, "FIRST");
  };
  world.behaviour("gate.east").compensate = [&](StepContext&) {
    if (!mended) throw failure(ErrorKind::precondition, "CANNOT_OPEN");
    world.unset("gate.east");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({toy::paused_plan(), "", ""});
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::blocked);
  EXPECT_EQ(store->operation(operation).error_code, "CANNOT_OPEN");
  EXPECT_FALSE(world.has("gate.west"));
  mended = true;
  runner->resume(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  const OperationRecord end = store->operation(operation);
  EXPECT_EQ(end.state, OperationState::reverted) << fakes::journal_of(*store, operation);
  EXPECT_EQ(end.error_code, "FIRST");
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerFailureTest, TriesATransientFailureOfUndoingAgain) {
  int tries = 0;
  world.behaviour("look").execute = [](StepContext&) { throw failure(ErrorKind::conflict); };
  world.behaviour("gate.east").compensate = [&](StepContext&) {
    if (++tries < 3) throw failure(ErrorKind::transient);
    world.unset("gate.east");
  };
  EXPECT_EQ(run(toy::paused_plan()).state(), OperationState::reverted);
  EXPECT_EQ(tries, 3);
}

TEST_F(RunnerFailureTest, CancelBeforeTheLineUndoesAndEndsWaitsAtOnce) {
  std::latch waiting(1);
  std::atomic<bool> counted = false;
  world.behaviour("look").execute = [&](StepContext& ctx) {
    if (!counted.exchange(true)) waiting.count_down();
    // Blocks like a client that has no answer; only the stop token ends it.
    SystemClock().wait_until(MonoTime::max(), ctx.call().stop);
    throw failure(ErrorKind::cancelled, "STOPPED");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({toy::paused_plan(), "", ""});
  waiting.wait();
  runner->cancel(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  const OperationRecord end = store->operation(operation);
  EXPECT_EQ(end.state, OperationState::cancelled) << fakes::journal_of(*store, operation);
  EXPECT_EQ(end.error_code, "CANCELLED");
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerFailureTest, CancelAfterTheLineIsRefused) {
  std::latch opening(1);
  std::latch cancelled(1);
  std::atomic<bool> counted = false;
  world.behaviour("open.east").execute = [&](StepContext&) {
    if (!counted.exchange(true)) opening.count_down();
    cancelled.wait();
    world.unset("gate.east");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({toy::paused_plan(), "", ""});
  opening.wait();
  try {
    runner->cancel(operation);
    ADD_FAILURE() << "cancelled behind the line";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "LINE_CROSSED");
  }
  cancelled.count_down();
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded);
}

TEST_F(RunnerFailureTest, ABlockedOperationBeforeTheLineCanBeCancelled) {
  world.behaviour("look").execute = [](StepContext&) { throw failure(ErrorKind::bug, "BROKEN"); };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const std::string operation = runner->submit({toy::paused_plan(), "", ""});
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  ASSERT_EQ(store->operation(operation).state, OperationState::blocked);
  EXPECT_TRUE(world.has("gate.east"));
  runner->cancel(operation);
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::cancelled)
      << fakes::journal_of(*store, operation);
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerFailureTest, UndoesWhenThePauseBudgetIsSpent) {
  world.behaviour("look").verify = [](StepContext&) { return not_yet("a link that never drains"); };
  const auto end = run(toy::paused_plan(Millis{3000}));
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  EXPECT_EQ(end.record.error_code, "PAUSE_BUDGET_SPENT");
  EXPECT_TRUE(world.things().empty());
  ASSERT_TRUE(end.record.pause_started && end.record.pause_ended);
  EXPECT_GE(*end.record.pause_ended - *end.record.pause_started, Millis{3000});
  EXPECT_LT(*end.record.pause_ended - *end.record.pause_started, Millis{3100});
}

TEST_F(RunnerFailureTest, TheBudgetDoesNotCountBehindTheLine) {
  int looks = 0;
  world.behaviour("open.east").verify = [&](StepContext&) {
    return ++looks > 200 ? holds() : not_yet("the schema to be public");
  };
  const auto end = run(toy::paused_plan(Millis{3000}));
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_GT(*end.record.pause_ended - *end.record.pause_started, Millis{3000});
}

TEST_F(RunnerFailureTest, PollsFasterWhileThePauseBudgetRuns) {
  std::vector<MonoTime> looks;
  world.behaviour("look").verify = [&](StepContext&) {
    looks.push_back(clock.mono());
    return looks.size() > 20 ? holds() : not_yet("calm");
  };
  EXPECT_EQ(run(toy::paused_plan()).state(), OperationState::succeeded);
  ASSERT_GT(looks.size(), 20U);
  for (std::size_t i = 1; i < looks.size(); ++i) {
    EXPECT_LE(looks[i] - looks[i - 1], RunnerOptions{}.longest_poll_in_pause);
  }
}

}  // namespace
}  // namespace bdrmesh
