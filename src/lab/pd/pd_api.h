// PD's HTTP API of one lab cluster, as far as it is read (tidb-sql §3, §5.3; fixtures of PD 6.5
// to 9.0). Handlers run in parallel.
#pragma once

#include "lab/core/cluster_state.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

class PdApi {
 public:
  explicit PdApi(ClusterState& cluster);

  /// Listens and enters itself, and a TiKV store, into cluster_info. @throws SocketClosed
  void start();
  void stop() { server_.stop(); }
  std::string address() const { return server_.address(); }

 private:
  HttpResponse answer(const HttpRequest& request) const;

  ClusterState& cluster_;
  HttpServer server_;
};

}  // namespace bdrmesh::lab
