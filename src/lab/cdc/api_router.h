// Which handler answers a method and path, with gin's manners: what is not known is 404, a slash
// too many is redirected. Not thread-safe while routes are added.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/http/http_server.h"

namespace bdrmesh::lab {

/// One request on its way to its handler.
struct ApiCall {
  const HttpRequest& request;
  std::stop_token stop;
  std::map<std::string, std::string> named;  ///< of the pattern: `id` of `changefeeds/:id`

  const std::string& part(const std::string& name) const { return named.at(name); }
};

class ApiRouter {
 public:
  using Handler = std::function<HttpResponse(const ApiCall&)>;
  enum class Access { open, authenticated };

  /// @param pattern  `/api/v2/changefeeds/:id/pause`
  void add(const std::string& method, const std::string& pattern, Handler handler,
           Access access = Access::open);

  struct Match {
    const Handler* handler = nullptr;  ///< null: nobody answers
    Access access = Access::open;
    std::map<std::string, std::string> named;
    std::string redirect;  ///< the path without its last slash, if somebody answers there
  };
  Match find(const std::string& method, const std::string& path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> parts;
    Handler handler;
    Access access;
  };
  std::vector<Route> routes_;
};

}  // namespace bdrmesh::lab
