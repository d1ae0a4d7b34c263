// The sessions of one cluster's tidb-servers, as CLUSTER_PROCESSLIST and CLUSTER_TIDB_TRX show
// them. Thread-safe. Each front-end session registers itself and keeps its entry up to date.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

enum class TxnState { idle, running, committing };

struct SessionInfo {
  std::uint64_t id = 0;  ///< global connection id, CONNECTION_ID()
  std::size_t server = 0;
  std::string user;
  std::string host;  ///< of the client, with port
  std::string db;
  std::string command = "Sleep";
  std::string statement;  ///< running one
  MonoTime since;         ///< of the present command
  std::uint32_t engine_thread = 0;
  bool in_ddl = false;
  bool in_transaction = false;
  bool explicit_transaction = false;
  std::uint64_t start_ts = 0;
  std::uint64_t mem_buffer_keys = 0;
  TxnState txn_state = TxnState::idle;
  std::set<std::int64_t> table_ids;
  std::vector<std::string> recent_digests;
  std::string current_digest;
};

class Sessions {
 public:
  /// Asked to end the statement (`whole` false) or the connection of a session.
  using Killer = std::function<void(bool whole)>;

  void add(SessionInfo info, Killer killer);
  void remove(std::uint64_t id);
  void update(std::uint64_t id, const std::function<void(SessionInfo&)>& change);
  std::optional<SessionInfo> find(std::uint64_t id) const;
  std::vector<SessionInfo> list() const;
  /// @return false when there is no such session.
  bool kill(std::uint64_t id, bool whole);

 private:
  struct Entry {
    SessionInfo info;
    Killer killer;
  };
  mutable std::mutex
      mutex_;  // guards entries_; a killer runs under it, so it must not block or call back
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace bdrmesh::lab
