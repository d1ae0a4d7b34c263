#include "lab/core/cluster_state.h"

#include <algorithm>
#include <random>

namespace bdrmesh::lab {

namespace {

std::uint64_t random_cluster_id() {
  std::random_device source;
  const std::uint64_t high = source();
  const std::uint64_t low = source();
  // PD's ids lie between 2^62 and 2^63; JSON readers that use doubles must get them wrong.
  return (1ULL << 62) | (((high << 32) | low) & ((1ULL << 62) - 1)) | 1ULL;
}

/// The MySQL version that TiDB claims to be changed in v7.4 (tidb-sql §8).
std::string version_text(const Profile& profile) {
  const char* mysql = profile.tidb >= Version{7, 4, 0} ? "8.0.11" : "5.7.25";
  return std::string(mysql) + "-TiDB-" + to_string(profile.tidb);
}

bool is_same(const ComponentView& a, const std::string& type, const std::string& address) {
  return a.type == type && a.address == address;
}

}  // namespace

ClusterState::ClusterState(const Clock& cluster_clock, std::string cluster_name,
                           const Profile& imitated)
    : clock(cluster_clock),
      name(std::move(cluster_name)),
      profile(imitated),
      cluster_id(random_cluster_id()),
      server_version(version_text(imitated)),
      release_version(to_string(imitated.tidb)),
      oracle(clock),
      ledger(oracle),
      variables(clock, kServers),
      safepoints(clock, pd_gc_kind(imitated)),
      gc(clock, oracle, safepoints, variables, sessions),
      front_ends_(kServers) {}

int ClusterState::source_id() const {
  const auto text = variables.stored("tidb_source_id");
  return text ? std::stoi(*text) : 1;
}

EngineEndpoint ClusterState::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

void ClusterState::set_engine(EngineEndpoint endpoint) {
  const std::lock_guard lock(mutex_);
  engine_ = std::move(endpoint);
}

void ClusterState::hold_to_catalogue(const std::string& user) {
  const std::lock_guard lock(mutex_);
  catalogue_users_.insert(user);
}

void ClusterState::release_from_catalogue(const std::string& user) {
  const std::lock_guard lock(mutex_);
  catalogue_users_.erase(user);
}

bool ClusterState::is_held_to_catalogue(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  return catalogue_users_.count(user) > 0;
}

std::string ClusterState::bdr_role() const {
  const std::lock_guard lock(mutex_);
  return bdr_role_;
}

void ClusterState::set_bdr_role(const std::string& role) {
  const std::lock_guard lock(mutex_);
  bdr_role_ = role;
}

FrontEndView ClusterState::front_end(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  return front_ends_.at(server);
}

void ClusterState::set_front_end(std::size_t server, FrontEndView view) {
  const std::lock_guard lock(mutex_);
  front_ends_.at(server) = std::move(view);
}

std::vector<ComponentView> ClusterState::components() const {
  const std::lock_guard lock(mutex_);
  return components_;
}

void ClusterState::add_component(ComponentView component) {
  const std::lock_guard lock(mutex_);
  std::erase_if(components_, [&](const ComponentView& other) {
    return is_same(other, component.type, component.address);
  });
  components_.push_back(std::move(component));
}

void ClusterState::remove_component(const std::string& type, const std::string& address) {
  const std::lock_guard lock(mutex_);
  std::erase_if(components_,
                [&](const ComponentView& other) { return is_same(other, type, address); });
}

std::string ClusterState::pd_address() const {
  const std::lock_guard lock(mutex_);
  return pd_address_;
}

void ClusterState::set_pd_address(const std::string& address) {
  const std::lock_guard lock(mutex_);
  pd_address_ = address;
}

void ClusterState::set_feed_positions(FeedPositions ask) {
  const std::lock_guard lock(mutex_);
  feed_positions_ = std::move(ask);
}

std::vector<FeedPosition> ClusterState::feed_positions() const {
  FeedPositions ask;
  {
    const std::lock_guard lock(mutex_);
    ask = feed_positions_;
  }
  return ask ? ask() : std::vector<FeedPosition>{};
}

}  // namespace bdrmesh::lab
