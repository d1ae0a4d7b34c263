// This machine's clock is set while an operation runs: pauses and deadlines last as long as they
// should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::SelfTurningRunner;
using testing::HasSubstr;

constexpr Millis kHour{3'600'000};
constexpr Millis kPause{5'000};

class RunnerClockTest : public testing::Test {
 protected:
  RunnerClockTest() { toy::learn_paused_plan(world); }

  /// `look` waits in the pause; at its first look the clock is set.
  void set_clock_in_pause(Millis by, int looks_until_it_holds) {
    world.behaviour("look").verify = [=, this](StepContext&) {
      if (++looks == 1) clock.jump(by);
      return looks > looks_until_it_holds ? holds() : not_yet("something slow");
    };
  }
  OperationRecord run(const std::optional<Millis>& deadline = {}, Millis pause = kPause) {
    const StepRegistry registry = world.registry();
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    SubmitRequest request{toy::paused_plan(pause), "", "anna"};
    if (deadline) request.deadline = clock.now() + *deadline;
    const MonoTime began = clock.mono();
    const auto id = runner->submit(request);
    EXPECT_TRUE(runner->wait(id, fakes::kRealLimit)) << fakes::journal_of(*store, id);
    took = std::chrono::duration_cast<Millis>(clock.mono() - began);
    return store->operation(id);
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
  std::atomic<int> looks = 0;
  Millis took{0};
};

TEST_F(RunnerClockTest, SetForwardCutsNoPauseShort) {
  set_clock_in_pause(kHour, 5);
  const OperationRecord end = run();
  EXPECT_EQ(end.state, OperationState::succeeded) << fakes::journal_of(*store, end.id);
}

TEST_F(RunnerClockTest, SetBackMakesNoPauseLonger) {
  set_clock_in_pause(-kHour, 1'000'000);
  const OperationRecord end = run();
  EXPECT_EQ(end.error_code, "PAUSE_BUDGET_SPENT") << fakes::journal_of(*store, end.id);
  EXPECT_GE(took, kPause);
  EXPECT_LT(took, kPause + Millis{2'000});
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerClockTest, SetBackMakesNoDeadlineLater) {
  set_clock_in_pause(-kHour, 1'000'000);
  const OperationRecord end = run(Millis{10'000}, kHour);
  EXPECT_EQ(end.error_code, "DEADLINE_PASSED") << fakes::journal_of(*store, end.id);
  EXPECT_LT(took, Millis{12'000});
}

TEST_F(RunnerClockTest, SetBackWhileNobodyLookedEndsThePause) {
  const StepRegistry registry = world.registry();
  std::string id;
  {
    fakes::Reaper reaper(*store, fakes::die(fakes::Death::before_write, 9));
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    id = runner->submit({toy::paused_plan(kPause), "", "anna"});
    EXPECT_FALSE(runner->wait(id, fakes::kRealLimit));
  }
  ASSERT_TRUE(store->operation(id).pause_started) << fakes::journal_of(*store, id);
  clock.jump(-kHour);
  SelfTurningRunner next(*store, registry, clock);
  next->start();
  ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
  const std::string journal = fakes::journal_of(*store, id);
  EXPECT_EQ(store->operation(id).error_code, "PAUSE_BUDGET_SPENT") << journal;
  EXPECT_THAT(journal, HasSubstr("clock was set back"));
  EXPECT_TRUE(world.things().empty());
}

}  // namespace
}  // namespace bdrmesh
