#include "api/router.h"

#include <algorithm>
#include <exception>

#include "api/problem.h"
#include "api/refusal.h"
#include "api/routes.h"

namespace bdrmesh {
namespace {

constexpr const char* kJson = "application/json";
constexpr const char* kEvents = "text/event-stream";

bool fits(const Route& route, const std::vector<std::string>& path, Route::Names& names) {
  if (path.size() != route.path.size() + 2 || path[0] != "api" || path[1] != "v1") return false;
  names.clear();
  for (std::size_t at = 0; at < route.path.size(); ++at) {
    if (route.path[at].starts_with('{')) {
      names.push_back(path[at + 2]);
    } else if (route.path[at] != path[at + 2]) {
      return false;
    }
  }
  return true;
}

/// A fixed word outranks a name: /events/stream is no event.
const Route* find_route(const ApiRequest& request, Route::Names& names, std::string& allowed) {
  const Route* found = nullptr;
  for (const Route& route : routes()) {
    if (!fits(route, request.path, names)) continue;
    if (request.method == route.method) {
      found = &route;
      break;
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") allowed += ", HEAD";
  }
  return found;
}

std::string shown(const Route& route) {
  std::string path;
  for (const std::string_view part : route.path) path += "/" + std::string(part);
  return path;
}

ApiReply not_found() {
  std::vector<std::string> known;
  for (const Route& route : routes()) {
    std::string path = "/api/v1" + shown(route);
    if (std::ranges::find(known, path) == known.end()) known.push_back(std::move(path));
  }
  std::string list;
  for (const std::string& path : known) list += (list.empty() ? "" : ", ") + path;
  return problem_reply(404, "UNKNOWN_PATH", "nothing is served here", "known paths: " + list);
}

ApiReply not_allowed(const std::string& method, const std::string& allowed) {
  ApiReply reply = problem_reply(405, "METHOD_NOT_ALLOWED", "this method is not known here",
                                 "use " + allowed, {{"method", method}, {"allowed", allowed}});
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

/// A page of another origin can post forms and plain text to a local port, but no JSON without
/// being asked first.
bool is_json(const std::string& content_type) {
  const std::string media = content_type.substr(0, content_type.find_first_of("; "));
  return std::ranges::equal(media, std::string_view(kJson), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

void refuse_unknown_query(const Route& route, const ApiRequest& request) {
  for (const auto& [key, value] : request.query) {
    if (std::ranges::find(route.query, key) != route.query.end()) continue;
    std::string known;
    for (const std::string_view one : route.query)
      known += (known.empty() ? "" : ", ") + std::string(one);
    throw Refusal(ErrorKind::invalid, "BAD_QUERY", "nothing would read '" + key + "' in the query",
                  known.empty() ? "ask without a query" : "known keys: " + known, {{"key", key}});
  }
}

std::optional<ApiReply> refused_before(const Route& route, const ApiRequest& request) {
  const bool streams = route.path.back() == "stream";
  const char* media = streams ? kEvents : kJson;
  if (!is_accepted(request.accept, media)) {
    return problem_reply(406, "NOT_ACCEPTABLE", std::string("the answer would be ") + media,
                         std::string("send Accept: ") + media);
  }
  if (request.body.empty()) {
    if (route.body != BodyRule::required) return std::nullopt;
    return problem_reply(400, "BODY_MISSING", "the request has no body",
                         "docs/openapi.yaml describes the bodies");
  }
  if (route.body == BodyRule::none)
    return problem_reply(400, "BODY_NOT_EXPECTED", "nothing would read the body", "send none");
  if (is_json(request.content_type)) return std::nullopt;
  return problem_reply(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON",
                       "send Content-Type: application/json");
}

ApiReply called(const Route& route, Backend& backend, const ApiRequest& request,
                const Route::Names& names) {
  refuse_unknown_query(route, request);
  const Route::Result result = route.call(backend, request, names);
  ApiReply reply;
  reply.status = result.answer.status;
  reply.feed = result.feed;
  reply.content_type = result.feed ? kEvents : kJson;
  if (!result.feed)
    reply.body = result.answer.body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return reply;
}

}  // namespace

ApiReply Router::answer(const ApiRequest& request) const {
  std::string allowed;
  Route::Names names;
  const Route* route = find_route(request, names, allowed);
  if (route == nullptr) return allowed.empty() ? not_found() : not_allowed(request.method, allowed);
  if (auto refused = refused_before(*route, request)) return std::move(*refused);
  try {
    return called(*route, backend_, request, names);
  } catch (const Error& error) {
    return problem_reply(error);
  } catch (const std::exception& error) {
    return problem_reply(Error(ErrorKind::bug, "INTERNAL", error.what(),
                               "look into the daemon's log and report this"));
  }
}

bool Router::asks_clusters(const ApiRequest& request) {
  std::string allowed;
  Route::Names names;
  const Route* route = find_route(request, names, allowed);
  return route != nullptr && route->asks_clusters;
}

std::vector<RouteName> Router::names() {
  std::vector<RouteName> all;
  for (const Route& route : routes()) {
    all.push_back({std::string(route.method), shown(route), {}});
    for (const std::string_view key : route.query) all.back().query.emplace_back(key);
  }
  return all;
}

}  // namespace bdrmesh
