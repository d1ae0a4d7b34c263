// What the front ends of one cluster share beyond ClusterState: grants that MariaDB cannot keep,
// table ids, the lock on the BDR role, and a connection with all rights for looking things up.
// Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/backup/backup_queue.h"
#include "lab/core/cluster_state.h"
#include "lab/ddl/ddl_owner.h"
#include "lab/ddl/table_locks.h"
#include "lab/history/history.h"
#include "lab/schema/table_book.h"
#include "lab/server/dynamic_privileges.h"
#include "lab/server/freeze_gate.h"
#include "lab/server/table_ids.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

class SqlShared {
 public:
  explicit SqlShared(ClusterState& state);
  ~SqlShared();

  ClusterState& cluster;
  DynamicPrivileges privileges;
  TableIds tables;
  TableBook book;
  DdlOwner ddl;
  TableLocks table_locks;
  History history;
  BackupQueue backups;
  FreezeGate freeze[ClusterState::kServers];
  /// Requested when the cluster ends: whoever waits must stop.
  std::stop_source ending;

  /// Runs one statement with all rights and returns its rows.
  /// @throws Refused with the engine's error; SocketClosed when the engine is gone.
  std::vector<std::vector<Cell>> as_admin(const std::string& sql);
  /// Ends what runs on an engine connection, or the connection; unknown ids are ignored.
  void kill_engine_thread(std::uint32_t thread, bool whole);
  /// What KILL, or the death of its server, does to a session's work in the engine: nothing to a
  /// DDL (measured A1), nor to a commit that succeeds though killed (Faults).
  void end_engine_work(const SessionInfo& session, bool whole);

  /// Engine connections that wait for a row lock, and since when (UTC text). The engine tells it
  /// only to who asks seldom, so it may be a fraction of a second old.
  std::map<std::uint32_t, std::string> lock_waits();

  /// The role is written in a transaction and locked until that ends (measured A2).
  /// Takes it, or finds it taken by this session. Does not wait.
  /// @return false while another session holds it.
  bool try_lock_role(std::uint64_t session);
  void unlock_role(std::uint64_t session);

  /// A connection id as TiDB builds its 32-bit ones: server and count.
  std::uint64_t next_connection_id(std::size_t server);

 private:
  class Admin;
  std::unique_ptr<Admin> admin_;
  std::mutex role_mutex_;  // guards role_holder_
  std::uint64_t role_holder_ = 0;
  std::mutex waits_mutex_;  // guards waits_ and waits_seen_
  std::map<std::uint32_t, std::string> waits_;
  std::optional<MonoTime> waits_seen_;
  std::atomic<std::uint64_t> connections_{100};
};

}  // namespace bdrmesh::lab
