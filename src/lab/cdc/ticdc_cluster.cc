#include "lab/cdc/ticdc_cluster.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kStep{20};
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

TicdcCluster::TicdcCluster(ClusterState& cluster, TicdcOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      times_(options_.election.value_or(
          ElectionTimes::measured(cluster.profile.family).at_pace(options_.pace))),
      sampler_(cluster, options_.sample_every),
      owner_(cluster, sampler_, options_.owner),
      election_(options_.nodes, times_),
      fates_(options_.nodes) {
  for (std::size_t node = 0; node < options_.nodes; ++node) {
    const ApiHooks hooks{[this, node] { crash(node); }, [this] { resign(); },
                         [this] { return captures(); }};
    nodes_.push_back(std::make_unique<TicdcNode>(
        [this, node](const HttpRequest& request, const std::stop_token& stop) {
          return answer(node, request, stop);
        },
        [this, hooks](const NodeFacts& facts) {
          return std::make_shared<OpenApi>(cluster_, owner_, facts, options_.owner.gc_ttl.count(),
                                           hooks);
        }));
  }
}

TicdcCluster::~TicdcCluster() { stop(); }

void TicdcCluster::start() {
  {
    const std::lock_guard lock(mutex_);
    election_.begin();
  }
  for (std::size_t node = 0; node < size(); ++node) enter_topology(node);
  sampler_.start();
  owner_.start(addresses());
  cluster_.set_feed_positions([this] { return feed_positions(); });
  renewal_ = cluster_.gc.before_each_run([this] { owner_.renew_gc(); });
  supervisor_ = std::jthread([this](const std::stop_token& stop) { supervise(stop); });
}

std::vector<FeedPosition> TicdcCluster::feed_positions() const {
  std::vector<FeedPosition> positions;
  for (const ChangefeedView& feed : owner_.list()) {
    positions.push_back({"default", feed.info.space, feed.info.id, feed.info.state,
                         std::max({feed.info.start_ts, feed.info.saved_checkpoint,
                                   feed.checkpoint})});
  }
  return positions;
}

void TicdcCluster::stop() {
  cluster_.set_feed_positions(nullptr);
  renewal_.reset();
  supervisor_.request_stop();
  if (supervisor_.joinable()) supervisor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t node = 0; node < size(); ++node) election_.woke(node);
    changed_.notify_all();
  }
  for (const auto& node : nodes_) node->stop();
  owner_.stop();
  sampler_.stop();
}

/// A new process: a capture of its own, and a row of cluster_info.
void TicdcCluster::enter_topology(std::size_t node) {
  NodeFacts facts;
  facts.version = to_string(cluster_.profile.ticdc);
  facts.upstream_id = cluster_.cluster_id;
  facts.pid = ::getpid();
  facts.client_users = options_.client_users;
  nodes_[node]->start(facts);
  const std::string at = nodes_[node]->address();
  cluster_.add_component({"ticdc", at, at, facts.version, facts.git_hash, cluster_.clock.now()});
}

std::vector<std::string> TicdcCluster::addresses() const {
  std::vector<std::string> all;
  for (const auto& node : nodes_) all.push_back(node->address());
  return all;
}

std::optional<std::size_t> TicdcCluster::owner_node() const {
  const std::lock_guard lock(mutex_);
  return election_.owner();
}

bool TicdcCluster::is_running(std::size_t node) const {
  const std::lock_guard lock(mutex_);
  return election_.is_running(node) && !fates_[node].dying;
}

bool TicdcCluster::serves(std::size_t node) const {
  const std::lock_guard lock(mutex_);
  if (!election_.is_running(node) || election_.is_hung(node) || fates_[node].dying) return false;
  const MonoTime now = cluster_.clock.mono();
  const OwnerElection::Route own = election_.route(node, now);
  if (own.way != Way::forward) return own.way == Way::serve;
  return election_.route(own.to, now).way == Way::serve && !fates_[own.to].dying;
}

void TicdcCluster::kill(std::size_t node) {
  const std::lock_guard lock(mutex_);
  if (!election_.is_running(node)) return;
  fates_.at(node).dying = true;
  fates_[node].comes_back.reset();
  changed_.notify_all();
}

void TicdcCluster::crash(std::size_t node) {
  const std::lock_guard lock(mutex_);
  if (!election_.is_running(node)) return;
  fates_.at(node).dying = true;
  fates_[node].comes_back = cluster_.clock.mono() + times_.restart_after_crash;
  changed_.notify_all();
}

void TicdcCluster::revive(std::size_t node) {
  const std::lock_guard lock(mutex_);
  if (!election_.is_running(node) || fates_.at(node).dying) {
    fates_.at(node).comes_back = cluster_.clock.mono();
  }
}

void TicdcCluster::suspend(std::size_t node) {
  {
    const std::lock_guard lock(mutex_);
    if (!election_.is_running(node)) return;
    const MonoTime now = cluster_.clock.mono();
    election_.hung(node, now);
    fates_[node].left = now;
  }
  owner_.suspend(node, true);
}

void TicdcCluster::unsuspend(std::size_t node) {
  {
    const std::lock_guard lock(mutex_);
    if (!election_.is_hung(node)) return;
    election_.woke(node);
    fates_[node].left.reset();
    changed_.notify_all();
  }
  owner_.suspend(node, false);
}

void TicdcCluster::resign() {
  const std::lock_guard lock(mutex_);
  election_.resign(cluster_.clock.mono());
}

void TicdcCluster::lose_answer_of_next(const std::string& part) {
  HttpFault fault;
  fault.part = part;
  lost_answers_.add(std::move(fault));
}

// ---------------------------------------------------------------------------- life and death

void TicdcCluster::supervise(const std::stop_token& stop) {
  while (cluster_.clock.wait_for(kStep, stop)) settle();
}

/// One look: buries the dead, starts who comes back, lets the election go on.
void TicdcCluster::settle() {
  const MonoTime now = cluster_.clock.mono();
  for (std::size_t node = 0; node < size(); ++node) {
    bool dies = false;
    bool comes = false;
    {
      const std::lock_guard lock(mutex_);
      const Fate& fate = fates_[node];
      dies = fate.dying;
      comes = !dies && fate.comes_back && now >= *fate.comes_back && !election_.is_running(node);
    }
    if (dies) bury(node);
    if (comes) come_back(node);
  }
  std::optional<std::size_t> entered;
  std::optional<std::size_t> owner;
  bool hangs = false;
  {
    const std::lock_guard lock(mutex_);
    entered = election_.advance(now);
    owner = election_.owner();
    hangs = owner && election_.is_hung(*owner);
    changed_.notify_all();
  }
  owner_.rest(hangs);
  if (entered || !owner) owner_.leave_office();
  if (owner) move_feeds(*owner, now);
  if (entered) owner_.enter_office();
}

void TicdcCluster::bury(std::size_t node) {
  const MonoTime now = cluster_.clock.mono();
  {
    const std::lock_guard lock(mutex_);
    election_.died(node, now);
    fates_[node].dying = false;
    fates_[node].left = now;
    ++fates_[node].incarnation;
    changed_.notify_all();
  }
  owner_.lose(node);
  nodes_[node]->stop();
}

void TicdcCluster::come_back(std::size_t node) {
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    fates_[node].comes_back.reset();
    election_.started(node, cluster_.clock.mono());
    moved = !fates_[node].left;
  }
  if (moved) owner_.welcome(node);
  enter_topology(node);
}

/// What nodes carried whose lease is over goes on with the owner's node.
void TicdcCluster::move_feeds(std::size_t owner, MonoTime now) {
  for (std::size_t node = 0; node < size(); ++node) {
    bool runs = false;
    {
      const std::lock_guard lock(mutex_);
      Fate& fate = fates_[node];
      if (!fate.left || election_.is_hung(owner)) continue;
      runs = election_.is_running(node) && !election_.is_hung(node);
      if (node == owner ? !runs : now < *fate.left + times_.takeover) continue;
      fate.left.reset();
    }
    if (runs) owner_.welcome(node);
    owner_.hand_over(node, owner);
    if (!runs) cluster_.remove_component("ticdc", nodes_[node]->address());
  }
}

// ---------------------------------------------------------------------------- answers

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
      if (waits) changed_.wait_for(lock, stop, kStep, [] { return false; });
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
  const HttpResponse response = nodes_[to]->faults().around(onward, stop, cluster_.clock, [&] {
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
