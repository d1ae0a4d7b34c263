#include "api/router.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <string>
#include <vector>

#include "api/problem.h"

namespace bdrmesh {
namespace {

using Names = std::vector<std::string>;

struct Route {
  const char* method;
  std::vector<std::string_view> path;  ///< below /api/v1; "*" takes one name
  Answer (*call)(Backend&, const ApiRequest&, const Names&);
};

/// A whole number of the query, between `least` and `most`.
std::int64_t number_in(const ApiRequest& request, const std::string& key, std::int64_t fallback,
                       std::int64_t least, std::int64_t most) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return fallback;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    throw Error(ErrorKind::invalid, "BAD_QUERY", "'" + key + "' must be a whole number",
                "from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

Json json_body(const ApiRequest& request) {
  Json body = parse_json(request.body, "the body of the request");
  if (!body.is_object())
    throw Error(ErrorKind::invalid, "BAD_JSON", "the body of the request must be a JSON object");
  return body;
}

Answer submit(Backend& backend, const ApiRequest& request, const Names&) {
  const Json body = json_body(request);
  SubmitOperation wanted;
  wanted.kind = get_required<std::string>(body, "kind");
  wanted.args = get_or<Json>(body, "args", Json::object());
  wanted.dry_run = get_or(body, "dry_run", false);
  wanted.idempotency_key = request.idempotency_key;
  wanted.requested_by = get_or(body, "requested_by", request.user_agent);
  if (!wanted.args.is_object())
    throw Error(ErrorKind::invalid, "BAD_JSON", "member 'args' must be an object");
  return {wanted.dry_run ? 200 : 202, backend.submit(wanted)};
}

Answer doctor(Backend& backend, const ApiRequest& request, const Names&) {
  return {200, backend.doctor(request.body.empty() ? Json::object() : json_body(request))};
}

const std::vector<Route>& routes() {
  using B = Backend;
  using R = ApiRequest;
  using N = Names;
  constexpr std::int64_t kMostEvents = 10'000;
  static const std::vector<Route> kRoutes{
      {"GET",
       {"health"},
       [](B&, const R&, const N&) {
         return Answer{200, {{"ok", true}}};
       }},
      {"GET",
       {"status"},
       [](B& b, const R&, const N&) {
         return Answer{200, b.status()};
       }},
      {"GET",
       {"clusters"},
       [](B& b, const R&, const N&) {
         return Answer{200, b.clusters()};
       }},
      {"GET",
       {"clusters", "*"},
       [](B& b, const R&, const N& n) {
         return Answer{200, b.cluster(n[0])};
       }},
      {"GET",
       {"clusters", "*", "writable"},
       [](B& b, const R&, const N& n) { return b.writable(n[0]); }},
      {"GET",
       {"groups"},
       [](B& b, const R&, const N&) {
         return Answer{200, b.groups()};
       }},
      {"GET",
       {"groups", "*"},
       [](B& b, const R&, const N& n) {
         return Answer{200, b.group(n[0])};
       }},
      {"GET",
       {"groups", "*", "plan"},
       [](B& b, const R&, const N& n) {
         return Answer{200, b.group_plan(n[0])};
       }},
      {"GET",
       {"links"},
       [](B& b, const R&, const N&) {
         return Answer{200, b.links()};
       }},
      {"GET",
       {"links", "*", "*", "*"},
       [](B& b, const R&, const N& n) {
         return Answer{200, b.link(n[0], n[1], n[2])};
       }},
      {"GET",
       {"operations"},
       [](B& b, const R& r, const N&) {
         return Answer{200,
                       b.operations(static_cast<int>(number_in(r, "limit", 50, 1, kMostEvents)))};
       }},
      {"POST", {"operations"}, submit},
      {"GET",
       {"operations", "*"},
       [](B& b, const R&, const N& n) {
         return Answer{200, b.operation(n[0])};
       }},
      {"POST",
       {"operations", "*", "cancel"},
       [](B& b, const R&, const N& n) {
         return Answer{202, b.cancel(n[0])};
       }},
      {"POST",
       {"operations", "*", "resume"},
       [](B& b, const R&, const N& n) {
         return Answer{202, b.resume(n[0])};
       }},
      {"GET",
       {"events"},
       [](B& b, const R& r, const N&) {
         const std::int64_t after =
             number_in(r, "after", 0, 0, std::numeric_limits<std::int64_t>::max());
         return Answer{
             200, b.events(after, static_cast<int>(number_in(r, "limit", 100, 1, kMostEvents)))};
       }},
      {"GET",
       {"gates"},
       [](B& b, const R&, const N&) {
         return Answer{200, b.gates()};
       }},
      {"POST", {"doctor"}, doctor},
  };
  return kRoutes;
}

bool fits(const Route& route, const std::vector<std::string>& path, Names& names) {
  if (path.size() != route.path.size() + 2 || path[0] != "api" || path[1] != "v1") return false;
  names.clear();
  for (std::size_t at = 0; at < route.path.size(); ++at) {
    if (route.path[at] == "*") {
      names.push_back(path[at + 2]);
    } else if (route.path[at] != path[at + 2]) {
      return false;
    }
  }
  return true;
}

ApiReply not_found() {
  std::string known;
  for (const Route& route : routes()) {
    std::string path = "/api/v1";
    for (const std::string_view part : route.path)
      path += "/" + std::string(part == "*" ? "{name}" : part);
    if (known.find(path + ",") == std::string::npos) known += path + ", ";
  }
  known.resize(known.size() - 2);
  return problem_reply(404, "UNKNOWN_PATH", "nothing is served here", "known paths: " + known);
}

/// A page of another origin can post forms and plain text to a local port, but no JSON without
/// being asked first.
bool is_json(const std::string& content_type) {
  const std::string media = content_type.substr(0, content_type.find_first_of("; "));
  return media == "application/json";
}

ApiReply call(const Route& route, Backend& backend, const ApiRequest& request, const Names& names) {
  if (!request.body.empty() && !is_json(request.content_type)) {
    return problem_reply(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON",
                         "send Content-Type: application/json");
  }
  try {
    const Answer answer = route.call(backend, request, names);
    return {answer.status,
            "application/json",
            answer.body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n",
            {}};
  } catch (const Error& error) {
    return problem_reply(error);
  } catch (const std::exception& error) {
    return problem_reply(Error(ErrorKind::bug, "INTERNAL", error.what(),
                               "look into the daemon's log and report this"));
  }
}

}  // namespace

ApiReply Router::answer(const ApiRequest& request) const {
  std::string allowed;
  Names names;
  for (const Route& route : routes()) {
    if (!fits(route, request.path, names)) continue;
    if (request.method == route.method) return call(route, backend_, request, names);
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) return not_found();
  ApiReply reply = problem_reply(405, "METHOD_NOT_ALLOWED", request.method + " is not known here",
                                 "use " + allowed);
  reply.allow = allowed;
  return reply;
}

}  // namespace bdrmesh
