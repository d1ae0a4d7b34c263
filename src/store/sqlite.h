// A thin layer over SQLite's C interface: connections, statements, transactions; failures become
// our Error at once. Internal to store/. A connection and its statements belong to one thread at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace bdrmesh::sqlite {

class Connection;

/// One run of a prepared statement; gives the statement back to its connection when it goes.
class Query {
 public:
  Query(Connection& connection, sqlite3_stmt* statement);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Binds the next parameter.
  Query& bind(std::string_view text);
  Query& bind(std::int64_t number);
  Query& bind(std::optional<std::int64_t> number);

  /// @return true while there is a row. @throws Error as `Connection::fail`.
  bool next();
  /// Runs to the end.
  void run();

  std::string text(int column) const;
  std::int64_t number(int column) const;
  std::optional<std::int64_t> number_or_null(int column) const;
  bool flag(int column) const { return number(column) != 0; }

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Connection {
 public:
  /// Opens or creates `path` (":memory:" for a private one): WAL, synchronous=FULL, foreign keys,
  /// busy timeout.
  /// @throws Error precondition `STATE_UNUSABLE`, `STATE_CORRUPT` naming the file.
  explicit Connection(const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Prepares `sql`, or takes it from this connection's cache.
  Query query(std::string_view sql);
  /// Runs several statements without parameters.
  void run_script(const std::string& sql);
  /// How many rows the last statement changed.
  std::int64_t changed_rows() const;
  const std::string& path() const { return path_; }

  /// Throws what SQLite's result `code` means for the caller: transient `STATE_BUSY`; precondition
  /// `STATE_CORRUPT`, `STATE_UNUSABLE` naming the file; bug `STATE_SQL` for the rest.
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  std::string path_;
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

/// BEGIN IMMEDIATE now; ROLLBACK unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

/// While it lives, the connection reads everything as of one moment.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

}  // namespace bdrmesh::sqlite
