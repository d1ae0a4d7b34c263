// TiCDC's Open API v2, profile classic v8.5: routes, validation in the order of the real server,
// and answers (ticdc-api §1.4, §3.1). Decides nothing about feeds beyond that. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lab/cdc/api_render.h"
#include "lab/cdc/binding.h"
#include "lab/cdc/owner.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

class OpenApi {
 public:
  struct Hooks {
    std::function<void()> die;     ///< the process crashes on this request
    std::function<void()> resign;  ///< the owner changes
  };

  OpenApi(ClusterState& cluster, Owner& owner, NodeFacts node, std::int64_t gc_ttl_seconds,
          Hooks hooks);

  /// Answers one request; never throws.
  HttpResponse handle(const HttpRequest& request);

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse route_changefeed(const HttpRequest& request, const std::string& id,
                                const std::string& rest);
  HttpResponse create(const HttpRequest& request);
  HttpResponse update(const std::string& id, const HttpRequest& request);
  HttpResponse pause(const std::string& id);
  HttpResponse resume(const std::string& id, const HttpRequest& request);
  HttpResponse synced(const std::string& id);
  HttpResponse verify_table(const HttpRequest& request);
  HttpResponse processor(const std::string& id);
  HttpResponse died();

  void choose_positions(const ChangefeedRequest& request, ChangefeedInfo& info);
  void hold_gc(const std::string& service, std::uint64_t ts);
  void require_eligible_tables(const ReplicaConfig& config);
  std::vector<NumberedTable> numbered_tables(const ReplicaConfig& config);
  std::vector<std::int64_t> table_ids(const ReplicaConfig& config);

  ClusterState& cluster_;
  Owner& owner_;
  const NodeFacts node_;
  const std::int64_t gc_ttl_seconds_;
  const Hooks hooks_;
};

}  // namespace bdrmesh::lab
