#include "lab/cdc/api_checks.h"

#include <regex>

#include "lab/feed/api_error.h"
#include "lab/feed/sink_session.h"
#include "lab/owner/feed_launch.h"

namespace bdrmesh::lab {

namespace {

constexpr std::chrono::seconds kHoldTtl{3600};
constexpr Millis kPatience{5000};

/// By the row that tells cluster ids, or, as tidb-servers before it do not have it, by address.
bool is_same_cluster(const ClusterState& cluster, const SinkUri& sink) {
  const std::string address = sink.host + ":" + std::to_string(sink.port);
  for (std::size_t i = 0; i < ClusterState::kServers; ++i) {
    if (cluster.front_end(i).address == address) return true;
  }
  if (sink.port == cluster.engine().port) return true;
  SqlSession session({"", sink.host, sink.port, sink.user, sink.password}, kPatience);
  try {
    const auto rows = session.query(
        "SELECT VARIABLE_VALUE FROM mysql.tidb WHERE VARIABLE_NAME = 'cluster_id'", kPatience);
    return !rows.empty() && rows[0][0] == std::to_string(cluster.cluster_id);
  } catch (const SqlError&) {
    return false;  // no TiDB, or none that tells: allowed
  }
}

}  // namespace

void require_name(const ApiRules& rules, const std::string& name, const std::string& what) {
  static const std::regex shape("^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$");
  constexpr std::size_t kLongest = 128;
  if (name.size() <= kLongest && std::regex_match(name, shape)) return;
  std::string text = "invalid " + what + ": " + name;
  if (rules.new_arch) {
    text +=
        ", [CDC:ErrInvalidChangefeedID]bad changefeed id, please match the pattern "
        "\"^[a-zA-Z0-9]+(\\-[a-zA-Z0-9]+)*$\", the length should no more than 128, eg, "
        "\"simple-changefeed-task\"";
  }
  throw invalid_param(text);
}

void hold_gc(const ApiContext& context, const std::string& purpose, const ChangefeedInfo& feed,
             std::uint64_t ts) {
  const std::uint64_t least = context.owner.gc_safepoint();
  if (ts - 1 < least) {
    throw ApiError(400, "CDC:ErrStartTsBeforeGC",
                   "fail to create or maintain changefeed because start-ts " + std::to_string(ts) +
                       " is earlier than or equal to GC safepoint at " + std::to_string(least));
  }
  context.cluster.safepoints.set(
      context.owner.gc_service() + "-" + purpose + "-" + feed.space + "_" + feed.id, ts - 1,
      kHoldTtl);
}

void choose_start(const ApiContext& context, const ChangefeedRequest& request,
                  ChangefeedInfo& info) {
  const std::uint64_t now = context.cluster.oracle.next();
  info.start_ts = request.start_ts == 0 ? now : request.start_ts;
  info.target_ts = request.target_ts;
  if (info.start_ts > now) {
    throw invalid_param("invalid start-ts " + std::to_string(info.start_ts) +
                        ", larger than current tso " + std::to_string(now));
  }
}

void require_target_behind_start(const ChangefeedInfo& info) {
  if (info.target_ts == 0 || info.target_ts > info.start_ts) return;
  throw ApiError(400, "CDC:ErrTargetTsBeforeStartTs",
                 "fail to create changefeed because target-ts " + std::to_string(info.target_ts) +
                     " is earlier than start-ts " + std::to_string(info.start_ts));
}

void require_past(const ApiContext& context, std::uint64_t checkpoint) {
  const std::uint64_t now = context.cluster.oracle.next();
  if (checkpoint <= now) return;
  throw invalid_param("invalid checkpoint-ts " + std::to_string(checkpoint) +
                      ", larger than current tso " + std::to_string(now));
}

void require_other_cluster(const ApiContext& context, const std::string& sink_uri,
                           const std::string& doing) {
  const SinkUri sink = parse_sink_uri(sink_uri);
  if (!sink.is_mysql()) return;
  probe_downstream(sink, sink_uri, false);
  if (!context.rules().refuses_same_cluster || !is_same_cluster(context.cluster, sink)) return;
  throw ApiError(500, "CDC:ErrSameUpstreamDownstream",
                 "TiCDC does not support " + doing +
                     " a changefeed with the same TiDB cluster as both the source and the target "
                     "for the changefeed.");
}

void require_runnable(const ApiContext& context, const ChangefeedInfo& info) {
  launch_plan(context.cluster, info, context.node.address, info.start_ts);
}

void take_target(const ChangefeedRequest& asked, ChangefeedInfo& info) {
  if (asked.target_ts == 0) return;
  if (asked.target_ts <= info.start_ts) {
    throw refused_update("can not update target_ts:" + std::to_string(asked.target_ts) +
                         " less than start_ts:" + std::to_string(info.start_ts));
  }
  info.target_ts = asked.target_ts;
}

ApiError refused_update(const std::string& cause) {
  return {400, "CDC:ErrChangefeedUpdateRefused", cause};
}

ApiError no_sink_uri() {
  return {400, "CDC:ErrSinkURIInvalid",
          "sink uri invalid 'sink_uri is empty, cannot create a changefeed without sink_uri'"};
}

ApiError already_exists(const ApiRules& rules, const std::string& id) {
  return {rules.already_exists_status, "CDC:ErrChangeFeedAlreadyExists",
          "changefeed already exists, " + id};
}

ApiError snapshot_at_zero(const ApiContext& context) {
  const std::uint64_t least = context.owner.gc_safepoint();
  std::string time = go_json_time(least == 0 ? 1 : least);
  return {
      500, "CDC:ErrMetaListDatabases",
      "meta store list databases: [tikv:9006]GC life time is shorter than transaction "
      "duration, transaction start ts is 0 (1970-01-01 00:00:00 +0000 UTC), txn safe point is " +
          std::to_string(least) + " (" + time + " +0000 UTC)"};
}

}  // namespace bdrmesh::lab
