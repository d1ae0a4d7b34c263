// A journal that cannot be written for a while, and one that belongs to somebody else now.
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::SelfTurningRunner;

class RunnerJournalTest : public testing::Test {
 protected:
  RunnerJournalTest() { toy::learn_paused_plan(world); }

  /// Every write from the given one on fails with `code`, `times` times.
  void fail_writes(std::int64_t from, int times, ErrorKind kind, const std::string& code) {
    store->set_write_hook([=, this](bool before, std::int64_t ordinal) {
      if (before && ordinal >= from && ordinal < from + times) {
        ++failed;
        throw Error(kind, code, "state.db: no");
      }
    });
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
  std::atomic<int> failed = 0;
};

TEST_F(RunnerJournalTest, TriesAgainUntilTheDiskHasRoom) {
  fail_writes(3, 5, ErrorKind::precondition, "STATE_UNUSABLE");
  const StepRegistry registry = world.registry();
  const MonoTime began = clock.mono();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto operation = runner->submit({toy::paused_plan(), "", ""});
  ASSERT_TRUE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded)
      << fakes::journal_of(*store, operation);
  EXPECT_EQ(failed, 5);
  EXPECT_GE(clock.mono() - began, RunnerOptions{}.journal_retry);
}

TEST_F(RunnerJournalTest, BeginsNothingThatIsNotWritten) {
  fail_writes(3, 1'000'000, ErrorKind::precondition, "STATE_UNUSABLE");
  const StepRegistry registry = world.registry();
  std::string operation;
  {
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    operation = runner->submit({toy::paused_plan(), "", ""});
    const MonoTime limit = std::chrono::steady_clock::now() + fakes::kRealLimit;
    while (failed < 10 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_FALSE(runner->progress(operation).empty());
  }
  EXPECT_GE(failed, 10);
  EXPECT_TRUE(world.log().empty());
}

TEST_F(RunnerJournalTest, StopsDeadWhenItsEpochIsLost) {
  fail_writes(8, 1'000'000, ErrorKind::conflict, "EPOCH_LOST");
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto operation = runner->submit({toy::paused_plan(), "", ""});
  EXPECT_FALSE(runner->wait(operation, fakes::kRealLimit));
  EXPECT_TRUE(runner->crashed());
  EXPECT_THAT(runner->halted_because(), testing::HasSubstr("state.db"));
  for (const auto& entry : world.log())
    EXPECT_NE(entry[0], '-') << "undid what is not ours any more";
}

}  // namespace
}  // namespace bdrmesh
