// Accounts and read point of one cluster of a FakeWorld. Thread-safe through its mutex.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/read_point.h"
#include "clients/user_keeper.h"
#include "fakes/fake_world.h"

namespace bdrmesh::fakes {

class FakeUsers final : public UserKeeper {
 public:
  FakeUsers(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

  std::optional<bool> is_locked(const std::string& user, const Call& call) override;
  void set_locked(const std::string& user, bool locked, const Call& call) override;
  LoginAnswer try_login(const ServerAddress& server, const std::string& user,
                        const Secret& password, const Call& call) override;
  SessionLook sessions_of(const std::string& user, const Call& call) override;
  SessionLook sessions(const Call& call) override;
  void end_session(const ServerAddress& server, std::uint64_t id, const Call& call) override;
  void make_user(const std::string& user, const Secret& password,
                 const std::vector<std::string>& grants, const Call& call) override;
  void drop_user(const std::string& user, const Call& call) override;

 private:
  ClusterState& here();  ///< @throws Error transient when no tidb-server is up

  FakeWorld& world_;
  std::string name_;
};

class FakeReadPoint final : public ReadPoint {
 public:
  FakeReadPoint(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

  Tso external_ts(const Call& call) override;
  bool reads_past(const ServerAddress& server, const Call& call) override;
  void set_reads_past(bool on, const Call& call) override;
  std::vector<Syncpoint> newest_syncpoints(const Call& call) override;
  bool ttl_jobs(const Call& call) override;
  void set_ttl_jobs(bool on, const Call& call) override;

 private:
  FakeWorld& world_;
  std::string name_;
};

}  // namespace bdrmesh::fakes
