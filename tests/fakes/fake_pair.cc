#include "fakes/fake_pair.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace bdrmesh::fakes {
namespace {

constexpr const char* kReadsPast = "tidb_enable_external_ts_read";
constexpr const char* kTtlJobs = "tidb_ttl_job_enable";

std::string word(bool on) { return on ? "ON" : "OFF"; }

}  // namespace

ClusterState& FakeUsers::here() {
  ClusterState& cluster = world_.state(name_);
  if (cluster.reachable()) return cluster;
  throw Error(ErrorKind::transient, "TIDB_UNREACHABLE", "no tidb-server of " + name_ + " answers");
}

std::optional<bool> FakeUsers::is_locked(const std::string& user, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const ClusterState& cluster = here();
  const auto found = cluster.accounts.find(user);
  if (found != cluster.accounts.end()) return found->second.locked;
  if (cluster.grants.contains(user)) return false;
  return std::nullopt;
}

void FakeUsers::set_locked(const std::string& user, bool locked, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  here().accounts[user].locked = locked;
  world_.note(name_, locked ? "lock_user" : "unlock_user", user);
}

LoginAnswer FakeUsers::try_login(const ServerAddress& server, const std::string& user,
                                 const Secret& password, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  const auto asked = std::ranges::find_if(
      cluster.servers, [&](const ServerState& one) { return one.info.address == server; });
  if (asked == cluster.servers.end() || !asked->up)
    throw Error(ErrorKind::transient, "TIDB_UNREACHABLE", server.value() + " does not answer");
  const auto found = cluster.accounts.find(user);
  if (found == cluster.accounts.end())
    return cluster.grants.contains(user) ? LoginAnswer::accepted : LoginAnswer::refused;
  if (found->second.locked && found->second.late_logins-- <= 0) return LoginAnswer::locked;
  return found->second.password == password.reveal() ? LoginAnswer::accepted : LoginAnswer::refused;
}

SessionLook FakeUsers::sessions_of(const std::string& user, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const ClusterState& cluster = here();
  SessionLook look;
  const auto found = cluster.sessions.find(user);
  if (found == cluster.sessions.end()) return look;
  for (const std::uint64_t id : found->second) {
    look.sessions.push_back(
        {cluster.servers.front().info.status_address, id, "10.1.1.9:40000", "Sleep", user});
  }
  return look;
}

SessionLook FakeUsers::sessions(const Call& call) {
  SessionLook all;
  std::set<std::string> users;
  {
    const std::lock_guard lock(world_.mutex_);
    for (const auto& [user, sessions] : here().sessions) users.insert(user);
  }
  for (const std::string& user : users) {
    const SessionLook one = sessions_of(user, call);
    all.sessions.insert(all.sessions.end(), one.sessions.begin(), one.sessions.end());
  }
  return all;
}

void FakeUsers::end_session(const ServerAddress&, std::uint64_t id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  for (auto& [user, sessions] : here().sessions) std::erase(sessions, id);
  world_.note(name_, "end_session", std::to_string(id));
}

void FakeUsers::make_user(const std::string& user, const Secret& password,
                          const std::vector<std::string>& grants, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  AccountState& account = here().accounts[user];
  account.password = password.reveal();
  account.locked = false;
  account.grants.insert(grants.begin(), grants.end());
  world_.note(name_, "make_user", user);
}

void FakeUsers::drop_user(const std::string& user, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  here().accounts.erase(user);
  here().sessions.erase(user);
  world_.note(name_, "drop_user", user);
}

Tso FakeReadPoint::external_ts(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const ClusterState& cluster = world_.state(name_);
  Tso newest = cluster.external_ts;
  for (const auto& [feed, pair] : cluster.synced) newest = std::max(newest, pair.second);
  return newest;
}

bool FakeReadPoint::reads_past(const ServerAddress&, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto& variables = world_.state(name_).variables;
  const auto found = variables.find(kReadsPast);
  return found != variables.end() && found->second == "ON";
}

void FakeReadPoint::set_reads_past(bool on, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  world_.state(name_).variables[kReadsPast] = word(on);
  world_.note(name_, "set_reads_past", word(on));
}

std::vector<Syncpoint> FakeReadPoint::newest_syncpoints(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<Syncpoint> newest;
  for (const auto& [feed, pair] : world_.state(name_).synced)
    newest.push_back({feed, pair.first, pair.second});
  return newest;
}

bool FakeReadPoint::ttl_jobs(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return world_.state(name_).variables[kTtlJobs] == "ON";
}

void FakeReadPoint::set_ttl_jobs(bool on, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  world_.state(name_).variables[kTtlJobs] = word(on);
  world_.note(name_, "set_ttl_jobs", word(on));
}

}  // namespace bdrmesh::fakes
