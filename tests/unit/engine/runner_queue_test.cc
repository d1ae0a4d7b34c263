// Operations that wait for locks: their order, what they show, how they leave the queue.
#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::SelfTurningRunner;
using testing::ElementsAre;
using testing::HasSubstr;

class RunnerQueueTest : public testing::Test {
 protected:
  static Plan plan(const std::string& thing, const std::vector<std::string>& locks) {
    PlanBuilder plan("toy", "set " + thing);
    for (const auto& name : locks) plan.lock(name);
    plan.stage("one").step(toy::set(thing));
    return plan.build();
  }
  /// "hold" waits until it is told to end.
  void teach_hold() {
    world.behaviour("hold").verify = [this](StepContext&) {
      return released ? holds() : not_yet("to be released");
    };
    world.behaviour("hold").execute = [](StepContext&) {};
  }
  SubmitRequest queued(const std::string& thing, const std::vector<std::string>& locks) {
    SubmitRequest request{plan(thing, locks), "", "anna"};
    request.queue = true;
    return request;
  }
  OperationState state(const std::string& operation) { return store->operation(operation).state; }
  std::string journal(const std::string& operation) { return fakes::journal_of(*store, operation); }
  bool eventually(const std::function<bool()>& condition) {
    const MonoTime limit = std::chrono::steady_clock::now() + fakes::kRealLimit;
    while (!condition() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    return condition();
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
  std::atomic<bool> released = false;
};

TEST_F(RunnerQueueTest, StartTheMomentTheHolderEndsAndInTheirOrder) {
  teach_hold();
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto holder = runner->submit({plan("hold", {"cluster:east"}), "", ""});
  std::vector<std::string> waiting;
  for (const char* thing : {"first", "second", "third"}) {
    waiting.push_back(runner->submit(queued(thing, {"cluster:east"})));
    clock.advance(Millis{1});
  }
  for (const auto& id : waiting) EXPECT_EQ(state(id), OperationState::queued);
  EXPECT_THAT(store->waiting_operations(), testing::ElementsAreArray(waiting));
  released = true;
  for (const auto& id : waiting) {
    ASSERT_TRUE(runner->wait(id, fakes::kRealLimit));
    EXPECT_EQ(state(id), OperationState::succeeded) << journal(id);
  }
  EXPECT_EQ(state(holder), OperationState::succeeded);
  EXPECT_THAT(world.log(), ElementsAre("+first", "+second", "+third"));
  EXPECT_TRUE(store->locks().empty());
}

TEST_F(RunnerQueueTest, ShowForWhomTheyWait) {
  teach_hold();
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const auto holder = runner.submit({plan("hold", {"cluster:east"}), "", ""});
  const auto waiting = runner.submit(queued("a", {"cluster:east", "cluster:west"}));
  ASSERT_TRUE(eventually([&] { return !runner.progress(waiting).empty(); }));
  const StepProgress shown = runner.progress(waiting).at(0);
  EXPECT_TRUE(shown.step_id.empty());
  EXPECT_THAT(shown.waiting_for, HasSubstr("cluster:east"));
  EXPECT_THAT(shown.waiting_for, HasSubstr(holder));
  EXPECT_THAT(shown.waiting_for, HasSubstr("set hold"));
  EXPECT_THAT(shown.waiting_for, testing::Not(HasSubstr("cluster:west")));
}

TEST_F(RunnerQueueTest, AreNotOvertaken) {
  teach_hold();
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto holder = runner->submit({plan("hold", {"cluster:east"}), "", ""});
  const auto both = runner->submit(queued("both", {"cluster:east", "cluster:west"}));
  // west is free, but somebody waits for it.
  try {
    runner->submit({plan("west", {"cluster:west"}), "", ""});
    FAIL() << "overtook the queue";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "LOCKED");
    EXPECT_THAT(error.message(), HasSubstr("is waited for by operation " + both));
    EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op cancel " + both));
  }
  const auto last = runner->submit(queued("west", {"cluster:west"}));
  const auto stranger = runner->submit(queued("north", {"cluster:north"}));
  ASSERT_TRUE(runner->wait(stranger, fakes::kRealLimit));
  EXPECT_EQ(state(stranger), OperationState::succeeded) << "its lock was free";
  EXPECT_EQ(state(last), OperationState::queued);
  released = true;
  ASSERT_TRUE(runner->wait(last, fakes::kRealLimit));
  EXPECT_EQ(state(both), OperationState::succeeded);
  EXPECT_EQ(world.log().back(), "+west");
}

TEST_F(RunnerQueueTest, EndAtOnceWhenCancelledAndLetOthersThrough) {
  teach_hold();
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto holder = runner->submit({plan("hold", {"cluster:east"}), "", ""});
  const auto both = runner->submit(queued("both", {"cluster:east", "cluster:west"}));
  const auto west = runner->submit(queued("west", {"cluster:west"}));
  runner->cancel(both);
  ASSERT_TRUE(runner->wait(both, fakes::kRealLimit));
  EXPECT_EQ(state(both), OperationState::cancelled);
  EXPECT_THAT(journal(both), HasSubstr("nothing was changed"));
  ASSERT_TRUE(runner->wait(west, fakes::kRealLimit));
  EXPECT_EQ(state(west), OperationState::succeeded) << journal(west);
  EXPECT_FALSE(world.has("both"));
  EXPECT_EQ(state(holder), OperationState::running);
}

TEST_F(RunnerQueueTest, WaitOnWhileTheHolderIsBlocked) {
  std::atomic<bool> mended = false;
  world.behaviour("broken").execute = [&](StepContext&) {
    if (!mended) throw std::logic_error("broken");
    world.set("broken");
  };
  const StepRegistry registry = world.registry();
  SelfTurningRunner runner(*store, registry, clock);
  runner->start();
  const auto holder = runner->submit({plan("broken", {"cluster:east"}), "", ""});
  ASSERT_TRUE(runner->wait(holder, fakes::kRealLimit));
  ASSERT_EQ(state(holder), OperationState::blocked);
  const auto waiting = runner->submit(queued("a", {"cluster:east"}));
  EXPECT_EQ(state(waiting), OperationState::queued);
  try {
    runner->submit({plan("b", {"cluster:east"}), "", ""});
    FAIL() << "took a lock twice";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("blocked"));
    EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op resume " + holder));
    EXPECT_THAT(error.remedy(), HasSubstr("bdrmesh op cancel " + holder));
  }
  runner->cancel(holder);
  ASSERT_TRUE(runner->wait(waiting, fakes::kRealLimit));
  EXPECT_EQ(state(holder), OperationState::cancelled);
  EXPECT_EQ(state(waiting), OperationState::succeeded) << journal(waiting);
}

TEST_F(RunnerQueueTest, SurviveARestartInTheirOrder) {
  teach_hold();
  const StepRegistry registry = world.registry();
  std::vector<std::string> ids;
  {
    SelfTurningRunner runner(*store, registry, clock);
    runner->start();
    ids.push_back(runner->submit({plan("hold", {"cluster:east"}), "", ""}));
    ids.push_back(runner->submit(queued("first", {"cluster:east"})));
    ids.push_back(runner->submit(queued("second", {"cluster:east"})));
  }
  EXPECT_EQ(store->unfinished_operations().size(), 3U);
  SelfTurningRunner next(*store, registry, clock);
  next->start();
  ids.push_back(next->submit(queued("third", {"cluster:east"})));
  released = true;
  for (const auto& id : ids) {
    ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
    EXPECT_EQ(state(id), OperationState::succeeded) << journal(id);
  }
  EXPECT_THAT(world.log(), ElementsAre("+first", "+second", "+third"));
}

TEST_F(RunnerQueueTest, LeaveItWhenTheirDeadlinePasses) {
  teach_hold();
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  runner.submit({plan("hold", {"cluster:east"}), "", ""});
  SubmitRequest request = queued("a", {"cluster:east"});
  request.deadline = clock.now() + Millis{30'000};
  const auto waiting = runner.submit(request);
  clock.advance(Millis{30'000});
  ASSERT_TRUE(runner.wait(waiting, fakes::kRealLimit));
  const OperationRecord record = store->operation(waiting);
  EXPECT_EQ(record.state, OperationState::reverted) << journal(waiting);
  EXPECT_EQ(record.error_code, "DEADLINE_PASSED");
  EXPECT_GE(*record.ended, *request.deadline);
  EXPECT_FALSE(world.has("a"));
  EXPECT_TRUE(store->waiting_operations().empty());
}

TEST_F(RunnerQueueTest, AllRunWhereverTheProcessDies) {
  for (const fakes::Death when : {fakes::Death::before_write, fakes::Death::after_write}) {
    for (std::int64_t n = 1; n <= 14; ++n) {
      SCOPED_TRACE(describe(fakes::die(when, n)));
      toy::World own;
      const StepRegistry registry = own.registry();
      const auto own_store = StateStore::in_memory();
      fakes::FakeClock own_clock;
      const auto submit_all = [&](Runner& runner) {
        std::vector<std::string> ids;
        for (const char* thing : {"first", "second", "third"}) {
          SubmitRequest request{plan(thing, {"cluster:east"}), std::string("key ") + thing, ""};
          request.queue = true;
          ids.push_back(runner.submit(request));
        }
        return ids;
      };
      {
        fakes::Reaper reaper(*own_store, fakes::die(when, n));
        SelfTurningRunner runner(*own_store, registry, own_clock);
        runner->start();
        try {
          for (const auto& id : submit_all(*runner)) runner->wait(id, fakes::kRealLimit);
        } catch (const SimulatedCrash&) {
        }
      }
      SelfTurningRunner next(*own_store, registry, own_clock);
      next->start();
      for (const auto& id : submit_all(*next)) {
        ASSERT_TRUE(next->wait(id, fakes::kRealLimit));
        EXPECT_EQ(own_store->operation(id).state, OperationState::succeeded)
            << fakes::journal_of(*own_store, id);
      }
      EXPECT_THAT(own.log(), ElementsAre("+first", "+second", "+third"));
      EXPECT_TRUE(own_store->locks().empty());
      EXPECT_TRUE(own_store->waiting_operations().empty());
    }
  }
}

}  // namespace
}  // namespace bdrmesh
