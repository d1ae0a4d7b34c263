#include "lab/pd/pd_answers.h"

#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

constexpr std::int64_t kNever = 9223372036854775807;
constexpr std::uint64_t kMemberId = 9678388200596266826U;
constexpr Millis kResolvedStep{8000};
constexpr Millis kResolvedAge{4500};

PdJson short_member(const PdFacts& pd) {
  const std::string url = "http://" + pd.address;
  return {{"name", "pd1"},
          {"member_id", kMemberId},
          {"peer_urls", PdJson::array({url})},
          {"client_urls", PdJson::array({url})}};
}

PdJson member(const PdFacts& pd) {
  PdJson one = short_member(pd);
  one["deploy_path"] = "/lab";
  one["binary_version"] = to_string(pd.version);
  one["git_hash"] = "None";
  return one;
}

std::string go_seconds(WallTime since, WallTime until) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(until - since).count();
  return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
}

}  // namespace

PdJson pd_cluster(const PdFacts& pd) { return {{"id", pd.cluster_id}, {"max_peer_count", 3}}; }

PdJson pd_cluster_status(const PdFacts& pd) {
  return {{"raft_bootstrap_time",
           pd.bootstrapped ? to_rfc3339(pd.started) : std::string("0001-01-01T00:00:00Z")},
          {"is_initialized", pd.bootstrapped},
          {"replication_status", ""}};
}

PdJson pd_members(const PdFacts& pd) {
  const PdJson one = member(pd);
  return {{"header", {{"cluster_id", pd.cluster_id}}},
          {"members", PdJson::array({one})},
          {"leader", one},
          {"etcd_leader", one}};
}

PdJson pd_leader(const PdFacts& pd) { return short_member(pd); }

PdJson pd_health(const PdFacts& pd) {
  PdJson one = short_member(pd);
  one.erase("peer_urls");
  one["health"] = true;
  return PdJson::array({one});
}

PdJson pd_store(const PdFacts& pd, const PdStore& store) {
  const std::string version = to_string(pd.version).substr(1);
  const bool is_up = store.state == "Up";
  PdJson status = {{"capacity", "229GiB"}, {"available", "80GiB"}, {"used_size", "31.77MiB"},
                   {"leader_count", 1},    {"leader_weight", 1},   {"leader_score", 1},
                   {"leader_size", 1},     {"region_count", 1},    {"region_weight", 1},
                   {"region_score", 1},    {"region_size", 1}};
  // A store that leads nothing has no such field.
  if (!is_up) status.erase("leader_count");
  status["start_ts"] = to_rfc3339(store.started);
  status["last_heartbeat_ts"] = to_rfc3339(store.last_heartbeat);
  status["uptime"] = go_seconds(store.started, store.last_heartbeat);
  PdJson facts = {
      {"id", store.id},           {"address", store.address},
      {"version", version},       {"status_address", store.status_address},
      {"git_hash", "None"},       {"start_timestamp", to_millis(store.started) / 1000},
      {"deploy_path", "/lab"},    {"last_heartbeat", to_millis(store.last_heartbeat) * 1'000'000},
      {"state_name", store.state}};
  return {{"store", facts}, {"status", status}};
}

PdJson pd_stores(const PdFacts& pd) {
  PdJson list = PdJson::array();
  for (const PdStore& store : pd.stores) list.push_back(pd_store(pd, store));
  return {{"count", list.size()}, {"stores", list}};
}

PdJson pd_version(const PdFacts& pd) {
  return {{"version", to_string(pd.version)}, {"build_time", ""}, {"hash", ""}, {"branch", ""}};
}

PdJson pd_status(const PdFacts& pd) {
  PdJson body = {{"build_ts", "None"},
                 {"version", to_string(pd.version)},
                 {"git_hash", "None"},
                 {"start_timestamp", to_millis(pd.started) / 1000}};
  if (pd.version >= Version{9, 0, 0}) body["kernel_type"] = "Classic";
  return body;
}

PdJson pd_config_replicate() {
  return {{"max-replicas", 3},
          {"location-labels", ""},
          {"strictly-match-label", "false"},
          {"enable-placement-rules", "true"},
          {"enable-placement-rules-cache", "false"},
          {"isolation-level", ""}};
}

PdJson pd_config_cluster_version(const PdFacts& pd) {
  return pd.bootstrapped ? to_string(pd.version).substr(1) : std::string("0.0.0");
}

PdJson pd_config_replication_mode() {
  return {{"replication-mode", "majority"},
          {"dr-auto-sync",
           {{"label-key", ""},
            {"primary", ""},
            {"dr", ""},
            {"primary-replicas", 0},
            {"dr-replicas", 0},
            {"wait-store-timeout", "1m0s"},
            {"wait-recover-timeout", "0s"},
            {"pause-region-split", "false"}}}};
}

PdJson pd_min_resolved_ts(const PdFacts& pd, std::uint64_t ts, bool is_real_time,
                          const std::string& scope) {
  PdJson body = PdJson::object();
  if (is_real_time) body["is_real_time"] = true;  // left out when false
  body["min_resolved_ts"] = ts;
  body["persist_interval"] = is_real_time ? "1s" : "0s";
  if (pd.version < Version{7, 5, 0}) return body;
  body["stores_min_resolved_ts"] = nullptr;
  if (scope.empty()) return body;
  PdJson stores = PdJson::object();
  for (const PdStore& store : pd.stores) stores[std::to_string(store.id)] = ts;
  body["stores_min_resolved_ts"] = stores;
  return body;
}

PdJson pd_gc_safepoint(const PdFacts& pd, const std::vector<ServiceSafepoint>& services,
                       std::uint64_t gc_worker, std::uint64_t minimum, std::uint64_t collected) {
  PdJson list = PdJson::array();
  for (const ServiceSafepoint& entry : services) {
    list.push_back({{"service_id", entry.service_id},
                    {"expired_at", entry.expired_at},
                    {"safe_point", entry.safe_point}});
  }
  list.push_back({{"service_id", "gc_worker"}, {"expired_at", kNever}, {"safe_point", gc_worker}});
  PdJson body = {{"service_gc_safe_points", list}};
  if (pd.version >= Version{8, 0, 0} && minimum != 0) body["min_service_gc_safe_point"] = minimum;
  body["gc_safe_point"] = collected;
  return body;
}

std::uint64_t late_min_resolved_ts(WallTime now) {
  const Millis since_epoch = now.time_since_epoch();
  const Millis step = since_epoch - since_epoch % kResolvedStep;
  return Tso::at(WallTime{step} - kResolvedAge).value();
}

}  // namespace bdrmesh::lab
