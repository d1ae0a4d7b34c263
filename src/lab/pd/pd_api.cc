#include "lab/pd/pd_api.h"

#include <algorithm>
#include <map>

#include "lab/pd/pd_answers.h"

namespace bdrmesh::lab {

namespace {

HttpResponse json(const PdJson& body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json; charset=UTF-8";
  response.headers = {{"Access-Control-Allow-Headers", "accept, content-type, authorization"},
                      {"Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE"},
                      {"Access-Control-Allow-Origin", "*"}};
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

HttpResponse not_bootstrapped() {
  return json(
      "[PD:cluster:ErrNotBootstrapped]TiKV cluster not bootstrapped, please start TiKV first", 500);
}

using Bodies = std::map<std::string, PdJson (*)(const PdFacts&)>;

const Bodies& bodies() {
  static const Bodies all{
      {"cluster", pd_cluster},
      {"cluster/status", pd_cluster_status},
      {"members", pd_members},
      {"leader", pd_leader},
      {"health", pd_health},
      {"version", pd_version},
      {"status", pd_status},
      {"config/replicate", [](const PdFacts&) { return pd_config_replicate(); }},
      {"config/cluster-version", pd_config_cluster_version},
      {"config/replication-mode", [](const PdFacts&) { return pd_config_replication_mode(); }},
  };
  return all;
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
  {
    const std::lock_guard lock(mutex_);
    started_ = now;
  }
  const std::string version = cluster_.release_version.substr(1);
  cluster_.add_component({"pd", address, address, version, "lab", now});
  // There is no TiKV; the topology has one all the same, at an address that nobody serves.
  cluster_.add_component({"tikv", "127.0.0.1:20160", "127.0.0.1:20180", version, "lab", now});
}

void PdApi::set_store_state(const std::string& state) {
  const std::lock_guard lock(mutex_);
  store_state_ = state;
}

PdFacts PdApi::facts() const {
  PdFacts facts;
  facts.cluster_id = cluster_.cluster_id;
  facts.address = cluster_.pd_address();
  facts.version = cluster_.profile.tidb;
  facts.bootstrapped = bootstrapped_;
  const std::lock_guard lock(mutex_);
  facts.started = started_;
  for (const ComponentView& part : cluster_.components()) {
    if (part.type != "tikv") continue;
    facts.stores.push_back({facts.stores.size() + 1, part.address, part.status_address,
                            part.started, cluster_.oracle.now(), store_state_});
  }
  return facts;
}

/// Never goes back, and never beyond what is in the binlog.
std::uint64_t PdApi::min_resolved_ts() const {
  const std::uint64_t late =
      std::min(late_min_resolved_ts(cluster_.oracle.now()), cluster_.ledger.resolved());
  const std::lock_guard lock(mutex_);
  min_resolved_ = std::max(min_resolved_, late);
  return min_resolved_;
}

HttpResponse PdApi::answer(const HttpRequest& request) const {
  static const std::string prefix = "/pd/api/v1/";
  if (request.path == "/pd/api/v2/ms/members/tso" && request.method == "GET") {
    HttpResponse response = json("not support microservice", 404);
    response.content_type = "application/json; charset=utf-8";
    return response;
  }
  if (request.path.rfind(prefix, 0) != 0) return not_found();
  return answer_v1(request.path.substr(prefix.size()), request);
}

HttpResponse PdApi::answer_v1(const std::string& path, const HttpRequest& request) const {
  static const std::string safepoint = "gc/safepoint/";
  if (request.method == "DELETE" && path.rfind(safepoint, 0) == 0) {
    cluster_.safepoints.remove(path.substr(safepoint.size()));
    return json("Delete service GC safepoint successfully.");
  }
  if (request.method != "GET") return not_found();
  const PdFacts pd = facts();
  if (const auto body = bodies().find(path); body != bodies().end()) return json(body->second(pd));
  if (path == "gc/safepoint") {
    const ServiceSafepoints& services = cluster_.safepoints;
    return json(pd_gc_safepoint(pd, services.list(), services.gc_worker(), services.minimum(),
                                cluster_.gc.safe_point()));
  }
  const bool of_stores =
      path == "stores" || path == "min-resolved-ts" || path.starts_with("store/");
  if (!of_stores) return not_found();
  if (!pd.bootstrapped) return not_bootstrapped();
  if (path == "stores") return json(pd_stores(pd));
  if (path == "min-resolved-ts") {
    return json(pd_min_resolved_ts(pd, min_resolved_ts(), resolved_is_real_time_,
                                   request.query_or("scope", "")));
  }
  const std::string id = path.substr(path.find('/') + 1);
  for (const PdStore& store : pd.stores) {
    if (std::to_string(store.id) == id) return json(pd_store(pd, store));
  }
  return json("invalid store ID " + id + ", not found", 404);
}

}  // namespace bdrmesh::lab
