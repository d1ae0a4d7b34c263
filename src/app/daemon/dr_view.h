// A pair for people: who is what, how far behind the secondary is, what a failover would lose now,
// whether a switchover would go, in one word with reasons. Judging is pure; asking is the
// backend's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "flows/dr/failover_plan.h"
#include "mesh/mesh_watch.h"
#include "mesh/pair_note.h"
#include "store/records.h"

namespace bdrmesh::views {

/// What is known of a pair now. Absent: could not be asked.
struct PairInputs {
  GroupSpec configured;
  GroupSpec group;  ///< as it stands
  std::shared_ptr<const ClusterSeen> primary;
  std::shared_ptr<const ClusterSeen> secondary;
  LinkSeen link;
  std::optional<PairNote> note;
  std::optional<flows::FailoverView> failover;
  std::string failover_unknown;  ///< why the former is absent
  std::optional<Syncpoint> syncpoint;
  std::optional<Tso> external_ts;
  std::optional<bool> reads_past;
  std::optional<OperationRecord> last_switchover;
  std::vector<MeshFinding> findings;
  WallTime now;
};

Json pair(const PairInputs& inputs);

}  // namespace bdrmesh::views
