// The deadline of an operation: before the line it is undone, behind it there is only forward.
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

class RunnerDeadlineTest : public testing::Test {
 protected:
  RunnerDeadlineTest() { toy::learn_paused_plan(world); }

  SubmitRequest request(Millis after) {
    SubmitRequest request{toy::paused_plan(Millis{3'600'000}), "", "anna"};
    request.deadline = clock.now() + after;
    return request;
  }
  OperationRecord run(const SubmitRequest& request) {
    const StepRegistry registry = world.registry();
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    const auto id = runner->submit(request);
    EXPECT_TRUE(runner->wait(id, fakes::kRealLimit)) << fakes::journal_of(*store, id);
    return store->operation(id);
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
};

TEST_F(RunnerDeadlineTest, UndoesWhatIsNotAcrossTheLineByThen) {
  world.behaviour("look").verify = [](StepContext&) { return not_yet("something slow"); };
  const SubmitRequest asked = request(Millis{10'000});
  const OperationRecord end = run(asked);
  EXPECT_EQ(end.state, OperationState::reverted) << fakes::journal_of(*store, end.id);
  EXPECT_EQ(end.error_code, "DEADLINE_PASSED");
  EXPECT_THAT(end.error_text, HasSubstr("something slow"));
  EXPECT_EQ(end.deadline, asked.deadline);
  EXPECT_GE(*end.ended, *asked.deadline);
  EXPECT_LT(*end.ended, *asked.deadline + Millis{2'000});
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerDeadlineTest, IsNoMatterBehindTheLine) {
  int looks = 0;
  world.behaviour("roles.east").verify = [&](StepContext&) {
    return ++looks > 60 ? holds() : not_yet("something slow behind the line");
  };
  const OperationRecord end = run(request(Millis{10'000}));
  EXPECT_EQ(end.state, OperationState::succeeded) << fakes::journal_of(*store, end.id);
  EXPECT_GT(*end.ended, *end.deadline);
}

TEST_F(RunnerDeadlineTest, CountsWhileTheDaemonIsAway) {
  world.behaviour("look").verify = [](StepContext&) { return not_yet("something slow"); };
  const StepRegistry registry = world.registry();
  std::string id;
  {
    fakes::Reaper reaper(*store, fakes::die(fakes::Death::before_write, 9));
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    id = runner->submit(request(Millis{10'000}));
    EXPECT_FALSE(runner->wait(id, fakes::kRealLimit));
    ASSERT_TRUE(runner->crashed());
  }
  ASSERT_FALSE(world.things().empty());
  clock.advance(Millis{60'000});
  SelfTurningRunner next(*store, registry, clock);
  next->start();
  ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
  EXPECT_EQ(store->operation(id).error_code, "DEADLINE_PASSED") << fakes::journal_of(*store, id);
  EXPECT_TRUE(world.things().empty());
}

TEST_F(RunnerDeadlineTest, MustLieAhead) {
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  try {
    runner.submit(request(Millis{0}));
    FAIL() << "took a deadline that has passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "DEADLINE_IN_PAST");
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
  }
  EXPECT_TRUE(store->operations(10).empty());
}

}  // namespace
}  // namespace bdrmesh
