#include "lab/ticdc/ticdc_cluster.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kStep{20};

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
    positions.push_back(
        {"default", feed.info.space, feed.info.id, feed.info.state,
         std::max({feed.info.start_ts, feed.info.saved_checkpoint, feed.checkpoint})});
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

}  // namespace bdrmesh::lab
