// Every kind of operation is cancelled at any moment, and the clock of its machine jumps.
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "flows/every_kind/kinds.h"
#include "flows/every_kind/sample.h"
#include "flows/every_kind/trial.h"

namespace bdrmesh::flows {
namespace {

using fakes::Effect;
using fakes::Fault;

/// Cancels what runs; that it is too late is an answer.
void cancel(Trial& trial, Runner& runner) {
  const std::string id = trial.operation();
  if (id.empty()) return;
  try {
    runner.cancel(id);
  } catch (const Error& e) {
    EXPECT_TRUE(e.code() == "LINE_CROSSED" || e.code() == "OPERATION_FINAL" ||
                e.code() == "UNKNOWN_OPERATION")
        << e.code() << ": " << e.message();
  }
}

class EveryKindCancelled : public EveryKindTest {};

TEST_P(EveryKindCancelled, DuringAnyCall) {
  const std::vector<CallSite> sites = call_sites(kind());
  for (const std::size_t number : sample(sites.size(), 16)) {
    const CallSite& site = sites[number];
    SCOPED_TRACE(describe(site));
    Trial trial(kind());
    std::atomic<Runner*> runner = nullptr;
    Fault fault;
    fault.cluster = site.cluster;
    fault.method = site.method;
    fault.nth = site.nth;
    fault.effect = Effect::nothing;
    fault.before = [&] {
      if (Runner* living = runner) cancel(trial, *living);
    };
    trial.bench.world.arm(fault);
    trial.finish(trial.run({}, [&](Life& life) { runner = &life.runner(); }));
    if (HasFailure()) return;
  }
}

TEST_P(EveryKindCancelled, BetweenAnyTwoSteps) {
  const std::int64_t writes = clean_run(kind()).writes;
  for (const std::size_t at : sample(static_cast<std::size_t>(writes - 1), 16)) {
    SCOPED_TRACE("after write " + std::to_string(at + 1));
    Trial trial(kind());
    std::atomic<Runner*> runner = nullptr;
    std::jthread person;
    // Its own thread, as the one that writes holds the store.
    const auto on_write = [&](bool before, std::int64_t n) {
      if (before || n != static_cast<std::int64_t>(at) + 1) return;
      person = std::jthread([&] { cancel(trial, *runner.load()); });
    };
    trial.finish(trial.run(
        on_write, [&](Life& life) { runner = &life.runner(); }, [&] { person = {}; }));
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindCancelled, testing::ValuesIn(names_of_cases()), kind_name);

class EveryKindClock : public EveryKindTest {
 protected:
  void jump_at_every_step(Millis by) {
    const std::int64_t writes = clean_run(kind()).writes;
    for (const std::size_t at : sample(static_cast<std::size_t>(writes), 14)) {
      SCOPED_TRACE("after write " + std::to_string(at + 1));
      Trial trial(kind());
      const MonoTime begin = trial.bench.clock.mono();
      trial.finish(trial.run([&](bool before, std::int64_t n) {
        if (!before && n == static_cast<std::int64_t>(at) + 1) trial.bench.clock.jump(by);
      }));
      EXPECT_LT(trial.bench.clock.mono() - begin, std::chrono::minutes{10});
      if (HasFailure()) return;
    }
  }
};

TEST_P(EveryKindClock, JumpsForward) { jump_at_every_step(std::chrono::hours{1}); }
TEST_P(EveryKindClock, JumpsBack) { jump_at_every_step(-std::chrono::hours{1}); }
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindClock, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
