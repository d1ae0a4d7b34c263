// The runner on a disk that fails: nothing is begun that is not journaled, a pause ends in time all
// the same, and everything goes on when the disk works again.
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"
#include "unit/store/faulty_disk.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

using fakes::DiskFault;
using fakes::FaultyDisk;
using fakes::SelfTurningRunner;
using testing::HasSubstr;

class RunnerDiskTest : public testing::Test {
 protected:
  RunnerDiskTest() { disk.heal(); }
  ~RunnerDiskTest() override { disk.heal(); }

  /// Every step looks into the journal before it acts.
  void teach(toy::World& world, StateStore& store, std::atomic<int>& unjournaled) {
    toy::learn_paused_plan(world);
    for (const char* thing : {"prepare.east", "gate.east", "gate.west", "look"}) {
      world.behaviour(thing).execute = [&world, &store, &unjournaled, thing](StepContext& ctx) {
        bool begun = false;
        for (const auto& step : store.steps(ctx.operation())) {
          begun = begun ||
                  (step.name == std::string("set:") + thing && step.state == StepState::started);
        }
        if (!begun) ++unjournaled;
        world.set(thing);
      };
    }
  }

  TemporaryFolder folder{TemporaryFolder::On::memory};
  FaultyDisk& disk = FaultyDisk::instance();
};

TEST_F(RunnerDiskTest, BeginsNothingUnjournaledAndGoesOnWhenThereIsRoom) {
  for (const DiskFault fault : {DiskFault::full, DiskFault::short_write}) {
    for (int at = fault == DiskFault::full ? 1 : 9; at < 200;
         at += fakes::every_fault() ? 21 : 63) {
      SCOPED_TRACE("fault " + std::to_string(static_cast<int>(fault)) + " at " +
                   std::to_string(at));
      const std::string path = folder.file("state" + std::to_string(at) + ".db");
      disk.heal();
      const auto store = StateStore::open({path, {}, "tester"});
      toy::World world;
      std::atomic<int> unjournaled = 0;
      teach(world, *store, unjournaled);
      const StepRegistry registry = world.registry();
      fakes::FakeClock clock;
      SelfTurningRunner runner(*store, registry, clock);
      runner->start();
      const auto id = runner->submit({toy::paused_plan(Millis{20'000}), "", ""});
      disk.fail_at(fault, at, true);
      const MonoTime limit = std::chrono::steady_clock::now() + fakes::kRealLimit;
      // Long enough for the pause to be over; a run that ends before the fault proves nothing.
      const MonoTime enough = clock.mono() + Millis{60'000};
      const auto ended = [&] { return is_final(store->operation(id).state); };
      while (!ended() && clock.mono() < enough && std::chrono::steady_clock::now() < limit) {
        std::this_thread::yield();
      }
      // Behind the line, of which the journal may know nothing yet, opening is a step like others.
      const bool changed = world.has("change.east") || world.has("change.west");
      if (!ended() && !changed) {
        EXPECT_FALSE(world.has("gate.east")) << "closed beyond the budget of its pause";
        EXPECT_FALSE(world.has("gate.west"));
      }
      disk.heal();
      ASSERT_TRUE(runner->wait(id, fakes::kRealLimit)) << fakes::journal_of(*store, id);
      const OperationRecord end = store->operation(id);
      EXPECT_TRUE(end.state == OperationState::succeeded ||
                  (end.state == OperationState::reverted && end.error_code == "PAUSE_BUDGET_SPENT"))
          << fakes::journal_of(*store, id);
      EXPECT_EQ(unjournaled, 0);
      EXPECT_FALSE(world.has("gate.east"));
      EXPECT_FALSE(world.has("gate.west"));
      EXPECT_TRUE(store->locks().empty());
    }
  }
}

TEST_F(RunnerDiskTest, OpensGatesWithoutADiskAndTheNextProcessAgrees) {
  const std::string path = folder.file("state.db");
  auto store = StateStore::open({path, {}, "tester"});
  toy::World world;
  toy::learn_paused_plan(world);
  std::atomic<bool> full = false;
  world.behaviour("look").verify = [&](StepContext&) {
    // Both gates are closed by now.
    if (!full.exchange(true)) disk.fail_at(DiskFault::full, 1, true);
    return not_yet("something that never comes");
  };
  const StepRegistry registry = world.registry();
  fakes::FakeClock clock;
  std::string id;
  {
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    id = runner->submit({toy::paused_plan(Millis{5'000}), "", ""});
    const MonoTime limit = std::chrono::steady_clock::now() + fakes::kRealLimit;
    while ((!full || world.has("gate.east") || world.has("gate.west")) &&
           std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(full);
    EXPECT_FALSE(world.has("gate.east"));
    EXPECT_FALSE(world.has("gate.west"));
    EXPECT_EQ(store->operation(id).state, OperationState::running) << "the journal knows nothing";
    const auto told = [&] {
      for (const auto& shown : runner->progress(id)) {
        if (shown.waiting_for.find(path) != std::string::npos) return true;
      }
      return false;
    };
    while (!told() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_TRUE(told());
  }
  disk.heal();
  store.reset();
  store = StateStore::open({path, {}, "the next one"});
  SelfTurningRunner next(*store, registry, clock);
  next->start();
  ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
  EXPECT_EQ(store->operation(id).state, OperationState::reverted) << fakes::journal_of(*store, id);
  EXPECT_TRUE(world.things().empty()) << fakes::journal_of(*store, id);
}

TEST_F(RunnerDiskTest, RefusesNewOperationsNamingTheFile) {
  const std::string path = folder.file("state.db");
  const auto store = StateStore::open({path, {}, "tester"});
  toy::World world;
  toy::learn_paused_plan(world);
  const StepRegistry registry = world.registry();
  fakes::FakeClock clock;
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  disk.fail_at(DiskFault::full, 1, true);
  try {
    runner->submit({toy::paused_plan(), "", ""});
    FAIL() << "took an operation that it cannot journal";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "STATE_UNUSABLE");
    EXPECT_THAT(error.message(), HasSubstr(path));
    EXPECT_THAT(error.remedy(), HasSubstr("make room"));
  }
  EXPECT_TRUE(world.log().empty());
}

TEST_F(RunnerDiskTest, StopsDeadWhenAnotherTakesTheFileOver) {
  const std::string path = folder.file("state.db");
  const auto store = StateStore::open({path, {}, "the suspended one"});
  toy::World world;
  toy::learn_paused_plan(world);
  std::unique_ptr<StateStore> other;
  world.behaviour("look").execute = [&](StepContext&) {
    // As after a long suspension: the lock file was removed, another daemon works on.
    std::filesystem::remove(path + ".lock");
    other = StateStore::open({path, {}, "the new one"});
    world.set("look");
  };
  const StepRegistry registry = world.registry();
  fakes::FakeClock clock;
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto id = runner->submit({toy::paused_plan(), "", ""});
  EXPECT_FALSE(runner->wait(id, fakes::kRealLimit));
  ASSERT_TRUE(runner->crashed());
  EXPECT_THAT(runner->halted_because(), HasSubstr("another daemon has taken over"));
  EXPECT_THAT(runner->halted_because(), HasSubstr("stop this daemon"));
  EXPECT_TRUE(world.has("gate.east")) << "neither opened nor closed by who has lost the file";
  EXPECT_FALSE(world.has("change.east"));
  EXPECT_EQ(other->operation(id).state, OperationState::running);
}

}  // namespace
}  // namespace bdrmesh
