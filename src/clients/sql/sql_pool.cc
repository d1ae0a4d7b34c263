#include "clients/sql/sql_pool.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace bdrmesh {
namespace {

constexpr std::size_t kKeptPerServer = 3;
/// Shorter than what servers and balancers give an idle connection.
constexpr Millis kIdle{30000};
constexpr std::array kTimeouts{60, 45, 30, 20, 15, 10, 7, 5, 4, 3, 2, 1};

}  // namespace

int SqlPool::timeout_for(const Call& call, const Clock& clock) {
  if (call.deadline == MonoTime::max()) return kTimeouts.front();
  const auto left = std::chrono::ceil<std::chrono::seconds>(call.deadline - clock.mono()).count();
  const auto* const fits =
      std::ranges::find_if(kTimeouts, [&](int timeout) { return timeout <= left; });
  return fits == kTimeouts.end() ? 1 : *fits;
}

void SqlPool::drop_old() {
  const MonoTime oldest = clock_.mono() - kIdle;
  for (auto& [key, sessions] : waiting_)
    std::erase_if(sessions, [&](const Waiting& one) { return one.since < oldest; });
}

std::optional<SqlSession> SqlPool::take(const ServerAddress& server, int timeout) {
  const std::scoped_lock lock(mutex_);
  drop_old();
  auto& sessions = waiting_[{server, timeout}];
  if (sessions.empty()) return std::nullopt;
  SqlSession session = std::move(sessions.back().session);
  sessions.pop_back();
  return session;
}

void SqlPool::put_back(SqlSession session, int timeout) {
  const std::scoped_lock lock(mutex_);
  drop_old();
  auto& sessions = waiting_[{session.server(), timeout}];
  if (sessions.size() < kKeptPerServer) sessions.push_back({std::move(session), clock_.mono()});
}

void SqlPool::forget(const ServerAddress& server) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(waiting_, [&](const auto& one) { return one.first.first == server; });
}

}  // namespace bdrmesh
