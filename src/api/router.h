// The routes below /api/v1: parse, call the backend once, format. Knows no sockets; thread-safe if
// the backend is.
#pragma once

#include <string>
#include <vector>

#include "api/backend.h"
#include "api/http_types.h"

namespace bdrmesh {

/// A route as docs/openapi.yaml names it.
struct RouteName {
  std::string method;
  std::string path;  ///< below /api/v1, names in braces: "/clusters/{name}"
  std::vector<std::string> query;
};

class Router {
 public:
  /// `backend` must outlive the router.
  explicit Router(Backend& backend) : backend_(backend) {}

  /// Answers every request; failures become problem+json. Blocks as long as the backend does. Never
  /// throws.
  ApiReply answer(const ApiRequest& request) const;

  /// Whether answering may ask clusters, and so take long. Asks nobody.
  static bool asks_clusters(const ApiRequest& request);
  static std::vector<RouteName> names();

 private:
  Backend& backend_;
};

}  // namespace bdrmesh
