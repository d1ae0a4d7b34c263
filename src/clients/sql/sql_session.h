// One SQL connection to one tidb-server: opened, used for a few statements, dropped. RAII over
// MySQL Connector/C++ 1.1.12, whose headers stay in the source file. Translates every failure;
// decides nothing. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/secret.h"
#include "clients/sql/sql_rows.h"
#include "model/desired.h"
#include "model/names.h"

namespace bdrmesh {

struct SqlLogin {
  ServerAddress server;
  std::string user;
  Secret password;
  TlsFiles tls;
  std::string label = "tidb";  ///< for observers of calls

  std::string target() const { return label + " " + server.value(); }
};

/// How long one statement may keep us waiting.
enum class SqlPatience {
  until_deadline,  ///< what is left of the call when the session opens, rounded up to a second
  for_ever,        ///< no read timeout unless the call has a deadline; for DDL
};

class SqlSession {
 public:
  /// Connects, within 3 s and the call's deadline, and pins sql_mode and time zone, so that texts
  /// mean the same on every cluster. Autocommit is on.
  /// @throws Error transient `TIDB_UNREACHABLE`; precondition `TIDB_LOGIN`, `TIDB_TLS`; cancelled.
  SqlSession(const SqlLogin& login, const Call& call, const Clock& clock,
             SqlPatience patience = SqlPatience::until_deadline);
  ~SqlSession();
  SqlSession(SqlSession&& other) noexcept;
  SqlSession& operator=(SqlSession&& other) noexcept;

  /// Runs a statement that changes nothing. `doing` completes "cannot …" in errors.
  SqlRows query(const std::string& sql, std::string_view doing);
  /// Runs a statement that changes something.
  /// @return the rows that really changed (not those found: CLIENT_FOUND_ROWS is off).
  /// @throws Error ambiguous `TIDB_ANSWER_LOST` when no answer came.
  std::uint64_t change(const std::string& sql, std::string_view doing);
  /// A changing statement that answers with rows (ADMIN CANCEL DDL JOBS).
  SqlRows change_with_rows(const std::string& sql, std::string_view doing);
  /// SHOW WARNINGS as `code text`; must follow the statement at once.
  std::vector<std::string> warnings();

  /// From now on its statements belong to `call`; the timeout stays that of the one it was opened
  /// for.
  void use_for(const Call& call);
  /// Asked of the server once.
  std::uint64_t connection_id();
  const ServerAddress& server() const;
  const SqlLogin& login() const;
  /// From now on nobody is told of its calls: for a session that may outlive its call.
  void forget_observer();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdrmesh
