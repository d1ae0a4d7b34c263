#include "store/lock_rows.h"

#include <limits>
#include <optional>

#include "base/error.h"

namespace bdrmesh::rows {
namespace {

using sqlite::Connection;

struct InTheWay {
  LockWait wait;
  bool holds = false;  ///< else it only stands before us in the queue
  bool line_crossed = false;
  WallTime since;
};

/// Everybody who comes later than any stored operation.
constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();

std::optional<InTheWay> in_the_way(Connection& connection, const std::string& name,
                                   const std::string& operation, std::int64_t number) {
  const auto find = [&](const char* sql, bool holds) -> std::optional<InTheWay> {
    auto query = connection.query(sql);
    query.bind(name).bind(operation);
    if (!holds) query.bind(number);
    if (!query.next()) return std::nullopt;
    return InTheWay{{name, query.text(0), query.text(1), operation_state_from(query.text(2))},
                    holds,
                    query.flag(3),
                    from_millis(query.number(4))};
  };
  if (auto holder = find("SELECT o.id, o.title, o.state, o.line_crossed, l.since_ms FROM locks l"
                         " JOIN operations o ON o.id = l.operation"
                         " WHERE l.name = ? AND l.operation <> ?",
                         true)) {
    return holder;
  }
  return find(
      "SELECT o.id, o.title, o.state, o.line_crossed, o.created_ms FROM lock_waits w"
      " JOIN operations o ON o.id = w.operation"
      " WHERE w.name = ? AND w.operation <> ? AND o.number < ? ORDER BY o.number LIMIT 1",
      false);
}

std::string ways_to_end(const InTheWay& other) {
  const std::string& id = other.wait.holder;
  if (!other.holds) {
    return "stand behind it with --queue, or take it out of the queue: bdrmesh op cancel " + id;
  }
  if (other.wait.holder_state == OperationState::blocked) {
    const std::string undo = other.line_crossed ? "" : ", or undo it: bdrmesh op cancel " + id;
    return "see why it is blocked: bdrmesh op show " + id + "; then bdrmesh op resume " + id + undo;
  }
  const bool undoable = !other.line_crossed && other.wait.holder_state == OperationState::running;
  return "wait for its end: bdrmesh op watch " + id + "; or stand in the queue with --queue" +
         (undoable ? "; or undo it: bdrmesh op cancel " + id : "");
}

[[noreturn]] void refuse(const InTheWay& other) {
  const LockWait& wait = other.wait;
  const std::string how = other.holds ? " is locked by operation " : " is waited for by operation ";
  throw Error(ErrorKind::conflict, "LOCKED",
              wait.name + how + wait.holder + " (" + wait.holder_title + "), " +
                  std::string(to_string(wait.holder_state)) + ", since " + to_rfc3339(other.since),
              ways_to_end(other));
}

void insert_lock(Connection& connection, const std::string& name, const std::string& operation,
                 WallTime since) {
  connection.query("INSERT OR IGNORE INTO locks (name, operation, since_ms) VALUES (?, ?, ?)")
      .bind(name)
      .bind(operation)
      .bind(to_millis(since))
      .run();
}

std::vector<std::string> texts(Connection& connection, const char* sql,
                               const std::string& operation) {
  std::vector<std::string> found;
  auto query = connection.query(sql);
  if (!operation.empty()) query.bind(operation);
  while (query.next()) found.push_back(query.text(0));
  return found;
}

void grant_what_is_free(Connection& connection, WallTime now) {
  const auto waiting =
      texts(connection,
            "SELECT o.id FROM operations o WHERE o.id IN (SELECT operation FROM lock_waits)"
            " ORDER BY o.number",
            {});
  for (const auto& operation : waiting) {
    if (!waits_of(connection, operation).empty()) continue;
    for (const auto& name :
         texts(connection, "SELECT name FROM lock_waits WHERE operation = ?", operation)) {
      insert_lock(connection, name, operation, now);
    }
    connection.query("DELETE FROM lock_waits WHERE operation = ?").bind(operation).run();
  }
}

}  // namespace

void take_locks(Connection& connection, const OperationRecord& operation,
                const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (const auto other = in_the_way(connection, name, operation.id, kLast)) refuse(*other);
  }
  for (const auto& name : names) insert_lock(connection, name, operation.id, operation.created);
}

void take_or_await_locks(Connection& connection, const OperationRecord& operation,
                         const std::vector<std::string>& names) {
  bool free = true;
  for (const auto& name : names) {
    if (in_the_way(connection, name, operation.id, kLast)) free = false;
  }
  if (free) {
    take_locks(connection, operation, names);
    return;
  }
  for (const auto& name : names) {
    connection.query("INSERT OR IGNORE INTO lock_waits (operation, name) VALUES (?, ?)")
        .bind(operation.id)
        .bind(name)
        .run();
  }
}

void release_locks(Connection& connection, const std::string& operation, WallTime now) {
  connection.query("DELETE FROM locks WHERE operation = ?").bind(operation).run();
  connection.query("DELETE FROM lock_waits WHERE operation = ?").bind(operation).run();
  grant_what_is_free(connection, now);
}

std::vector<LockWait> waits_of(Connection& connection, const std::string& operation) {
  std::int64_t number = 0;
  {
    auto query = connection.query("SELECT number FROM operations WHERE id = ?");
    if (query.bind(operation).next()) number = query.number(0);
  }
  std::vector<LockWait> waits;
  for (const auto& name :
       texts(connection, "SELECT name FROM lock_waits WHERE operation = ? ORDER BY name",
             operation)) {
    if (auto other = in_the_way(connection, name, operation, number)) {
      waits.push_back(std::move(other->wait));
    }
  }
  return waits;
}

}  // namespace bdrmesh::rows
