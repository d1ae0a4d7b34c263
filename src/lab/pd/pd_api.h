// PD's HTTP API of one lab cluster, as far as it is read (tidb-sql §3, §5.3; fixtures of PD 6.5
// to 9.0). Handlers run in parallel.
#pragma once

#include "lab/core/cluster_state.h"
#include "lab/http/http_faults.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

class PdApi {
 public:
  explicit PdApi(ClusterState& cluster);

  /// Listens and enters itself, and a TiKV store, into cluster_info. @throws SocketClosed
  void start();
  /// start() may follow, on the same port.
  void stop() { server_.stop(); }
  /// As SIGSTOP: accepts connections, answers nobody until it is over.
  void suspend(bool suspended) { server_.suspend(suspended); }
  /// up, suspended or dead
  std::string state() const { return server_.state(); }
  std::string address() const { return server_.address(); }
  /// What goes wrong with its answers.
  HttpFaults& faults() { return faults_; }
  /// The answer without any fault.
  HttpResponse answer(const HttpRequest& request) const;

 private:
  ClusterState& cluster_;
  HttpFaults faults_;
  HttpServer server_;
};

}  // namespace bdrmesh::lab
