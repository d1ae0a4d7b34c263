// Stages that the operations on one member share. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/plan.h"
#include "flows/snapshot.h"

namespace bdrmesh::flows {

/// The links that start or end at `member`.
std::vector<LinkSnapshot> links_of(const GroupSnapshot& snapshot, const ClusterName& member);

/// A step of `type` about the link's feed.
PlannedStep feed_step(const std::string& type, const GroupSnapshot& snapshot,
                      const LinkSnapshot& link, const Json& more = Json::object());
Json links_as_json(const std::vector<LinkSnapshot>& links);

/// Stage `healthy links`: what starts at `member` lags at most so much.
void healthy_outgoing(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& member,
                      Millis max_lag);

struct DrainOptions {
  bool kill = false;
  /// The gate stands closed already with this role, and is taken over.
  std::optional<std::string> standing{};
};

/// Stages up to: nobody writes on `member`, and the others have everything that was written there.
/// A feed that this operation stopped before it was interrupted runs again first.
void close_and_drain(PlanBuilder& plan, const GroupSnapshot& snapshot, const ClusterName& member,
                     const DrainOptions& options);

/// Stage `gate stays closed`: for as long as the cluster has that role.
void keep_closed(PlanBuilder& plan, const ClusterName& member, const std::string& role);

}  // namespace bdrmesh::flows
