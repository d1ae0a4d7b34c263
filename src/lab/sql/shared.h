// What the front ends of one cluster share beyond ClusterState: grants that MariaDB cannot keep,
// table ids, the lock on the BDR role, and a connection with all rights for looking things up.
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/core/cluster_state.h"
#include "lab/sql/dynamic_privileges.h"
#include "lab/sql/freeze_gate.h"
#include "lab/sql/table_ids.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

class SqlShared {
 public:
  explicit SqlShared(ClusterState& state);
  ~SqlShared();

  ClusterState& cluster;
  DynamicPrivileges privileges;
  TableIds tables;
  FreezeGate freeze[ClusterState::kServers];
  /// Requested when the cluster ends: whoever waits must stop.
  std::stop_source ending;

  /// Runs one statement with all rights and returns its rows.
  /// @throws Refused with the engine's error; SocketClosed when the engine is gone.
  std::vector<std::vector<Cell>> as_admin(const std::string& sql);
  /// Ends what runs on an engine connection, or the connection; unknown ids are ignored.
  void kill_engine_thread(std::uint32_t thread, bool whole);

  /// The role is written in a transaction and locked until that ends (measured A2).
  /// @return false when another session holds it for 50 s.
  bool lock_role(std::uint64_t session, Millis limit);
  void unlock_role(std::uint64_t session);

  /// A connection id as TiDB builds its 32-bit ones: server and count.
  std::uint64_t next_connection_id(std::size_t server);

 private:
  class Admin;
  std::unique_ptr<Admin> admin_;
  std::mutex role_mutex_;  // guards role_holder_
  std::condition_variable_any role_free_;
  std::uint64_t role_holder_ = 0;
  std::atomic<std::uint64_t> connections_{100};
};

}  // namespace bdrmesh::lab
