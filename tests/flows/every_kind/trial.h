// One operation in its world, disturbed once, and the judgement that holds for every kind: nothing
// is stuck, no gate is forgotten, the world is as before or as after a clean run.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "flows/every_kind/kind_cases.h"
#include "gate/guard/guarded_world.h"

namespace bdrmesh::flows {

/// One process of the manager on the trial's world, wired as the daemon is, from its start to its
/// end.
class Life {
 public:
  /// @param epoch  of its token; 0: the next one
  explicit Life(FlowBench& bench, std::uint64_t epoch = 0);
  /// On a state of its own.
  Life(FlowBench& bench, StateStore& store, std::uint64_t epoch = 0);

  Runner& runner() { return *runner_; }
  const ManagerIdentity& identity() const { return tokens_.identity(); }
  /// The clock turns again for this one, after another has lived.
  void turn_clock();
  /// Until the operation is final or blocked. @throws SimulatedCrash when it was told to die.
  fakes::EndOfRun wait(const std::string& operation);
  fakes::EndOfRun end_of(const std::string& operation) const;

 private:
  FlowBench& bench_;
  StateStore& store_;
  fakes::DistinctMoments moments_;
  TokenKeeper tokens_;
  GuardedWorld world_;
  ReadOnlyGate gate_;
  FeedBoard feeds_;
  FlowPorts ports_;
  StepRegistry registry_;
  fakes::SelfTurningRunner runner_;
};

class Trial {
 public:
  /// @param store  for the state; none: in memory
  explicit Trial(const KindCase& kind, std::unique_ptr<StateStore> store = nullptr);

  const KindCase& kind;
  FlowBench bench;
  Plan plan;
  Json before;
  std::size_t calls_before = 0;  ///< that were made before the operation began
  std::size_t locks_before = 0;  ///< that others hold

  /// One process that starts the operation, or takes it up; `alive` is called before it is
  /// submitted, `ended` when it has come to rest and the process still lives.
  fakes::EndOfRun run(const StateStore::WriteHook& on_write = {},
                      const std::function<void(Life&)>& alive = {},
                      const std::function<void()>& ended = {});
  /// The next process and a person end what is left, with nothing in the way any more; then
  /// judges.
  void finish(fakes::EndOfRun end);
  /// As above, beginning with a next process.
  void restart_and_finish();

  /// Standing without times and names that differ from run to run.
  Json standing() const;
  /// Gates that stand closed without a note on their cluster that says why.
  std::vector<std::string> forgotten_gates() const;
  /// The operation of this trial; empty while nobody has asked for it.
  std::string operation() const;

 private:
  void judge(const fakes::EndOfRun& end) const;
  void expect_blocked_well(const fakes::EndOfRun& end) const;

  std::string earlier_;  ///< the newest operation before
};

/// What a run without any disturbance does.
struct CleanRun {
  std::vector<fakes::PortCall> calls;
  std::int64_t writes = 0;
  Json standing;
};
/// Made once per kind.
const CleanRun& clean_run(const KindCase& kind);

/// A call of a clean run: the nth of its method on its cluster since the operation began.
struct CallSite {
  std::string cluster;
  std::string method;
  bool changes = false;
  int nth = 1;
};
std::string describe(const CallSite& site);
std::vector<CallSite> call_sites(const KindCase& kind);

}  // namespace bdrmesh::flows
