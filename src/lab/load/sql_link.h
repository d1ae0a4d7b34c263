// A plain SQL connection of an application or an administrator to one tidb-server, by MySQL
// Connector/C++. Knows nothing of the lab: real clusters are reached the same way.
// One thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/secret.h"

namespace bdrmesh::lab::load {

/// The server's error, or the loss of the connection.
class SqlFailure : public std::runtime_error {
 public:
  SqlFailure(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
  int code() const { return code_; }
  /// Nobody knows whether the statement took effect.
  bool connection_lost() const;

 private:
  int code_;
};

/// Text of each field; std::nullopt is NULL.
using SqlRow = std::vector<std::optional<std::string>>;

struct SqlResult {
  std::vector<std::string> columns;  ///< empty when the statement gives no rows
  std::vector<SqlRow> rows;
  std::uint64_t affected = 0;
};

class SqlLink {
 public:
  /// Connects; blocks up to 3 s.
  /// @param address  `host:port`
  /// @throws SqlFailure
  SqlLink(const std::string& address, const std::string& user, const Secret& password,
          std::chrono::seconds read_timeout = std::chrono::seconds(10));
  ~SqlLink();
  SqlLink(const SqlLink&) = delete;
  SqlLink& operator=(const SqlLink&) = delete;

  /// Runs one statement, with or without rows; blocks up to the read timeout.
  /// @throws SqlFailure; the link is of no use any more when the connection is lost.
  SqlResult run(const std::string& statement);
  /// First field of the first row; std::nullopt when there is none or it is NULL.
  std::optional<std::string> value(const std::string& statement);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

/// `text` as an SQL string literal.
std::string sql_literal(const std::string& text);

}  // namespace bdrmesh::lab::load
