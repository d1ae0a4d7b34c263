// One process of a TiCDC: its port, its capture id, its Open API. Which requests it may answer
// itself is decided by the TicdcCluster. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "lab/cdc/open_api.h"
#include "lab/http/http_faults.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

class TicdcNode {
 public:
  using MakeApi = std::function<std::shared_ptr<OpenApi>(const NodeFacts& facts)>;

  TicdcNode(HttpServer::Handler handler, MakeApi make_api);

  /// A process starts: a new capture id, at first on a free port, later on the same one.
  /// @param facts  without capture_id and address, which are filled in.
  void start(NodeFacts facts);
  /// Ends it; waits for its handlers.
  void stop() { http_.stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  NodeFacts facts() const;
  std::shared_ptr<OpenApi> api() const;
  HttpFaults& faults() { return faults_; }

 private:
  const MakeApi make_api_;
  HttpFaults faults_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // guards facts_ and api_
  NodeFacts facts_;
  std::shared_ptr<OpenApi> api_;
  HttpServer http_;
};

/// What only the node itself can know: never forwarded (ticdc-api §1.4, column `L`).
bool is_local_call(const HttpRequest& request);

/// `http://127.0.0.1:port/path`, as Go's client names it in its errors: `Get "http://..."`.
std::string go_call(const HttpRequest& request, const std::string& address);

}  // namespace bdrmesh::lab
