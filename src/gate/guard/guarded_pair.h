// One cluster's accounts and read point behind a ChangePermit. Thread-safe as what they wrap.
#pragma once

#include <utility>

#include "clients/read_point.h"
#include "clients/user_keeper.h"
#include "gate/guard/change_permit.h"

namespace bdrmesh {

class GuardedUsers final : public UserKeeper {
 public:
  GuardedUsers(UserKeeper& inner, ChangePermit permit)
      : inner_(inner), permit_(std::move(permit)) {}

  std::optional<bool> is_locked(const std::string& user, const Call& call) override {
    return inner_.is_locked(user, call);
  }
  void set_locked(const std::string& user, bool locked, const Call& call) override {
    inner_.set_locked(user, locked, permit_.ask(call));
  }
  LoginAnswer try_login(const ServerAddress& server, const std::string& user,
                        const Secret& password, const Call& call) override {
    return inner_.try_login(server, user, password, call);
  }
  SessionLook sessions_of(const std::string& user, const Call& call) override {
    return inner_.sessions_of(user, call);
  }
  SessionLook sessions(const Call& call) override { return inner_.sessions(call); }
  void end_session(const ServerAddress& server, std::uint64_t id, const Call& call) override {
    inner_.end_session(server, id, permit_.ask(call));
  }
  void make_user(const std::string& user, const Secret& password,
                 const std::vector<std::string>& grants, const Call& call) override {
    inner_.make_user(user, password, grants, permit_.ask(call));
  }
  void drop_user(const std::string& user, const Call& call) override {
    inner_.drop_user(user, permit_.ask(call));
  }

 private:
  UserKeeper& inner_;
  ChangePermit permit_;
};

class GuardedReadPoint final : public ReadPoint {
 public:
  GuardedReadPoint(ReadPoint& inner, ChangePermit permit)
      : inner_(inner), permit_(std::move(permit)) {}

  Tso external_ts(const Call& call) override { return inner_.external_ts(call); }
  bool reads_past(const ServerAddress& server, const Call& call) override {
    return inner_.reads_past(server, call);
  }
  void set_reads_past(bool on, const Call& call) override {
    inner_.set_reads_past(on, permit_.ask(call));
  }
  std::vector<Syncpoint> newest_syncpoints(const Call& call) override {
    return inner_.newest_syncpoints(call);
  }
  bool ttl_jobs(const Call& call) override { return inner_.ttl_jobs(call); }
  void set_ttl_jobs(bool on, const Call& call) override {
    inner_.set_ttl_jobs(on, permit_.ask(call));
  }

 private:
  ReadPoint& inner_;
  ChangePermit permit_;
};

}  // namespace bdrmesh
