// Outward calls of steps: journaled with their step, bounded, never a reason to write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/call_log.h"
#include "fakes/engine_harness.h"
#include "unit/engine/paused_plan.h"

namespace bdrmesh {
namespace {

using fakes::run_to_end;

void send(StepContext& ctx, const std::string& what, const std::string& answer = "ok") {
  ASSERT_NE(ctx.call().observer, nullptr);
  ctx.call()
      .within(MonoTime{}, Millis{1})
      .observer->ended({ctx.now(), "tidb east 10.0.0.4:4000", what, Millis{3}, answer});
}

class RunnerCallsTest : public testing::Test {
 protected:
  fakes::EndOfRun run() { return run_to_end(plan(), world.registry(), *store, clock); }
  static Plan plan() {
    PlanBuilder plan("toy", "calls");
    plan.stage("one").step(toy::set("a"));
    plan.stage("two").step(toy::set("b", "west"));
    return plan.build();
  }
  std::vector<CallRecord> calls_of(const std::string& operation, const std::string& step) {
    auto calls = store->calls(operation);
    std::erase_if(calls, [&](const CallRecord& call) { return call.step != step; });
    return calls;
  }

  toy::World world;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  fakes::FakeClock clock;
};

TEST_F(RunnerCallsTest, AreStoredWithTheirStep) {
  world.behaviour("a").verify = [&](StepContext& ctx) {
    send(ctx, "read a");
    return world.has("a") ? holds() : not_yet("a");
  };
  world.behaviour("a").execute = [&](StepContext& ctx) {
    send(ctx, "set a");
    world.set("a");
  };
  const auto end = run();
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  const auto calls = store->calls(end.operation);
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].during, "verify");
  EXPECT_EQ(calls[1].during, "execute");
  EXPECT_EQ(calls[1].what, "set a");
  EXPECT_EQ(calls[1].target, "tidb east 10.0.0.4:4000");
  EXPECT_EQ(calls[1].answer, "ok");
  EXPECT_EQ(calls[1].took, Millis{3});
  EXPECT_EQ(calls[1].step, "0.0");
}

TEST_F(RunnerCallsTest, OfPollsCauseNoWriteAndStayFew) {
  const auto quiet = run();
  const auto fresh = StateStore::in_memory();
  toy::World other;
  int looks = 0;
  other.behaviour("a").verify = [&](StepContext& ctx) {
    send(ctx, "read a");
    return ++looks > 500 ? holds() : not_yet("the five-hundredth look");
  };
  const auto end = run_to_end(plan(), other.registry(), *fresh, clock);
  ASSERT_EQ(end.state(), OperationState::succeeded) << end.journal;
  EXPECT_EQ(end.writes, quiet.writes);
  const auto calls = fresh->calls(end.operation);
  EXPECT_EQ(calls.size(), 1 + CallLog::kLastKept);
  std::int64_t all = 0;
  for (const auto& call : calls) all += 1 + call.left_out;
  EXPECT_EQ(all, looks);
}

TEST_F(RunnerCallsTest, OfAFailedStepAndItsUndoingAreKept) {
  world.behaviour("b").execute = [&](StepContext& ctx) {
    send(ctx, "set b", "TIDB_REFUSED 1105");
    throw Error(ErrorKind::precondition, "TIDB_REFUSED", "no");
  };
  world.behaviour("a").compensate = [&](StepContext& ctx) {
    send(ctx, "unset a");
    world.unset("a");
  };
  const auto end = run();
  EXPECT_EQ(end.state(), OperationState::reverted) << end.journal;
  const auto failed = calls_of(end.operation, "1.0");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].answer, "TIDB_REFUSED 1105");
  const auto undone = calls_of(end.operation, "0.0");
  ASSERT_EQ(undone.size(), 1U);
  EXPECT_EQ(undone[0].during, "compensate");
}

TEST_F(RunnerCallsTest, GoWithACheckpoint) {
  std::size_t stored_inside = 0;
  world.behaviour("a").execute = [&](StepContext& ctx) {
    send(ctx, "open a session");
    ctx.set_fact({"connection", "east", FactLife::durable, 7});
    ctx.checkpoint();
    stored_inside = store->calls(ctx.operation()).size();
    send(ctx, "run the DDL");
    world.set("a");
  };
  const auto end = run();
  EXPECT_EQ(stored_inside, 1U);
  EXPECT_EQ(store->calls(end.operation).size(), 2U) << end.journal;
}

TEST_F(RunnerCallsTest, OfStepsThatOnlyWaitedAreKeptWhenTheOperationEnds) {
  // The budget runs out while `look` waits: it never writes anything itself.
  toy::learn_paused_plan(world);
  world.behaviour("look").precondition = [&](StepContext& ctx) {
    send(ctx, "look around");
    return not_yet("something that never comes");
  };
  const auto end = run_to_end(toy::paused_plan(), world.registry(), *store, clock);
  EXPECT_EQ(end.record.error_code, "PAUSE_BUDGET_SPENT") << end.journal;
  EXPECT_EQ(calls_of(end.operation, "3.0").size(), 1 + CallLog::kLastKept);
}

TEST_F(RunnerCallsTest, OfADryRunGoNowhere) {
  bool asked = false;
  world.behaviour("a").precondition = [&](StepContext& ctx) {
    asked = ctx.call().observer == nullptr;
    return holds();
  };
  const StepRegistry registry = world.registry();
  const Runner runner(*store, registry, clock);
  runner.dry_run(plan());
  EXPECT_TRUE(asked);
}

}  // namespace
}  // namespace bdrmesh
