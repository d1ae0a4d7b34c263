#include "clients/sql/sql_connector.h"

#include "base/error.h"

namespace bdrmesh {

ServerAddress SqlConnector::preferred() const {
  const std::scoped_lock lock(mutex_);
  return access_.servers.empty() ? ServerAddress() : access_.servers[first_];
}

Secret SqlConnector::password() const {
  const std::scoped_lock lock(mutex_);
  if (!known_password_) known_password_ = access_.password();
  return *known_password_;
}

bool SqlConnector::password_changed(const Secret& refused) const {
  const std::scoped_lock lock(mutex_);
  known_password_ = access_.password();
  return !(*known_password_ == refused);
}

SqlSession SqlConnector::open(const ServerAddress& server, const Call& call,
                              SqlPatience patience) const {
  const Secret tried = password();
  try {
    return SqlSession({server, access_.user, tried, access_.tls, access_.label}, call, clock_,
                      patience);
  } catch (const Error& e) {
    // Passwords are rotated while we run.
    if (e.code() != "TIDB_LOGIN" || !password_changed(tried)) throw;
  }
  return SqlSession({server, access_.user, password(), access_.tls, access_.label}, call, clock_,
                    patience);
}

SqlSession SqlConnector::open_any(const Call& call, SqlPatience patience) const {
  const std::size_t count = access_.servers.size();
  if (count == 0) throw Error(ErrorKind::invalid, "NO_SERVERS", "no tidb-server is configured");
  std::size_t first = 0;
  {
    const std::scoped_lock lock(mutex_);
    first = first_;
  }
  std::string refusals;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t candidate = (first + i) % count;
    try {
      SqlSession session = open(access_.servers[candidate], call, patience);
      const std::scoped_lock lock(mutex_);
      first_ = candidate;
      return session;
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::transient) throw;
      refusals += (refusals.empty() ? "" : "; ") + e.message();
    }
  }
  throw Error(ErrorKind::transient, "TIDB_UNREACHABLE", refusals,
              "see that these tidb-servers run and that the configuration has their addresses; "
              "bdrmesh doctor asks every one");
}

}  // namespace bdrmesh
