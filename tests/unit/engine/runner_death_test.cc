// The process dies before and after every journal write; the next one finishes.
#include <gtest/gtest.h>

#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::Death;
using fakes::die;
using fakes::run_to_end;

std::int64_t writes_of_a_clean_run() {
  toy::World world;
  toy::learn_paused_plan(world);
  const auto store = StateStore::in_memory();
  fakes::FakeClock clock;
  const auto end = run_to_end(toy::paused_plan(), world.registry(), *store, clock);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  return end.writes;
}

TEST(RunnerDeath, FinishesWhereverTheProcessDies) {
  const std::int64_t writes = writes_of_a_clean_run();
  ASSERT_GT(writes, 10);
  int deaths = 0;
  for (const Death when : {Death::before_write, Death::after_write}) {
    // Steps of a stage may share a write or not, so a run has some more or less than the counted
    // one.
    for (std::int64_t n = 1; n <= writes + 4; ++n) {
      SCOPED_TRACE(describe(die(when, n)));
      toy::World world;
      toy::learn_paused_plan(world);
      const StepRegistry registry = world.registry();
      const auto store = StateStore::in_memory();
      fakes::FakeClock clock;
      bool died = false;
      try {
        run_to_end(toy::paused_plan(), registry, *store, clock, die(when, n));
      } catch (const SimulatedCrash&) {
        died = true;
      }
      deaths += died ? 1 : 0;
      const auto end = run_to_end(toy::paused_plan(), registry, *store, clock);
      // A gate that was recorded as begun but never closed undoes the operation; everything else
      // goes on.
      EXPECT_TRUE(end.state() == OperationState::succeeded ||
                  end.record.error_code == "RESUME_GUARD_FAILED")
          << end.journal;
      const bool succeeded = end.state() == OperationState::succeeded;
      for (const auto& cluster : toy::clusters()) {
        EXPECT_EQ(world.times_set("change." + cluster), succeeded ? 1 : 0) << end.journal;
        EXPECT_EQ(world.has("prepare." + cluster), succeeded) << end.journal;
        EXPECT_FALSE(world.has("gate." + cluster)) << end.journal;
      }
      EXPECT_TRUE(store->locks().empty());
    }
  }
  // Submission, start, two writes for each of seven stages and the line, at the very least.
  EXPECT_GE(deaths, 2 * 15);
}

TEST(RunnerDeath, StopsDeadWithoutAnotherWriteOrStep) {
  toy::World world;
  const auto store = StateStore::in_memory();
  fakes::FakeClock clock;
  PlanBuilder plan("toy", "small");
  plan.stage("one").step(toy::set("a"));
  plan.stage("two").step(toy::set("b"));
  const StepRegistry registry = world.registry();
  // Write 1 submits, 2 starts the operation, 3 begins a, 4 ends it.
  EXPECT_THROW(run_to_end(plan.build(), registry, *store, clock, die(Death::before_write, 4)),
               SimulatedCrash);
  EXPECT_TRUE(world.has("a"));
  EXPECT_FALSE(world.has("b"));
  const auto operation = store->operations(1).at(0);
  EXPECT_EQ(operation.state, OperationState::running);
  EXPECT_EQ(store->steps(operation.id).at(0).state, StepState::started);
}

TEST(RunnerDeath, FinishesUndoingWhereverTheProcessDies) {
  const auto broken_world = [](toy::World& world) {
    toy::learn_paused_plan(world);
    world.behaviour("look").verify = [](StepContext&) {
      return refused("SOMETHING_OFF", "something is off");
    };
  };
  toy::World clean;
  broken_world(clean);
  const auto clean_store = StateStore::in_memory();
  fakes::FakeClock clean_clock;
  const auto clean_end =
      run_to_end(toy::paused_plan(), clean.registry(), *clean_store, clean_clock);
  ASSERT_EQ(clean_end.state(), OperationState::reverted) << clean_end.journal;
  for (const Death when : {Death::before_write, Death::after_write}) {
    for (std::int64_t n = 1; n <= clean_end.writes + 2; ++n) {
      SCOPED_TRACE(describe(die(when, n)));
      toy::World world;
      broken_world(world);
      const StepRegistry registry = world.registry();
      const auto store = StateStore::in_memory();
      fakes::FakeClock clock;
      try {
        run_to_end(toy::paused_plan(), registry, *store, clock, die(when, n));
      } catch (const SimulatedCrash&) {
      }
      const auto end = run_to_end(toy::paused_plan(), registry, *store, clock);
      EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
      EXPECT_TRUE(end.record.error_code == "SOMETHING_OFF" ||
                  end.record.error_code == "RESUME_GUARD_FAILED")
          << end.journal;
      EXPECT_TRUE(world.things().empty()) << end.journal;
    }
  }
}

}  // namespace
}  // namespace bdrmesh
