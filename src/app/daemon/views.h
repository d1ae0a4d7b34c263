// Renders what was seen and stored as the JSON that api/backend.h describes. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/runner.h"
#include "gate/token_keeper.h"
#include "mesh/link_book.h"
#include "mesh/mesh_watch.h"
#include "mesh/observer.h"
#include "store/records.h"

namespace bdrmesh::views {

/// `seen` may be nullptr: nothing is known yet.
Json cluster(const ClusterSpec& spec, const ClusterSeen* seen, const ManagerIdentity& we);
/// Every gate of the cluster that is not known to be open; also one that nobody could ask.
Json gates(const ClusterSeen& seen, WallTime now);

struct LinkInputs {
  GroupName group;
  Link link;
  const ClusterSeen* origin = nullptr;
  std::vector<LinkIncarnation> book;  ///< of the group
  std::optional<Movement> movement;   ///< of the feed in use
  const LinkSeen* seen = nullptr;     ///< the watch's judgement; nullptr: judged by the above alone
  WallTime now;
};
/// The feed in use: the highest incarnation on the list, else the last one in the book.
ChangefeedId feed_in_use(const LinkInputs& inputs);
Json link(const LinkInputs& inputs);

Json finding(const MeshFinding& finding);

/// healthy: all move. degraded: one does not. down: none works. unknown: nobody could tell of one.
std::string verdict_of_links(const Json& links);

Json summary(const OperationRecord& operation, const std::vector<StepRecord>& steps);

struct OperationInputs {
  OperationRecord record;
  std::vector<StepRecord> steps;
  std::vector<FactRecord> facts;
  std::vector<EventRecord> events;
  std::vector<StepProgress> progress;
  WallTime now;
};
Json operation(const OperationInputs& inputs);
/// A plan that has not run: its stages with pending steps.
Json plan(const Plan& plan);
Json event(const EventRecord& record);

}  // namespace bdrmesh::views
