#include "lab/ticdc/ticdc_node.h"

#include <array>
#include <cctype>
#include <utility>

#include "base/random_id.h"

namespace bdrmesh::lab {

TicdcNode::TicdcNode(HttpServer::Handler handler, MakeApi make_api)
    : make_api_(std::move(make_api)), http_(std::move(handler)) {}

void TicdcNode::start(NodeFacts facts) {
  facts.capture_id = random_id(8) + "-" + random_id(4) + "-" + random_id(4) + "-" + random_id(4) +
                     "-" + random_id(12);
  const std::lock_guard lock(mutex_);
  // Before the first request: handlers ask for the API.
  if (port_ != 0) {
    facts.address = address();
    api_ = make_api_(facts);
    facts_ = facts;
    http_.start(port_);
    return;
  }
  port_ = http_.start();
  facts.address = address();
  api_ = make_api_(facts);
  facts_ = std::move(facts);
}

NodeFacts TicdcNode::facts() const {
  const std::lock_guard lock(mutex_);
  return facts_;
}

std::shared_ptr<OpenApi> TicdcNode::api() const {
  const std::lock_guard lock(mutex_);
  return api_;
}

bool is_local_call(const HttpRequest& request) {
  if (request.path.rfind("/api/", 0) != 0) return true;  // /status, /config, /metrics, /debug
  static constexpr std::array kLocal{"/api/v2/status",       "/api/v2/tso",
                                     "/api/v2/log",          "/api/v2/log/redact",
                                     "/api/v2/verify_table", "/api/v2/get_all_tables"};
  for (const char* path : kLocal) {
    if (request.path == path) return true;
  }
  return false;
}

std::string go_call(const HttpRequest& request, const std::string& address) {
  std::string method = request.method;
  for (std::size_t i = 1; i < method.size(); ++i) {
    method[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(method[i])));
  }
  std::string query;
  for (const auto& [name, value] : request.query) {
    query += (query.empty() ? "?" : "&") + name + "=" + value;
  }
  return method + " \"http://" + address + request.path + query + "\"";
}

}  // namespace bdrmesh::lab
