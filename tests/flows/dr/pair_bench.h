// A FlowBench with a pair of primary and secondary instead of a mesh: north feeds dr.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fakes/fake_world.h"
#include "flows/dr/redo_port.h"
#include "flows/flow_bench.h"

namespace bdrmesh::flows {

/// A redo log that a test writes by hand.
class FakeRedoTool final : public RedoTool {
 public:
  std::string fault() override { return ""; }
  RedoPositions positions(const std::string& storage, const Call& limits) override;
  std::string apply(const std::string& storage, const Secret& sink_uri,
                    const std::function<void(const std::string&)>& begun,
                    const Call& limits) override;
  void end_leftover(const std::string& mark) override { ended.push_back(mark); }

  RedoPositions log;
  int times_applied = 0;
  int fails = 0;  ///< so many tries fail
  std::vector<std::string> ended;
  std::vector<std::string> uris;
};

/// Turns the group of two into a pair as `dr bootstrap` leaves it: one feed from the first to the
/// second, whose gate stands closed.
void make_pair(FlowBench& bench);

class PairBench : public FlowBench {
 public:
  /// As `dr bootstrap` leaves it: one feed from north to dr, the gate of dr stands closed.
  PairBench();

  /// Everything that must be the same again after an operation was undone.
  Json standing_pair() const;
  /// Rows that an application commits on `cluster`; false when it refuses them.
  bool write(const std::string& cluster) { return inner.try_write(cluster, 0); }
  bool writable(const std::string& cluster) const;
  bool stands_closed(const std::string& cluster) const;
  /// north is lost: nothing of it answers.
  void lose_north();
  std::vector<std::string> feeds(const std::string& cluster) const;

  FakeRedoTool tool;
};

}  // namespace bdrmesh::flows
