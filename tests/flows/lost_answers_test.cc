// Every change is applied and its answer lost, one at a time; every look fails once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <utility>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {
namespace {

using fakes::Effect;
using fakes::EndOfRun;
using fakes::Fault;
using fakes::PortCall;

using Made = std::map<std::pair<std::string, std::string>, int>;  // calls by cluster and method

Made calls_of(const FlowBench& bench, bool changes) {
  Made made;
  for (const PortCall& call : bench.world.calls()) {
    if (call.changes == changes) ++made[{call.cluster, call.method}];
  }
  return made;
}

Fault strike(const std::pair<std::string, std::string>& where, int nth, Effect effect) {
  Fault fault;
  fault.cluster = where.first;
  fault.method = where.second;
  fault.nth = nth;
  fault.effect = effect;
  return fault;
}

/// Runs `make` anew for each call that a clean run made, with that call struck.
template <class Make, class Judge>
void strike_each(const Made& made, Effect effect, const Make& make, const Judge& judge) {
  for (const auto& [where, times] : made) {
    for (int nth = 1; nth <= times; ++nth) {
      SCOPED_TRACE(where.second + " of " + where.first + ", call " + std::to_string(nth));
      FlowBench bench;
      const Plan plan = make(bench);
      bench.world.arm(strike(where, nth, effect));
      judge(bench, bench.run(plan));
      if (testing::Test::HasFailure()) return;
    }
  }
}

Plan paused_ddl(FlowBench& bench) {
  bench.bring_up();
  return bench.paused_ddl();
}

/// The calls of a clean run, without those that brought the group up and made the plan.
template <class Make>
Made clean_calls(const Make& make, bool changes) {
  FlowBench bench;
  const Plan plan = make(bench);
  Made made;
  const Made before = calls_of(bench, changes);
  bench.run(plan);
  for (const auto& [where, times] : calls_of(bench, changes)) {
    const auto earlier = before.find(where);
    const int more = times - (earlier == before.end() ? 0 : earlier->second);
    if (more > 0) made[where] = more;
  }
  return made;
}

TEST(LostAnswers, APausedDdlSurvivesTheLossOfAnyAnswerToAChange) {
  strike_each(clean_calls(paused_ddl, true), Effect::lose_answer, paused_ddl,
              [](const FlowBench& bench, const EndOfRun& end) {
                expect_column_dropped(bench, end, "east");
              });
}

TEST(LostAnswers, APausedDdlSurvivesThatAnyChangeFailsOnce) {
  strike_each(clean_calls(paused_ddl, true), Effect::transient, paused_ddl,
              [](const FlowBench& bench, const EndOfRun& end) {
                expect_column_dropped(bench, end, "east");
              });
}

/// A look that fails just before the gates close may end it, but then nothing has happened.
TEST(LostAnswers, AnyLookThatFailsOnceHarmsNoPausedDdl) {
  Made looks = clean_calls(paused_ddl, false);
  for (auto& [where, times] : looks) times = std::min(times, 6);
  FlowBench untouched;
  untouched.bring_up();
  const Json before = untouched.standing();
  strike_each(looks, Effect::transient, paused_ddl,
              [&](const FlowBench& bench, const EndOfRun& end) {
                if (end.record.error_code == "GATE_NOT_OPEN") {
                  expect_reverted(bench, end, before);
                } else {
                  expect_column_dropped(bench, end, "east");
                }
              });
}

/// After a crash inside any change, before or after it took effect, the next process finishes or
/// undoes; never half.
void crash_each(Effect effect) {
  for (const auto& [where, times] : clean_calls(paused_ddl, true)) {
    for (int nth = 1; nth <= times; ++nth) {
      SCOPED_TRACE(where.second + " of " + where.first + ", call " + std::to_string(nth));
      FlowBench bench;
      const Plan plan = paused_ddl(bench);
      bench.world.arm(strike(where, nth, effect));
      bench.run_dying(plan, {});
      bench.world.disarm();
      expect_column_dropped(bench, bench.run(plan), "east");
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(LostAnswers, APausedDdlFinishesAfterACrashBeforeAnyChange) {
  crash_each(Effect::crash_before);
}
TEST(LostAnswers, APausedDdlFinishesAfterACrashAfterAnyChange) { crash_each(Effect::crash_after); }

}  // namespace
}  // namespace bdrmesh::flows
