// Hooks around and inside a paused schema change: they stop it cleanly, warn, are counted against
// the pause, and run again after a crash only when they are not known to have ended.
#include <gmock/gmock.h>

#include "flows/flow_bench.h"
#include "flows/hook/hook_port.h"

namespace bdrmesh::flows {
namespace {

using fakes::EndOfRun;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Answers as told; keeps what it was asked.
class ToldHooks final : public HookRunner {
 public:
  std::string fault_of(const HookSpec& hook) override {
    return hook.run.front() == "/absent" ? "No such file or directory" : "";
  }
  HookOutcome run(const HookCall& call, const std::function<void(const std::string&)>& begun,
                  const Call&) override {
    const std::lock_guard lock(mutex);
    calls.push_back(call);
    begun("mark of " + call.hook.run.front());
    if (during) during();
    return answer;
  }
  void end_leftover(const std::string& mark) override { ended.push_back(mark); }

  std::mutex mutex;
  std::vector<HookCall> calls;
  std::vector<std::string> ended;
  HookOutcome answer{true, false, "exit status 0", "", Millis{5}};
  std::function<void()> during;
};

struct Hooks : ::testing::Test {
  FlowBench bench;
  ToldHooks hooks;

  Hooks() {
    bench.bring_up();
    bench.hooks = &hooks;
  }
  void configure(const std::string& stage, HookWhen when, HookFailure failure = HookFailure::stop,
                 const std::string& program = "/hook") {
    HookSpec hook;
    hook.on = {"ddl.run"};
    hook.stage = stage;
    hook.when = when;
    hook.on_failure = failure;
    hook.run = {program};
    bench.desired.groups.front().hooks.push_back(hook);
  }
  std::vector<std::string> events(const EndOfRun& end) const {
    std::vector<std::string> texts;
    for (const EventRecord& event : bench.store->operation_events(end.operation))
      texts.push_back(event.severity + ": " + event.text);
    return texts;
  }
};

TEST_F(Hooks, AreToldWhatTheyAreRunFor) {
  configure("close gates", HookWhen::before);
  hooks.answer.output = "pool drained";
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "east");
  ASSERT_EQ(hooks.calls.size(), 1U);
  EXPECT_EQ(hooks.calls[0].operation, end.operation);
  EXPECT_EQ(hooks.calls[0].kind, "ddl.paused");
  EXPECT_EQ(hooks.calls[0].group, "orders");
  EXPECT_EQ(hooks.calls[0].hook.stage, "close gates");
  EXPECT_EQ(hooks.calls[0].attempt, 1);
  EXPECT_EQ(hooks.calls[0].limit, Millis{30'000});
  EXPECT_THAT(events(end), Contains(HasSubstr("info: hook before close gates (/hook): exit status "
                                              "0; it wrote: pool drained")));
}

TEST_F(Hooks, StopTheOperationCleanlyBeforeAGateIsClosed) {
  configure("close gates", HookWhen::before);
  hooks.answer = {false, false, "exit status 3", "batch still runs", Millis{5}};
  const Json before = bench.standing();
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "HOOK_FAILED");
  EXPECT_THAT(end.record.error_text, HasSubstr("exit status 3; it wrote: batch still runs"));
  EXPECT_TRUE(end.record.pause_started == std::nullopt);
}

TEST_F(Hooks, StopItInsideThePauseToo) {
  configure("close gates", HookWhen::after);
  hooks.answer = {false, false, "timed out after 5000 ms", "", Millis{5}};
  const Json before = bench.standing();
  hooks.during = [this] { EXPECT_FALSE(bench.inner.all_gates_open()); };
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "HOOK_FAILED");
}

TEST_F(Hooks, OnlyWarnBehindTheLine) {
  configure("open gates", HookWhen::before);
  hooks.answer = {false, false, "exit status 1", "no", Millis{5}};
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_column_dropped(bench, end, "east");
  EXPECT_THAT(events(end), Contains(HasSubstr("warning: hook before open gates")));
}

TEST_F(Hooks, ArePartOfThePause) {
  configure("drain transactions", HookWhen::before, HookFailure::warn);
  const EndOfRun end = bench.run(bench.paused_ddl(kDropNote, Millis{4000}));
  expect_column_dropped(bench, end, "east");
  ASSERT_EQ(hooks.calls.size(), 1U);
  EXPECT_LE(hooks.calls[0].limit, Millis{4000});
}

TEST_F(Hooks, SpendThePauseBudget) {
  configure("drain transactions", HookWhen::before, HookFailure::warn);
  hooks.during = [this] { bench.clock.advance(Millis{5000}); };
  const Json before = bench.standing();
  const EndOfRun end = bench.run(bench.paused_ddl(kDropNote, Millis{4000}));
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "PAUSE_BUDGET_SPENT");
}

TEST_F(Hooks, ThatCannotRunStopTheOperationBeforeTheyAreBegun) {
  configure("start", HookWhen::before, HookFailure::stop, "/absent");
  const Json before = bench.standing();
  const EndOfRun end = bench.run(bench.paused_ddl());
  expect_reverted(bench, end, before);
  EXPECT_EQ(end.record.error_code, "HOOK_FAILED");
  EXPECT_TRUE(hooks.calls.empty());
}

TEST_F(Hooks, RunAgainAfterACrashOnlyWhenTheyAreNotKnownToHaveEnded) {
  configure("start", HookWhen::before);
  bool again = false;
  bool once = false;
  for (int write = 1; write <= 14; ++write) {
    SCOPED_TRACE("dies after write " + std::to_string(write));
    FlowBench fresh;
    fresh.bring_up();
    ToldHooks told;
    fresh.hooks = &told;
    fresh.desired.groups.front().hooks = bench.desired.groups.front().hooks;
    const Plan made = fresh.paused_ddl();
    if (!fresh.run_dying(made, fakes::die(fakes::Death::after_write, write))) break;
    const EndOfRun end = fresh.run(made);
    EXPECT_EQ(end.record.state, OperationState::succeeded) << end.journal;
    ASSERT_GE(told.calls.size(), 1U);
    ASSERT_LE(told.calls.size(), 2U);
    if (told.calls.size() == 2) {
      again = true;
      EXPECT_EQ(told.calls[1].attempt, 2);
      EXPECT_EQ(told.calls[1].operation, told.calls[0].operation);
      EXPECT_THAT(told.ended, ElementsAre("mark of /hook"));
    } else {
      once = true;
    }
  }
  EXPECT_TRUE(again) << "no crash fell into the hook";
  EXPECT_TRUE(once);
}

}  // namespace
}  // namespace bdrmesh::flows
