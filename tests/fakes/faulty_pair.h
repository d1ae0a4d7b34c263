// Accounts and read point of a FaultyWorld. Thread-safe as what they wrap.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/read_point.h"
#include "clients/user_keeper.h"

namespace bdrmesh::fakes {

class FaultyWorld;

class FaultyUsers final : public UserKeeper {
 public:
  FaultyUsers(FaultyWorld& world, std::string name, UserKeeper& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

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
  FaultyWorld& world_;
  std::string name_;
  UserKeeper& inner_;
};

class FaultyReadPoint final : public ReadPoint {
 public:
  FaultyReadPoint(FaultyWorld& world, std::string name, ReadPoint& inner)
      : world_(world), name_(std::move(name)), inner_(inner) {}

  Tso external_ts(const Call& call) override;
  bool reads_past(const ServerAddress& server, const Call& call) override;
  void set_reads_past(bool on, const Call& call) override;
  std::vector<Syncpoint> newest_syncpoints(const Call& call) override;
  bool ttl_jobs(const Call& call) override;
  void set_ttl_jobs(bool on, const Call& call) override;

 private:
  FaultyWorld& world_;
  std::string name_;
  ReadPoint& inner_;
};

}  // namespace bdrmesh::fakes
