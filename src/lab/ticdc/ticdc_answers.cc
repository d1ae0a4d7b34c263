// TicdcCluster: which answer a request gets, by who is asked and who owns (ticdc-api §1.2;
// measured.md "Owner change", §3.17, §3.18).
#include <charconv>
#include <utility>

#include "lab/ticdc/ticdc_cluster.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kLook{20};  ///< while nobody can answer
constexpr int kLongestForward = 2;

HttpResponse error_response(int status, const std::string& code, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body = render_error(code.empty() ? text : "[" + code + "]" + text, code);
  return response;
}

HttpResponse broken_connection() {
  HttpResponse response;
  response.close_without_answer = true;
  return response;
}

bool is_health(const HttpRequest& request) { return request.path == "/api/v2/health"; }

/// How often it was forwarded before. Anything else than a number counts as too often.
int forwards_of(const HttpRequest& request) {
  const auto found = request.headers.find("ticdc-forwardtimes");
  if (found == request.headers.end()) return 0;
  int times = 0;
  const char* end = found->second.data() + found->second.size();
  const auto parsed = std::from_chars(found->second.data(), end, times);
  return parsed.ec == std::errc{} && parsed.ptr == end ? times : kLongestForward + 1;
}

HttpResponse empty_object() {
  HttpResponse response;
  response.body = "{}";
  return response;
}

HttpResponse unhealthy() {
  return error_response(500, "CDC:ErrClusterIsUnhealthy", "TiCDC cluster is unhealthy");
}

HttpResponse not_initialised() {
  return error_response(500, "", "coordinator is not fully initialized, wait a moment");
}

}  // namespace

HttpResponse TicdcCluster::answer(std::size_t node, const HttpRequest& request,
                                  const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !election_.is_hung(node); })) {
      return broken_connection();
    }
  }
  return lost_answers_.around(request, stop, cluster_.clock, [&] {
    return nodes_[node]->faults().around(request, stop, cluster_.clock,
                                         [&] { return route(node, request, stop); });
  });
}

HttpResponse TicdcCluster::route(std::size_t node, const HttpRequest& request,
                                 const std::stop_token& stop) {
  for (;;) {
    OwnerElection::Route route;
    {
      std::unique_lock lock(mutex_);
      route = election_.route(node, cluster_.clock.mono());
      const bool waits = route.way == Way::hang && !is_local_call(request);
      if (waits) changed_.wait_for(lock, stop, kLook, [] { return false; });
      if (stop.stop_requested() || fates_[node].dying) return broken_connection();
      if (waits) continue;
    }
    if (route.way == Way::not_ready) {
      return error_response(503, "CDC:ErrServerIsNotReady", "cdc server is not ready");
    }
    if (is_local_call(request)) return nodes_[node]->api()->handle(request, stop);
    if (route.way == Way::forward) return forward(node, route.to, request, stop);
    if (route.way == Way::vacant) return answer_without_owner(request);
    if (route.way == Way::dead) {
      const std::string to = nodes_[route.to]->address();
      return error_response(
          500, "", go_call(request, to) + ": dial tcp " + to + ": connect: connection refused");
    }
    return serve(node, route.way, request, stop);
  }
}

HttpResponse TicdcCluster::answer_without_owner(const HttpRequest& request) const {
  const bool classic = cluster_.profile.is_classic();
  if (!classic) return is_health(request) ? empty_object() : not_initialised();
  if (is_health(request)) return unhealthy();
  return error_response(500, "CDC:ErrOwnerNotFound", "owner not found");
}

/// The owner itself answers.
HttpResponse TicdcCluster::serve(std::size_t node, Way way, const HttpRequest& request,
                                 const std::stop_token& stop) {
  if (way == Way::initialising && !is_health(request)) return not_initialised();
  if (way == Way::fresh) {
    if (auto early = answer_of_fresh_owner(node, request)) return std::move(*early);
  }
  const int incarnation = incarnation_of(node);
  HttpResponse response = nodes_[node]->api()->handle(request, stop);
  // Who is killed while it works answers nobody.
  if (incarnation_of(node) != incarnation) return broken_connection();
  return response;
}

HttpResponse TicdcCluster::forward(std::size_t from, std::size_t to, const HttpRequest& request,
                                   const std::stop_token& stop) {
  const int times = forwards_of(request);
  if (times > kLongestForward) return forwarded_too_often();
  HttpRequest onward = request;
  const bool classic = cluster_.profile.is_classic();
  onward.headers["ticdc-forwardtimes"] = std::to_string(times + 1);
  onward.headers[classic ? "ticdc-forwardfromcapture" : "ticdc-forwardfrom"] =
      nodes_[from]->facts().capture_id;
  HttpResponse response = nodes_[to]->faults().around(onward, stop, cluster_.clock, [&] {
    Way way{};
    {
      const std::lock_guard lock(mutex_);
      way = election_.route(to, cluster_.clock.mono()).way;
    }
    if (way == Way::vacant) return answer_without_owner(onward);
    return serve(to, way, onward, stop);
  });
  if (!response.close_without_answer) return response;
  return error_response(500, "", go_call(request, nodes_[to]->address()) + ": EOF");
}

HttpResponse TicdcCluster::forwarded_too_often() const {
  if (!cluster_.profile.is_classic()) {
    return error_response(500, "", "TiCDC cluster is unavailable, please try again later");
  }
  return error_response(500, "ErrRequestForwardErr",
                        "request forward error, an request can only forward to owner one time");
}

/// For a moment a new owner knows the feeds' names, but not how far they are (measured.md A12,
/// A16). Asked for more than it knows it dies, as of a newborn feed (A1).
std::optional<HttpResponse> TicdcCluster::answer_of_fresh_owner(std::size_t node,
                                                                const HttpRequest& request) {
  if (is_health(request)) return unhealthy();
  const std::string feeds = "/api/v2/changefeeds";
  if (request.path.rfind(feeds, 0) != 0) return std::nullopt;
  if (request.path == feeds) {
    if (request.method != "GET") return std::nullopt;
    std::vector<ChangefeedView> views = owner_.list();
    for (ChangefeedView& view : views) view.checkpoint = 0;
    HttpResponse response;
    response.body = render_list(nodes_[node]->facts(), views, request.query_or("state", ""));
    return response;
  }
  const std::string rest = request.path.substr(feeds.size() + 1);
  const std::string id = rest.substr(0, rest.find('/'));
  const std::string call = request.method + rest.substr(id.size());
  if (owner_.exists(id) && (call == "POST/pause" || call == "GET/synced")) {
    crash(node);
    return broken_connection();
  }
  if (call == "DELETE") return empty_object();  // and nothing happens (measured.md A3)
  return error_response(400, "CDC:ErrChangeFeedNotExists", "changefeed not exists, default/" + id);
}

std::vector<CaptureView> TicdcCluster::captures() const {
  std::vector<CaptureView> all;
  const std::lock_guard lock(mutex_);
  const auto owner = election_.owner();
  const MonoTime now = cluster_.clock.mono();
  for (std::size_t node = 0; node < size(); ++node) {
    if (!election_.is_member(node, now)) continue;
    const NodeFacts facts = nodes_[node]->facts();
    all.push_back({facts.capture_id, facts.address, owner == node});
  }
  return all;
}

int TicdcCluster::incarnation_of(std::size_t node) const {
  const std::lock_guard lock(mutex_);
  return fates_[node].incarnation;
}

}  // namespace bdrmesh::lab
