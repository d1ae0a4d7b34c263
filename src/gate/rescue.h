// What to do about gates that stand closed when the manager and its state are gone: judged from the
// clusters' token rows alone (design §2 rule 9). Judging is pure; `Rescue` looks and opens.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/write_gate.h"

namespace bdrmesh {

/// A note found on a cluster's token row.
struct FoundGate {
  ClusterName cluster;
  std::string manager;
  std::uint64_t epoch = 0;
  GateNote note;
};

/// A cluster that refuses writes and carries no note: not our doing, or a standing decision of
/// somebody.
struct UnexplainedGate {
  ClusterName cluster;
  std::string servers;  ///< which of them are not open, and why
};

/// One look at every cluster.
struct RescueLook {
  std::vector<FoundGate> gates;
  std::vector<UnexplainedGate> unexplained;
  std::map<ClusterName, std::string> silent;  ///< clusters that could not be asked, and why
  std::vector<std::string> holders{};         ///< where the rows' managers say that they answer
};

enum class RescueAct {
  open,          ///< its operation has not crossed its line
  wait,          ///< a manager that lives opens it by itself until its deadline
  line_crossed,  ///< opening could let writes meet half a change
  unproven,      ///< other clusters of the operation are silent
  standing,      ///< belongs to the cluster's role: closed is right
};
std::string_view to_string(RescueAct act);

struct RescueDecision {
  FoundGate gate;
  RescueAct act = RescueAct::wait;
  std::string why;
  std::string next;  ///< what a person does now
};

/// @param manager_is_dead  the caller knows: deadlines need not be awaited.
std::vector<RescueDecision> judge_rescue(const RescueLook& look, WallTime now,
                                         bool manager_is_dead);

/// Whether a rescue has ended the pause of this operation: its manager, started again, must not
/// close the gate a second time.
bool was_rescued(const TokenRow& row, const std::string& operation);

class Rescue {
 public:
  Rescue(World& world, const Clock& clock, std::vector<ClusterName> clusters)
      : world_(world), clock_(clock), clusters_(std::move(clusters)) {}

  /// Asks every cluster; one that is silent is part of the answer. Blocks up to `patience` each.
  RescueLook look(Millis patience, const std::stop_token& stop) const;

  /// Takes the cluster's token over with a newer epoch, so that a manager that wakes up may not act
  /// on what it knew. Blocks. Wait for kTokenLease after the last of them before opening any.
  /// @throws Error conflict `RESCUE_TOO_LATE` when the row has changed since it was found: then
  /// nothing was changed.
  void take(const FoundGate& gate, const Call& call) const;
  /// Opens a gate that was taken, and takes the note away. Blocks until every tidb-server is seen
  /// open, or the call's deadline.
  /// @throws Error conflict `RESCUE_TOO_LATE` as `take`; transient `GATE_NOT_SEEN_OPEN` when a
  /// server is silent or late.
  void open(const FoundGate& gate, const Call& call) const;

 private:
  TokenRow found_again(const FoundGate& gate, const Call& call) const;

  World& world_;
  const Clock& clock_;
  std::vector<ClusterName> clusters_;
};

}  // namespace bdrmesh
