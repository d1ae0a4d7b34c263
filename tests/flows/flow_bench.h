// What the flow tests share: a world of clusters, the real runner on a real store, a process that
// can die and start again, and the question whether everything is as it was.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "engine/registry.h"
#include "fakes/engine_harness.h"
#include "fakes/fake_world.h"
#include "fakes/faulty_world.h"
#include "fakes/memory_certificates.h"
#include "fakes/memory_link_book.h"
#include "flows/kinds.h"
#include "flows/step_registry.h"

namespace bdrmesh::flows {

inline constexpr const char* kDropNote = "ALTER TABLE app.orders DROP COLUMN old_note";

class FlowBench {
 public:
  explicit FlowBench(const std::vector<std::string>& names = {"east", "west"});

  /// The group as a first `group apply` leaves it; `primary` holds the role, nobody when empty.
  void bring_up(const std::string& primary = "east");

  Plan plan(const std::string& kind, const Json& args = Json::object());
  Plan paused_ddl(const std::string& script = kDropNote, Millis max_pause = Millis{10000});
  Plan group_apply() { return plan("group.apply"); }

  /// One process from its start to the operation's end; the next call is the next process, with the
  /// next epoch.
  /// @throws SimulatedCrash
  fakes::EndOfRun run(const Plan& plan, fakes::DieAt death = {});
  /// A run that dies at most once more, then runs to the end. @return whether it died.
  bool run_dying(const Plan& plan, fakes::DieAt death);

  /// A process in which a person resumes a blocked operation.
  fakes::EndOfRun resume(const std::string& operation);
  /// A process in which a person skips the step that blocks an operation.
  fakes::EndOfRun skip(const std::string& operation, const std::string& step,
                       const std::string& reason);

  /// Everything that must be the same again after an operation was undone.
  Json standing() const;

  fakes::FakeClock clock;
  fakes::FakeWorld inner;
  fakes::FaultyWorld world;
  Desired desired;
  fakes::MemoryLinkBook book;
  fakes::MemoryCertificates certificates;
  std::unique_ptr<StateStore> store = StateStore::in_memory();
  RunnerOptions options;
  HookRunner* hooks = nullptr;
  RedoTool* redo = nullptr;

  /// While it lives, operations go to an empty state of their own: the old one is lost.
  class OtherState {
   public:
    explicit OtherState(FlowBench& bench) : bench_(bench), kept_(std::move(bench.store)) {
      bench_.store = StateStore::in_memory();
    }
    ~OtherState() { bench_.store = std::move(kept_); }
    OtherState(const OtherState&) = delete;
    OtherState& operator=(const OtherState&) = delete;

   private:
    FlowBench& bench_;
    std::unique_ptr<StateStore> kept_;
  };

  struct Process;
  std::uint64_t next_epoch() { return ++epoch_; }

 private:
  fakes::EndOfRun steer(const std::string& operation, const std::function<void(Runner&)>& act);

  std::uint64_t epoch_ = 0;
};

/// Wiring of one process: new at each start, as in the daemon.
struct FlowBench::Process {
  explicit Process(FlowBench& bench, std::uint64_t epoch);
  TokenKeeper tokens;
  ReadOnlyGate gate;
  FeedBoard feeds;
  FlowPorts ports;
  StepRegistry registry;
};

/// Counts as failures whatever of `world` must never be.
void expect_no_hazard(const FlowBench& bench, const std::string& journal);
/// Undone: state reverted (or cancelled), all gates open, no note left, everything as `before`.
void expect_reverted(const FlowBench& bench, const fakes::EndOfRun& end, const Json& before);
/// Succeeded: the column is gone once on every cluster, gates open, roles as wanted.
void expect_column_dropped(const FlowBench& bench, const fakes::EndOfRun& end,
                           const std::string& primary);

}  // namespace bdrmesh::flows
