#include "lab/owner/feed_launch.h"

#include <utility>

#include "lab/redo/redo_log.h"

namespace bdrmesh::lab {

FeedPlan launch_plan(ClusterState& cluster, const ChangefeedInfo& info, const std::string& address,
                     std::uint64_t from_ts) {
  const ReplicaConfig& config = info.config;
  FeedPlan plan;
  plan.id = info.id;
  plan.space = info.space;
  plan.address = address;
  plan.sink = parse_sink_uri(info.sink_uri);
  plan.filter = std::make_shared<TableFilter>(config.rules, config.case_sensitive);
  plan.bdr_mode = config.bdr_mode;
  plan.force_replicate = config.force_replicate;
  plan.safe_mode = config.safe_mode;
  plan.from_ts = from_ts;
  plan.replace_up_to = cluster.oracle.next();
  plan.target_ts = info.target_ts;
  plan.ignored_start_ts = config.ignored_start_ts;
  apply_replica_config(plan, config.answer);
  if (config.redo()) {
    RedoOwner owner{address, info.space, info.id, cluster.profile.is_classic() ? 0 : 1};
    plan.open_redo = [&clock = cluster.clock, json = config.answer, owner = std::move(owner)](
                         std::uint64_t from) { return open_redo_log(clock, json, owner, from); };
  }
  return plan;
}

}  // namespace bdrmesh::lab
