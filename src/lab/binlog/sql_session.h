// A session on a cluster's MariaDB for the lab's own needs: a few text queries, and the stream of
// its binlog. mysql_native_password only. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "lab/binlog/event.h"

namespace bdrmesh::lab {

struct SqlLogin {
  std::string socket_path;  ///< used when not empty
  std::string host;         ///< else this host, a name or an address
  std::uint16_t port = 0;
  std::string user;
  Secret password;
};

/// What the server answered instead of a result; the message is its own text.
class SqlError : public Error {
 public:
  SqlError(int server_code, std::string sql_state, const std::string& text)
      : Error(ErrorKind::precondition, "LAB_SQL_ERROR", text),
        number(server_code),
        state(std::move(sql_state)) {}
  int number;
  std::string state;
};

class SqlSession {
 public:
  using Cell = std::optional<std::string>;
  using ResultRow = std::vector<Cell>;

  /// Connects and logs in. Blocks up to `limit`.
  /// @throws Error transient `LAB_ENGINE_UNREACHABLE`; precondition `LAB_ENGINE_ERROR` when
  /// refused.
  SqlSession(const SqlLogin& login, Millis limit);
  ~SqlSession();
  SqlSession(SqlSession&&) noexcept;

  /// Runs one statement. @return its rows, none for a statement without result.
  /// @throws SqlError; Error transient when the connection is lost or `limit` passed: the session
  /// is useless then.
  std::vector<ResultRow> query(const std::string& sql, Millis limit);

  /// Runs several statements without results, sent in one packet; the server stops at the first
  /// that fails.
  /// @param done  how many were answered with success, also when it throws.
  /// @throws as query().
  void script(const std::vector<std::string>& statements, Millis limit, std::size_t& done);

  /// Ends the connection under whoever waits on it. From any thread, any number of times.
  void abort() noexcept;

  /// Turns the session into a stream of binlog events; only next_event() may be called afterwards.
  /// @param replica_id  unique among all readers of that server: it drops an older one of the same
  /// id.
  void start_binlog(const BinlogPosition& from, std::uint32_t replica_id, Millis heartbeat);
  /// @return std::nullopt when no event came within `wait`.
  /// @throws Error transient, BadBinlog; SqlError when the server ends the stream (file
  /// purged).
  std::optional<RawEvent> next_event(Millis wait);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the binlog of a server ends now; between two groups of events.
BinlogPosition binlog_end(SqlSession& session, Millis limit);
/// Where the oldest binlog file of a server begins.
BinlogPosition binlog_begin(SqlSession& session, Millis limit);

}  // namespace bdrmesh::lab
