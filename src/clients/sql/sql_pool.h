// Open sessions that wait to be used again, per tidb-server and read timeout: opening one costs
// more than a dozen questions. For questions only: what changes something takes a session of its
// own, so that nothing of one caller is left for the next. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "clients/sql/sql_session.h"

namespace bdrmesh {

class SqlPool {
 public:
  explicit SqlPool(const Clock& clock) : clock_(clock) {}

  /// The connector counts its timeout in whole seconds and sets it when it connects: the largest
  /// one kept here that ends before the call does, or at most a second after it.
  static int timeout_for(const Call& call, const Clock& clock);

  /// A session that waits; std::nullopt: there is none.
  std::optional<SqlSession> take(const ServerAddress& server, int timeout);
  /// Keeps a session that is as it was when it was opened, unless enough wait already.
  void put_back(SqlSession session, int timeout);
  /// Closes all that wait for this server: one of them was found broken.
  void forget(const ServerAddress& server);

 private:
  struct Waiting {
    SqlSession session;
    MonoTime since;
  };
  using Key = std::pair<ServerAddress, int>;
  void drop_old();

  const Clock& clock_;
  std::mutex mutex_;  // guards waiting_
  std::map<Key, std::vector<Waiting>> waiting_;
};

}  // namespace bdrmesh
