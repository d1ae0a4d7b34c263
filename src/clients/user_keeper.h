// The accounts of one cluster as failover and evict need them: locked, refused, ended, and made for
// one purpose. One method per remote question or change, no policy, no retry; errors as
// TidbCluster. An account that we make is `name@%`. Methods block until `call.deadline` at most.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/secret.h"
#include "model/names.h"

namespace bdrmesh {

struct UserSession {
  std::string instance;  ///< status address of its server
  std::uint64_t id = 0;
  std::string host;       ///< where it comes from
  std::string command;    ///< Sleep, Query, …
  std::string user = {};  ///< without its host part
};

/// One look at CLUSTER_PROCESSLIST. Complete only without warnings (tidb-sql §2.7).
struct SessionLook {
  std::vector<UserSession> sessions;
  std::vector<std::string> warnings;
};

enum class LoginAnswer {
  accepted,
  locked,   ///< 3118: this very server refuses the account
  refused,  ///< any other refusal: no such user, another password
};

class UserKeeper {
 public:
  virtual ~UserKeeper() = default;

  /// Whether it is locked for every host part it has: one that is open lets the writer in.
  /// @return std::nullopt when there is no account of that name. Needs SELECT on mysql.
  virtual std::optional<bool> is_locked(const std::string& user, const Call& call) = 0;
  /// Keeps new logins out (or lets them in again) once every server has learned it; sessions that
  /// are there stay (tidb-sql §9). Needs CREATE USER and, behind a gate, the exemption.
  virtual void set_locked(const std::string& user, bool locked, const Call& call) = 0;
  /// Tries to log in on that server. Each judges by what it knows, so each has to be asked.
  /// @throws Error transient when the server does not answer.
  virtual LoginAnswer try_login(const ServerAddress& server, const std::string& user,
                                const Secret& password, const Call& call) = 0;
  virtual SessionLook sessions_of(const std::string& user, const Call& call) = 0;
  /// Of every user, ours among them. Needs PROCESS.
  virtual SessionLook sessions(const Call& call) = 0;
  /// Ends a session of any user; one that is gone counts as ended. KILL proves nothing: look again.
  virtual void end_session(const ServerAddress& server, std::uint64_t id, const Call& call) = 0;

  /// Afterwards the account exists with that password, unlocked, and has at least `grants`, each
  /// such as `SELECT, INSERT ON *.*`. Safe to repeat; a repetition changes the password.
  /// @throws Error precondition `TIDB_PRIVILEGE` when we may not grant one of them.
  virtual void make_user(const std::string& user, const Secret& password,
                         const std::vector<std::string>& grants, const Call& call) = 0;
  /// Afterwards there is no such account.
  virtual void drop_user(const std::string& user, const Call& call) = 0;
};

}  // namespace bdrmesh
