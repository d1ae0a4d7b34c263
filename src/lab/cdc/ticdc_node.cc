#include "lab/cdc/ticdc_node.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include "base/random_id.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kStep{20};

HttpResponse error_response(int status, const std::string& code, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body = render_error("[" + code + "]" + text, code);
  return response;
}

HttpResponse broken_connection() {
  HttpResponse response;
  response.close_without_answer = true;
  return response;
}

bool is_local(const HttpRequest& request) {
  return request.path == "/status" || request.path == "/api/v2/status" ||
         request.path == "/config" || request.path == "/api/v2/tso";
}

}  // namespace

TicdcNode::TicdcNode(ClusterState& cluster, TicdcOptions options)
    : cluster_(cluster),
      options_(options),
      sampler_(cluster, options.sample_every),
      owner_(cluster, sampler_, options.owner),
      http_([this](const HttpRequest& request, const std::stop_token& stop) {
        return answer(request, stop);
      }) {}

TicdcNode::~TicdcNode() { stop(); }

void TicdcNode::start() {
  port_ = http_.start();
  facts_.version = cluster_.release_version;
  facts_.capture_id = random_id(8) + "-" + random_id(4) + "-" + random_id(12);
  facts_.address = address();
  facts_.upstream_id = cluster_.cluster_id;
  facts_.pid = ::getpid();
  const OpenApi::Hooks hooks{[this] { kill(true); }, [this] { resign(); }};
  api_ = std::make_unique<OpenApi>(cluster_, owner_, facts_, options_.owner.gc_ttl.count(), hooks);
  cluster_.add_component(
      {"ticdc", address(), address(), facts_.version, facts_.git_hash, cluster_.clock.now()});
  sampler_.start();
  owner_.start();
  {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::serving;
  }
  supervisor_ = std::jthread([this](const std::stop_token& stop) { supervise(stop); });
}

void TicdcNode::stop() {
  supervisor_.request_stop();
  if (supervisor_.joinable()) supervisor_.join();
  unsuspend();
  http_.stop();
  owner_.stop();
  sampler_.stop();
}

std::string TicdcNode::address() const { return "127.0.0.1:" + std::to_string(port_); }

bool TicdcNode::serves() const {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::serving && !dying_ && !suspended_;
}

void TicdcNode::kill(bool restart) {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::dead) return;
  dying_ = true;
  restarts_ = restart;
  revive_ = false;
  changed_.notify_all();
}

void TicdcNode::revive() {
  const std::lock_guard lock(mutex_);
  revive_ = true;
  changed_.notify_all();
}

void TicdcNode::suspend() {
  {
    const std::lock_guard lock(mutex_);
    suspended_ = true;
  }
  owner_.suspend(true);
}

void TicdcNode::unsuspend() {
  {
    const std::lock_guard lock(mutex_);
    suspended_ = false;
    changed_.notify_all();
  }
  owner_.suspend(false);
}

void TicdcNode::resign() {
  const std::lock_guard lock(mutex_);
  ownerless_until_ = cluster_.clock.mono() + options_.ownerless;
  fresh_until_ = *ownerless_until_ + options_.fresh_owner;
}

void TicdcNode::lose_answer_of_next(const std::string& part) {
  const std::lock_guard lock(mutex_);
  lost_answers_.push_back(part);
}

bool TicdcNode::takes_answer(const HttpRequest& request) {
  const std::string call = request.method + " " + request.path;
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(lost_answers_.begin(), lost_answers_.end(),
                   [&](const std::string& part) { return call.find(part) != std::string::npos; });
  if (found == lost_answers_.end()) return false;
  lost_answers_.erase(found);
  return true;
}

HttpResponse TicdcNode::answer(const HttpRequest& request, const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    if (auto early = answer_for_phase(lock, request, stop)) return std::move(*early);
  }
  if (auto fresh = answer_of_fresh_owner(request)) return std::move(*fresh);
  const bool lost = takes_answer(request);
  HttpResponse response = api_->handle(request);
  if (lost) return broken_connection();
  return response;
}

std::optional<HttpResponse> TicdcNode::answer_for_phase(std::unique_lock<std::mutex>& lock,
                                                        const HttpRequest& request,
                                                        const std::stop_token& stop) {
  changed_.wait(lock, stop, [this] { return !suspended_; });
  if (phase_ == Phase::not_ready) {
    return error_response(503, "CDC:ErrServerIsNotReady", "cdc server is not ready");
  }
  changed_.wait(lock, stop, [this] { return phase_ != Phase::silent; });
  if (stop.stop_requested() || dying_ || phase_ != Phase::serving) return broken_connection();
  const bool ownerless = ownerless_until_ && cluster_.clock.mono() < *ownerless_until_;
  if (!ownerless || is_local(request)) return std::nullopt;
  if (request.path == "/api/v2/health") {
    return error_response(500, "CDC:ErrClusterIsUnhealthy", "TiCDC cluster is unhealthy");
  }
  return error_response(500, "CDC:ErrOwnerNotFound", "owner not found");
}

/// For a moment a new owner knows the feeds' names, but not how far they are (measured.md A12,
/// A16).
std::optional<HttpResponse> TicdcNode::answer_of_fresh_owner(const HttpRequest& request) const {
  {
    const std::lock_guard lock(mutex_);
    if (!fresh_until_ || cluster_.clock.mono() >= *fresh_until_) return std::nullopt;
  }
  const std::string feeds = "/api/v2/changefeeds";
  if (request.method != "GET" || request.path.rfind(feeds, 0) != 0) return std::nullopt;
  if (request.path == feeds) {
    std::vector<ChangefeedView> views = owner_.list();
    for (ChangefeedView& view : views) view.checkpoint = 0;
    HttpResponse response;
    response.body = render_list(facts_, views, request.query_or("state", ""));
    return response;
  }
  const std::string id = request.path.substr(feeds.size() + 1);
  return error_response(400, "CDC:ErrChangeFeedNotExists",
                        "changefeed not exists, default/" + id.substr(0, id.find('/')));
}

void TicdcNode::supervise(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Phase phase{};
    bool dies = false;
    bool phase_over = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kStep, [this] { return dying_; });
      if (stop.stop_requested()) return;
      dies = dying_;
      phase = phase_;
      phase_over = phase_ends_ && cluster_.clock.mono() >= *phase_ends_;
      if (phase_ == Phase::dead && revive_) phase_over = true;
    }
    if (dies) {
      die();
    } else if (phase_over) {
      if (phase == Phase::dead) come_back();
      if (phase == Phase::not_ready) set_phase(Phase::silent, options_.silent);
      if (phase == Phase::silent) {
        owner_.start();
        set_phase(Phase::serving, Millis{0});
      }
    }
  }
}

void TicdcNode::set_phase(Phase phase, Millis lasts) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  phase_ends_.reset();
  if (phase != Phase::serving) phase_ends_ = cluster_.clock.mono() + lasts;
  changed_.notify_all();
}

void TicdcNode::die() {
  {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::dead;
    suspended_ = false;
    changed_.notify_all();
  }
  http_.stop();
  owner_.stop();
  const std::lock_guard lock(mutex_);
  dying_ = false;
  ownerless_until_.reset();
  fresh_until_.reset();
  phase_ends_.reset();
  if (restarts_) phase_ends_ = cluster_.clock.mono() + options_.restart_after_crash;
}

void TicdcNode::come_back() {
  http_.start(port_);
  {
    const std::lock_guard lock(mutex_);
    revive_ = false;
  }
  set_phase(Phase::not_ready, options_.not_ready);
}

}  // namespace bdrmesh::lab
