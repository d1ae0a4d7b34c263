// TiCDC's Open API of one node: the routing table of both families (ticdc-api §1.4), and who may
// ask. What is done for a changefeed stands in api_classic.cc and api_new_arch.cc. Thread-safe.
#pragma once

#include <memory>

#include "lab/cdc/api_changefeeds.h"
#include "lab/cdc/api_context.h"
#include "lab/cdc/api_router.h"
#include "lab/cdc/server_api.h"
#include "lab/cdc/table_api.h"

namespace bdrmesh::lab {

class OpenApi {
 public:
  using Hooks = ApiHooks;

  /// The rules of the family follow from the cluster's profile.
  OpenApi(ClusterState& cluster, Owner& owner, NodeFacts node, std::int64_t gc_ttl_seconds,
          Hooks hooks);

  /// Answers one request; never throws. What blocks in the real server (pause, DELETE and create of
  /// the new architecture) blocks here too, until `stop`.
  HttpResponse handle(const HttpRequest& request, const std::stop_token& stop = {});

 private:
  HttpResponse route(const HttpRequest& request, const std::stop_token& stop);
  void add_common_routes();
  void add_classic_routes();
  void add_new_arch_routes();

  ApiContext context_;
  std::unique_ptr<ChangefeedApi> feeds_;
  ServerApi server_;
  TableApi tables_;
  ApiRouter router_;
};

}  // namespace bdrmesh::lab
