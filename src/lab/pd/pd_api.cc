#include "lab/pd/pd_api.h"

#include "base/json.h"

namespace bdrmesh::lab {

namespace {

constexpr std::int64_t kNever = 9223372036854775807;
constexpr std::uint64_t kMemberId = 9678388200596266826U;

Json member(const ClusterState& cluster) {
  const std::string url = "http://" + cluster.pd_address();
  return {{"name", "pd1"},      {"member_id", kMemberId},
          {"peer_urls", {url}}, {"client_urls", {url}},
          {"deploy_path", ""},  {"binary_version", cluster.release_version},
          {"git_hash", "lab"}};
}

Json members(const ClusterState& cluster) {
  const Json one = member(cluster);
  return {{"header", {{"cluster_id", cluster.cluster_id}}},
          {"members", Json::array({one})},
          {"leader", one},
          {"etcd_leader", one}};
}

Json health(const ClusterState& cluster) {
  return Json::array({{{"name", "pd1"},
                       {"member_id", kMemberId},
                       {"client_urls", {"http://" + cluster.pd_address()}},
                       {"health", true}}});
}

Json stores(const ClusterState& cluster) {
  Json list = Json::array();
  std::uint64_t id = 0;
  for (const ComponentView& part : cluster.components()) {
    if (part.type != "tikv") continue;
    list.push_back({{"store",
                     {{"id", ++id},
                      {"address", part.address},
                      {"version", cluster.release_version.substr(1)},
                      {"status_address", part.status_address},
                      {"git_hash", "lab"},
                      {"start_timestamp", to_millis(part.started) / 1000},
                      {"state_name", "Up"}}},
                    {"status", {{"leader_count", 1}, {"region_count", 1}}}});
  }
  return {{"count", list.size()}, {"stores", list}};
}

Json gc_safepoint(const ClusterState& cluster) {
  Json list = Json::array();
  for (const ServiceSafepoint& entry : cluster.safepoints.list()) {
    list.push_back({{"service_id", entry.service_id},
                    {"expired_at", entry.expired_at},
                    {"safe_point", entry.safe_point}});
  }
  list.push_back({{"service_id", "gc_worker"},
                  {"expired_at", kNever},
                  {"safe_point", cluster.safepoints.gc_worker()}});
  Json body = {{"service_gc_safe_points", list}};
  // Since PD v8.0, and left out when 0 (tidb-sql §5.3).
  const std::uint64_t least = cluster.safepoints.minimum();
  if (cluster.profile.tidb >= Version{8, 0, 0} && least != 0) {
    body["min_service_gc_safe_point"] = least;
  }
  body["gc_safe_point"] = cluster.gc.safe_point();
  return body;
}

HttpResponse json(const Json& body) {
  HttpResponse response;
  response.content_type = "application/json; charset=UTF-8";
  response.body = body.dump(2) + "\n";
  return response;
}

HttpResponse not_found() {
  HttpResponse response;
  response.status = 404;
  response.content_type = "text/plain; charset=utf-8";
  response.body = "404 page not found\n";
  return response;
}

}  // namespace

PdApi::PdApi(ClusterState& cluster)
    : cluster_(cluster), server_([this](const HttpRequest& request, const std::stop_token& stop) {
        return faults_.around(request, stop, cluster_.clock, [&] { return answer(request); });
      }) {}

void PdApi::start() {
  server_.start();
  const std::string address = server_.address();
  cluster_.set_pd_address(address);
  const WallTime now = cluster_.clock.now();
  const std::string version = cluster_.release_version.substr(1);
  cluster_.add_component({"pd", address, address, version, "lab", now});
  // There is no TiKV; the topology has one all the same, at an address that nobody serves.
  cluster_.add_component({"tikv", "127.0.0.1:20160", "127.0.0.1:20180", version, "lab", now});
}

HttpResponse PdApi::answer(const HttpRequest& request) const {
  static const std::string prefix = "/pd/api/v1/";
  if (request.path.rfind(prefix, 0) != 0) return not_found();
  const std::string path = request.path.substr(prefix.size());
  static const std::string safepoint = "gc/safepoint/";
  if (request.method == "DELETE" && path.rfind(safepoint, 0) == 0) {
    cluster_.safepoints.remove(path.substr(safepoint.size()));
    return json("Delete service GC safepoint successfully.");
  }
  if (request.method != "GET") return not_found();
  if (path == "cluster") return json({{"id", cluster_.cluster_id}, {"max_peer_count", 3}});
  if (path == "members") return json(members(cluster_));
  if (path == "health") return json(health(cluster_));
  if (path == "stores") return json(stores(cluster_));
  if (path == "gc/safepoint") return json(gc_safepoint(cluster_));
  if (path == "min-resolved-ts") {
    return json({{"is_real_time", true},
                 {"min_resolved_ts", cluster_.ledger.resolved()},
                 {"persist_interval", "1s"}});
  }
  if (path == "version") {
    return json({{"version", cluster_.release_version},
                 {"build_time", ""},
                 {"hash", "lab"},
                 {"branch", ""}});
  }
  return not_found();
}

}  // namespace bdrmesh::lab
