// A request and its reply as the routes see them: no sockets, no Beast. Values; thread-safe as
// values are.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bdrmesh {

struct ApiRequest {
  std::string method;                        ///< GET, POST, ...
  std::vector<std::string> path;             ///< segments, percent-decoded: {"api", "v1", "status"}
  std::map<std::string, std::string> query;  ///< percent-decoded
  std::string content_type;
  std::string idempotency_key;
  std::string user_agent;
  std::string body;
};

struct ApiReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow;  ///< for 405: the methods that the path knows
};

/// Answers a request; called from several threads at once. Must not throw.
using ApiHandler = std::function<ApiReply(const ApiRequest&)>;

/// Splits a request target such as `/api/v1/links/g/a/b?limit=3` into `path` and `query`.
/// @return false when it is no valid path: no leading slash, broken percent code, a NUL byte.
bool split_target(std::string_view target, ApiRequest& request);

}  // namespace bdrmesh
