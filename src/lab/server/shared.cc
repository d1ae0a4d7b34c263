#include "lab/server/shared.h"

#include "lab/binlog/sql_session.h"
#include "lab/net/socket.h"
#include "lab/server/refused.h"

namespace bdrmesh::lab {

namespace {
constexpr Millis kAdminLimit{30'000};
/// InnoDB renews what it tells of transactions when nobody has asked for 100 ms.
constexpr Millis kLockWaitsAge{150};
}  // namespace

/// A few connections, used by one thread at a time each.
class SqlShared::Admin {
 public:
  explicit Admin(const ClusterState& cluster) : cluster_(cluster) {}

  std::vector<std::vector<Cell>> run(const std::string& sql) {
    // Idle connections do not survive a crash of the engine; a new one tells whether it is back.
    try {
      if (auto session = take_idle()) return run_on(std::move(session), sql);
    } catch (const SocketClosed&) {
      const std::lock_guard lock(mutex_);
      idle_.clear();
    }
    return run_on(connect(), sql);
  }

 private:
  std::vector<std::vector<Cell>> run_on(std::unique_ptr<SqlSession> session,
                                        const std::string& sql) {
    try {
      auto rows = session->query(sql, kAdminLimit);
      give_back(std::move(session));
      return rows;
    } catch (const SqlError& e) {
      give_back(std::move(session));
      throw Refused(e.number, e.state, e.message());
    } catch (const Error& e) {
      throw SocketClosed(e.message());
    }
  }

  std::unique_ptr<SqlSession> take_idle() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    auto session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }

  std::unique_ptr<SqlSession> connect() {
    const EngineEndpoint engine = cluster_.engine();
    try {
      return std::make_unique<SqlSession>(
          SqlLogin{engine.socket_path, "", 0, engine.admin_user, engine.admin_password},
          kAdminLimit);
    } catch (const Error& e) {
      throw SocketClosed(e.message());
    }
  }

  void give_back(std::unique_ptr<SqlSession> session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
  }

  const ClusterState& cluster_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<SqlSession>> idle_;
};

SqlShared::SqlShared(ClusterState& state)
    : cluster(state),
      privileges(state.clock, ClusterState::kServers),
      tables(state.jobs),
      ddl(state),
      history(state),
      backups(state.clock),
      admin_(std::make_unique<Admin>(state)) {}
SqlShared::~SqlShared() = default;

std::vector<std::vector<Cell>> SqlShared::as_admin(const std::string& sql) {
  return admin_->run(sql);
}

void SqlShared::kill_engine_thread(std::uint32_t thread, bool whole) {
  try {
    as_admin((whole ? "KILL " : "KILL QUERY ") + std::to_string(thread));
  } catch (const Refused&) {
    // It had ended already.
  } catch (const SocketClosed&) {
    // So has the engine.
  }
}

void SqlShared::end_engine_work(const SessionInfo& session, bool whole) {
  if (session.in_ddl) return;
  const bool commits = session.txn_state == TxnState::committing;
  // Such a session ends its transaction itself, one way or the other.
  if (commits && (cluster.faults.commit_hold() || cluster.faults.killed_commits_succeed())) return;
  kill_engine_thread(session.engine_thread, whole);
}

std::map<std::uint32_t, std::string> SqlShared::lock_waits() {
  const std::lock_guard lock(waits_mutex_);
  const MonoTime now = cluster.clock.mono();
  if (waits_seen_ && now - *waits_seen_ < kLockWaitsAge) return waits_;
  waits_.clear();
  for (const auto& row :
       as_admin("SELECT trx_mysql_thread_id,trx_wait_started FROM information_schema.innodb_trx "
                "WHERE trx_state='LOCK WAIT'")) {
    waits_[static_cast<std::uint32_t>(std::stoul(row[0].value_or("0")))] = row[1].value_or("");
  }
  waits_seen_ = now;
  return waits_;
}

bool SqlShared::try_lock_role(std::uint64_t session) {
  const std::lock_guard lock(role_mutex_);
  if (role_holder_ != 0 && role_holder_ != session) return false;
  role_holder_ = session;
  return true;
}

void SqlShared::unlock_role(std::uint64_t session) {
  const std::lock_guard lock(role_mutex_);
  if (role_holder_ == session) role_holder_ = 0;
}

std::uint64_t SqlShared::next_connection_id(std::size_t server) {
  return ((server + 1) << 21U) | (connections_++ << 1U);
}

}  // namespace bdrmesh::lab
