// Why a link is as it is, in words, with what to do about it: upstream, sink, table, DDL, lock,
// network, credentials. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/tidb_cluster.h"
#include "mesh/cluster_seen.h"
#include "mesh/judge/gc_budget.h"
#include "mesh/judge/link_verdict.h"
#include "model/names.h"

namespace bdrmesh {

/// What was asked of the target for this link only.
struct TargetLook {
  std::vector<DdlJob> running;           ///< DDL that has not ended
  std::vector<OpenTransaction> of_sink;  ///< transactions of the link's sink user
  std::string error;                     ///< why it could not be asked; empty: it was
};

struct ExplainInputs {
  GroupName group;
  Link link;
  const ClusterSeen* origin = nullptr;
  const ClusterSeen* target = nullptr;
  std::optional<FeedSummary> feed;
  std::optional<Movement> movement;
  LinkVerdict verdict;
  std::optional<GcBudget> gc;
  BeatSeen beat;
  std::string silent;
  std::optional<TargetLook> look;
  WallTime now;
};

struct Cause {
  /// upstream, sink, table, ddl, lock, network, credentials, history, configuration, conflict,
  /// storage, heartbeat, unknown
  std::string area;
  std::string text;
  std::string remedy;  ///< what to do or type; may be empty
  bool certain = false;
};

/// Certain causes first; never empty: a healthy link is said to be one.
std::vector<Cause> explain_link(const ExplainInputs& inputs);

}  // namespace bdrmesh
