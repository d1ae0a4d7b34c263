// One cluster that hangs delays no other, and its gate can still be opened.
#include <gtest/gtest.h>
#include <latch>
#include <thread>

#include "base/error.h"
#include "engine/lanes.h"
#include "fakes/engine_harness.h"
#include "unit/engine/toy_world.h"

namespace bdrmesh {
namespace {

class RunnerLanesTest : public testing::Test {
 protected:
  static Plan plan_of(const std::string& thing, const std::string& target,
                      LaneKind lane = LaneKind::work) {
    PlanBuilder plan("toy", thing);
    plan.stage("only").step(toy::set(thing, target, lane));
    return plan.build();
  }
  /// A step that hangs, deaf to its stop token, until the test lets it go.
  void hang(const std::string& thing) {
    world.behaviour(thing).execute = [this, thing](StepContext&) {
      release.wait();
      world.set(thing);
    };
  }

  toy::World world;
  std::latch release{1};
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  SystemClock clock;
};

TEST_F(RunnerLanesTest, AHangingClusterDelaysNoOtherAndItsGateStillOpens) {
  for (const std::string thing : {"h1", "h2", "h3", "h4"}) hang(thing);
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  std::vector<std::string> hanging;
  for (const std::string thing : {"h1", "h2", "h3", "h4"}) {
    hanging.push_back(runner.submit({plan_of(thing, "east"), "", ""}));
  }
  const auto west = runner.submit({plan_of("w", "west"), "", ""});
  const auto gate = runner.submit({plan_of("g", "east", LaneKind::gate), "", ""});
  const auto slow = runner.submit({plan_of("s", "east", LaneKind::slow), "", ""});
  const auto own = runner.submit({plan_of("m", ""), "", ""});
  for (const auto& operation : {west, gate, slow, own}) {
    EXPECT_TRUE(runner.wait(operation, fakes::kRealLimit));
    EXPECT_EQ(store->operation(operation).state, OperationState::succeeded);
  }
  EXPECT_FALSE(runner.wait(hanging[3], Millis{0}));
  release.count_down();
  for (const auto& operation : hanging) EXPECT_TRUE(runner.wait(operation, fakes::kRealLimit));
}

TEST_F(RunnerLanesTest, ALookThatHangsDoesNotKeepTheOthersFromBeingUndone) {
  std::latch looking(2);
  std::atomic<int> looks = 0;
  for (const std::string thing : {"h1", "h2"}) {
    world.behaviour(thing).verify = [&](StepContext&) {
      if (looks++ < 2) looking.count_down();
      release.wait();
      return not_yet("for ever");
    };
  }
  PlanBuilder plan("toy", "hanging look");
  plan.stage("close").step(toy::set("gate.east")).step(toy::set("gate.west", "west"));
  plan.stage("look").step(toy::set("h1")).step(toy::set("h2"));
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const auto operation = runner.submit({plan.build(), "", ""});
  looking.wait();
  runner.cancel(operation);
  EXPECT_TRUE(runner.wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::cancelled);
  EXPECT_TRUE(world.things().empty());
  release.count_down();
}

TEST_F(RunnerLanesTest, SlowStepsHaveThreadsOfTheirOwnAndNoDeadline) {
  std::latch all_inside(4);
  for (const std::string thing : {"s1", "s2", "s3", "s4"}) {
    world.behaviour(thing).execute = [&, thing](StepContext& ctx) {
      EXPECT_EQ(ctx.call().deadline, MonoTime::max());
      all_inside.arrive_and_wait();
      world.set(thing);
    };
  }
  PlanBuilder plan("toy", "slow");
  plan.stage("all");
  for (const std::string thing : {"s1", "s2", "s3", "s4"}) {
    plan.step(toy::set(thing, "east", LaneKind::slow));
  }
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const auto operation = runner.submit({plan.build(), "", ""});
  EXPECT_TRUE(runner.wait(operation, fakes::kRealLimit));
  EXPECT_EQ(store->operation(operation).state, OperationState::succeeded);
  release.count_down();
}

TEST_F(RunnerLanesTest, WorkStepsHaveADeadline) {
  std::optional<MonoTime> deadline;
  world.behaviour("a").execute = [&](StepContext& ctx) {
    deadline = ctx.call().deadline;
    world.set("a");
  };
  const StepRegistry registry = world.registry();
  Runner runner(*store, registry, clock);
  runner.start();
  const auto operation = runner.submit({plan_of("a", "east"), "", ""});
  EXPECT_TRUE(runner.wait(operation, fakes::kRealLimit));
  ASSERT_TRUE(deadline);
  EXPECT_LE(*deadline, clock.mono() + RunnerOptions{}.step_timeout);
  release.count_down();
}

TEST_F(RunnerLanesTest, TimePassesForCallsThatWaitWhileOthersQueueBehindThem) {
  fakes::FakeClock fake;
  PlanBuilder plan("toy", "many that take their time");
  plan.stage("all");
  for (const std::string thing : {"t1", "t2", "t3", "t4", "t5"}) {
    world.behaviour(thing).execute = [&, thing](StepContext& ctx) {
      if (fake.wait_for(Millis{10000}, ctx.call().stop)) world.set(thing);
    };
    plan.step(toy::set(thing));
  }
  const MonoTime began = fake.mono();
  const auto end = fakes::run_to_end(plan.build(), world.registry(), *store, fake);
  EXPECT_EQ(end.state(), OperationState::succeeded) << end.journal;
  // Two at a time, so three rounds; and no time passes without somebody who waits for it.
  EXPECT_GE(fake.mono() - began, std::chrono::seconds(30));
  EXPECT_LE(fake.mono() - began, std::chrono::seconds(50));
  release.count_down();
}

TEST(Lane, NeverHasMoreThreadsThanAllowed) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::latch done(50);
  Lane lane(2);
  for (int i = 0; i < 50; ++i) {
    lane.post([&] {
      const int now = ++inside;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --inside;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace bdrmesh
