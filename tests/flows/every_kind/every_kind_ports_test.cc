// Every kind of operation with every call of every port failing, stalling, taking effect unheard or
// later than that, one at a time.
#include <gtest/gtest.h>

#include "flows/every_kind/kinds.h"
#include "flows/every_kind/sample.h"
#include "flows/every_kind/trial.h"

namespace bdrmesh::flows {
namespace {

using fakes::Effect;
using fakes::EndOfRun;
using fakes::Fault;

class EveryKindPorts : public EveryKindTest {
 protected:
  static Fault at(const CallSite& site, Effect effect) {
    Fault fault;
    fault.cluster = site.cluster;
    fault.method = site.method;
    fault.nth = site.nth;
    fault.effect = effect;
    return fault;
  }

  /// A fault that lasts is mended after an hour: until then, an operation that cannot know what it
  /// may do waits and says for what.
  static MonoTime mended(const Trial& trial) {
    return trial.bench.clock.mono() + std::chrono::hours{1};
  }

  static bool is_change(const CallSite& site) { return site.changes; }
  static bool is_any(const CallSite&) { return true; }

  template <class Which, class Arm>
  void strike_each(std::size_t wanted, const Which& which, const Arm& arm) {
    std::vector<CallSite> sites = call_sites(kind());
    std::erase_if(sites, [&](const CallSite& site) { return !which(site); });
    for (const std::size_t number : sample(sites.size(), wanted)) {
      const CallSite& site = sites[number];
      SCOPED_TRACE(describe(site));
      Trial trial(kind());
      arm(trial, site);
      trial.finish(trial.run());
      if (HasFailure()) return;
    }
  }

  void strike_each(std::size_t wanted, bool (*which)(const CallSite&), Effect effect) {
    strike_each(wanted, which, [&](Trial& trial, const CallSite& site) {
      trial.bench.world.arm(at(site, effect));
    });
  }
};

TEST_P(EveryKindPorts, FailsOnce) { strike_each(14, is_any, Effect::transient); }

TEST_P(EveryKindPorts, FailsSomeTimesInARow) {
  strike_each(10, is_any, [](Trial& trial, const CallSite& site) {
    Fault fault = at(site, Effect::transient);
    fault.times = 3;
    trial.bench.world.arm(fault);
  });
}

TEST_P(EveryKindPorts, Refuses) { strike_each(14, is_any, Effect::refuse); }

TEST_P(EveryKindPorts, RefusesFromThenOn) {
  strike_each(10, is_any, [](Trial& trial, const CallSite& site) {
    Fault fault = at(site, Effect::refuse);
    fault.from_then_on = true;
    fault.until = mended(trial);
    trial.bench.world.arm(fault);
  });
}

TEST_P(EveryKindPorts, Stalls) { strike_each(10, is_any, Effect::stall); }

TEST_P(EveryKindPorts, StallsFromThenOn) {
  strike_each(6, is_any, [](Trial& trial, const CallSite& site) {
    Fault fault = at(site, Effect::stall);
    fault.from_then_on = true;
    fault.until = mended(trial);
    trial.bench.world.arm(fault);
  });
}

TEST_P(EveryKindPorts, TakesEffectAndTimesOut) { strike_each(14, is_any, Effect::lose_answer); }

/// A change comes after so many later calls to its cluster: also after it was looked for.
void come_late(Trial& trial, const CallSite& site, int late_by) {
  Fault fault;
  fault.cluster = site.cluster;
  fault.method = site.method;
  fault.nth = site.nth;
  fault.effect = Effect::arrive_late;
  fault.late_by = late_by;
  if (site.method == "tidb.run_ddl") {
    // A server goes on with a DDL whose sender is gone; its session shows that.
    fault.effect = Effect::nothing;
    fault.before = [&trial, name = site.cluster, late_by] {
      trial.bench.inner.with(
          name, [&](fakes::ClusterState& cluster) { cluster.hold_next_for = late_by; });
    };
  }
  trial.bench.world.arm(fault);
}

TEST_P(EveryKindPorts, TimesOutAndTakesEffectAfterTheNextLook) {
  strike_each(12, is_change, [](Trial& trial, const CallSite& site) { come_late(trial, site, 1); });
}

TEST_P(EveryKindPorts, TimesOutAndTakesEffectMuchLater) {
  strike_each(10, is_change, [](Trial& trial, const CallSite& site) { come_late(trial, site, 4); });
}

TEST_P(EveryKindPorts, AClusterIsGoneFromAnyCallOn) {
  strike_each(10, is_any, [](Trial& trial, const CallSite& site) {
    Fault reached = at(site, Effect::nothing);
    reached.before = [&trial, name = site.cluster] {
      Fault gone;
      gone.cluster = name;
      gone.effect = Effect::transient;
      gone.from_then_on = true;
      gone.until = mended(trial);
      trial.bench.world.arm(gone);
    };
    trial.bench.world.arm(reached);
  });
}

TEST_P(EveryKindPorts, AClusterIsGoneForAWhile) {
  strike_each(10, is_any, [](Trial& trial, const CallSite& site) {
    Fault reached = at(site, Effect::nothing);
    reached.before = [&trial, name = site.cluster] {
      Fault gone;
      gone.cluster = name;
      gone.effect = Effect::transient;
      gone.times = 12;
      trial.bench.world.arm(gone);
    };
    trial.bench.world.arm(reached);
  });
}

TEST_P(EveryKindPorts, TheProcessDiesInTheCall) {
  strike_each(10, is_change, [](Trial& trial, const CallSite& site) {
    trial.bench.world.arm(at(site, Effect::crash_after));
    try {
      trial.run();
    } catch (const SimulatedCrash&) {
    }
    trial.bench.world.disarm();
  });
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKindPorts, testing::ValuesIn(names_of_cases()), kind_name);

}  // namespace
}  // namespace bdrmesh::flows
