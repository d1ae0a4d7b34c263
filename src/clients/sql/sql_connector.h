// Opens sessions to the tidb-servers of one cluster and remembers which of them answered last.
// Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "clients/sql/sql_pool.h"
#include "clients/sql/sql_session.h"
#include "model/desired.h"
#include "model/names.h"

namespace bdrmesh {

/// How to reach a cluster over SQL. `password` is asked at the first login and again when a login
/// was refused.
struct SqlAccess {
  std::vector<ServerAddress> servers;
  std::string user;
  std::function<Secret()> password;
  TlsFiles tls;
  std::string label = "tidb";  ///< names the cluster to observers of calls: "tidb east"
};

class SqlConnector {
 public:
  SqlConnector(SqlAccess access, const Clock& clock)
      : access_(std::move(access)), clock_(clock), pool_(clock) {}

  /// @throws Error as SqlSession; precondition `SECRET_UNREADABLE` from the password's source.
  SqlSession open(const ServerAddress& server, const Call& call,
                  SqlPatience patience = SqlPatience::until_deadline) const;
  /// The first configured server that answers, beginning with the one that answered last. Nothing
  /// is sent to the others, so this is safe for changes too.
  SqlSession open_any(const Call& call, SqlPatience patience = SqlPatience::until_deadline) const;

  /// Asks questions, that is: changes nothing, on a session that waits, or on a new one; keeps it
  /// for the next. A session that was found dead is replaced once: nothing is lost by asking again.
  /// @return what `question(SqlSession&)` returns.
  template <class Question>
  auto ask(const ServerAddress& server, const Call& call, Question question) const {
    return ask_on(&server, call, question);
  }
  template <class Question>
  auto ask_any(const Call& call, Question question) const {
    return ask_on(nullptr, call, question);
  }

  const std::vector<ServerAddress>& servers() const { return access_.servers; }
  const std::string& user() const { return access_.user; }
  const Clock& clock() const { return clock_; }

 private:
  template <class Question>
  auto ask_on(const ServerAddress* server, const Call& call, Question& question) const {
    const int timeout = SqlPool::timeout_for(call, clock_);
    if (std::optional<SqlSession> waiting = pool_.take(server ? *server : preferred(), timeout)) {
      try {
        waiting->use_for(call);
        return answered(std::move(*waiting), timeout, question);
      } catch (const Error& e) {
        const bool lost = e.kind() == ErrorKind::transient || e.kind() == ErrorKind::ambiguous;
        if (!lost || clock_.mono() >= call.deadline) throw;
        pool_.forget(server ? *server : preferred());
      }
    }
    const Call opening = call.within(clock_.mono(), Millis{timeout * 1000});
    SqlSession fresh = server ? open(*server, opening) : open_any(opening);
    fresh.use_for(call);
    return answered(std::move(fresh), timeout, question);
  }
  template <class Question>
  auto answered(SqlSession session, int timeout, Question& question) const {
    auto answer = question(session);
    session.use_for(Call{});
    pool_.put_back(std::move(session), timeout);
    return answer;
  }
  ServerAddress preferred() const;

  Secret password() const;
  /// Reads the password again. @return false when it is still the same.
  bool password_changed(const Secret& refused) const;

  SqlAccess access_;
  const Clock& clock_;
  mutable SqlPool pool_;
  mutable std::mutex mutex_;  // guards known_password_ and first_
  mutable std::optional<Secret> known_password_;
  mutable std::size_t first_ = 0;
};

}  // namespace bdrmesh
