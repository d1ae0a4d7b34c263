// UserKeeper over SQL: each method on a connection of its own, so that nothing of another account
// or password lingers. Thread-safe.
#pragma once

#include "clients/sql/sql_connector.h"
#include "clients/user_keeper.h"

namespace bdrmesh {

class SqlUserKeeper final : public UserKeeper {
 public:
  SqlUserKeeper(SqlAccess access, const Clock& clock)
      : tls_(access.tls), label_(access.label), connector_(std::move(access), clock) {}

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
  SessionLook look(const std::string& sql, const std::string& doing, const Call& call);

  TlsFiles tls_;
  std::string label_;
  SqlConnector connector_;
};

}  // namespace bdrmesh
