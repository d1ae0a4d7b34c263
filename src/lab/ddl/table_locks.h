// LOCK TABLES on a server that has it switched on (tidb-sql §2.4): who holds which table. Off by
// default, as in TiDB. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "lab/core/cluster_state.h"
#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

class TableLocks {
 public:
  struct Lock {
    std::uint64_t session = 0;
    std::string server;  ///< its id
    bool write = false;  ///< READ lets others read
  };

  /// @param table  qualified. A session's later lock replaces its earlier one.
  void take(const ObjectName& table, const Lock& lock);
  /// All of a session: UNLOCK TABLES, or its end. @return whether it held any.
  bool release(std::uint64_t session);
  /// Whose lock keeps `session` from reading, or writing, a table.
  std::optional<Lock> blocker(const ObjectName& table, std::uint64_t session, bool writes) const;

 private:
  mutable std::mutex mutex_;  // guards locks_
  std::map<std::string, Lock> locks_;
};

/// The id of a tidb-server, a UUID, as ADMIN SHOW DDL and the error 8020 name it.
std::string server_uuid(const ClusterState& cluster, std::size_t server);

}  // namespace bdrmesh::lab
