#include "clients/sql/sql_session.h"

#include <algorithm>
#include <chrono>
#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>
#include <optional>
#include <utility>

#include "base/error.h"
#include "clients/call_note.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/sql/sql_errors.h"

namespace bdrmesh {
namespace {

constexpr int kConnectSeconds = 3;
constexpr int kLongestSeconds = 24 * 3600;

/// The connector counts in whole seconds: what is left, rounded up.
int seconds_left(const Call& call, const Clock& clock) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(call.deadline - clock.mono()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 1, kLongestSeconds));
}

void require_time(const Call& call, const Clock& clock, const ServerAddress& server,
                  std::string_view doing) {
  if (call.stop.stop_requested()) {
    throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop before: " + std::string(doing));
  }
  if (clock.mono() >= call.deadline) {
    throw Error(ErrorKind::transient, "TIDB_TIMEOUT",
                "tidb-server " + server.value() + ": no time left before: " + std::string(doing));
  }
}

sql::ConnectOptionsMap options_for(const SqlLogin& login, const Call& call, const Clock& clock,
                                   SqlPatience patience) {
  const int left = seconds_left(call, clock);
  sql::ConnectOptionsMap options;
  // The URL form keeps "localhost" on TCP and knows bracketed IPv6 addresses (lab-probe §2.2, 4).
  options["hostName"] = sql::SQLString("tcp://" + login.server.value());
  options["userName"] = sql::SQLString(login.user);
  options["password"] = sql::SQLString(login.password.reveal());
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = std::min(kConnectSeconds, left);
  const bool bounded = patience == SqlPatience::until_deadline || call.deadline != MonoTime::max();
  if (bounded) {
    options["OPT_READ_TIMEOUT"] = left;
    options["OPT_WRITE_TIMEOUT"] = left;
  }
  if (login.tls.wanted()) {
    options["sslCA"] = sql::SQLString(login.tls.ca);
    if (!login.tls.cert.empty()) options["sslCert"] = sql::SQLString(login.tls.cert);
    if (!login.tls.key.empty()) options["sslKey"] = sql::SQLString(login.tls.key);
    // Only this refuses a server without TLS and checks its name (lab-probe §2.2, 1).
    options["sslVerify"] = true;
  }
  return options;
}

SqlRows copy_rows(sql::ResultSet& result) {
  SqlRows out;
  sql::ResultSetMetaData& meta = *result.getMetaData();
  const unsigned columns = meta.getColumnCount();
  for (unsigned i = 1; i <= columns; ++i) out.columns.emplace_back(meta.getColumnLabel(i).c_str());
  while (result.next()) {
    auto& row = out.rows.emplace_back();
    for (unsigned i = 1; i <= columns; ++i) {
      const sql::SQLString cell = result.getString(i);
      if (result.wasNull()) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(std::string(cell.c_str(), cell.length()));
      }
    }
  }
  return out;
}

}  // namespace

struct SqlSession::Impl {
  SqlContext context(SqlEffect effect, std::string_view doing) const {
    return {login.server, login.user, effect, std::string(doing)};
  }

  void connect(SqlPatience patience) {
    require_time(call, *clock, login.server, "connect");
    try {
      sql::ConnectOptionsMap options = options_for(login, call, *clock, patience);
      connection.reset(sql::mysql::get_driver_instance()->connect(options));
    } catch (const sql::SQLException& e) {
      throw translate_sql_failure({e.getErrorCode(), e.getSQLState(), e.what()},
                                  context(SqlEffect::connects, "log in"));
    }
  }

  struct Outcome {
    SqlRows rows;
    std::uint64_t changed = 0;
  };

  Outcome run(const std::string& sql, SqlEffect effect, std::string_view doing) {
    CallNote note(call, *clock, login.target(), std::string(doing));
    try {
      Outcome outcome = run_unnoted(sql, effect, doing);
      note.answered("ok");
      return outcome;
    } catch (const Error& e) {
      note.answered(noted_answer(e));
      throw;
    }
  }

  Outcome run_unnoted(const std::string& sql, SqlEffect effect, std::string_view doing) {
    require_time(call, *clock, login.server, doing);
    try {
      const std::unique_ptr<sql::Statement> statement(connection->createStatement());
      Outcome outcome;
      if (statement->execute(sql::SQLString(sql))) {
        const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
        outcome.rows = copy_rows(*result);
      } else {
        outcome.changed = statement->getUpdateCount();
      }
      return outcome;
    } catch (const sql::SQLException& e) {
      throw translate_sql_failure({e.getErrorCode(), e.getSQLState(), e.what()},
                                  context(effect, doing));
    }
  }

  void require_encryption() {
    const SqlRows rows =
        run_unnoted(std::string(sql_text::kShowCipher), SqlEffect::reads, "read the TLS state")
            .rows;
    if (!rows.empty() && !rows.text(0, 1).empty()) return;
    throw Error(ErrorKind::precondition, "TIDB_TLS",
                "tidb-server " + login.server.value() +
                    ": the connection is not encrypted although tls is configured");
  }

  void pin_to_now() {
    try {
      run_unnoted(std::string(sql_text::kPinToNow), SqlEffect::reads, "pin the session to now");
    } catch (const SqlError& e) {
      // A server that does not take the words has no such setting: before v6.4, or no TiDB.
      if (e.kind() != ErrorKind::invalid) throw;
    }
  }

  SqlLogin login;
  Call call;
  const Clock* clock;
  std::unique_ptr<sql::Connection> connection;
  std::uint64_t id = 0;
};

SqlSession::SqlSession(const SqlLogin& login, const Call& call, const Clock& clock,
                       SqlPatience patience)
    : impl_(std::make_unique<Impl>(Impl{login, call, &clock, nullptr, 0})) {
  // One line for observers: all of it is the way in.
  CallNote note(call, clock, login.target(), "log in");
  try {
    impl_->connect(patience);
    if (login.tls.wanted()) impl_->require_encryption();
    impl_->run_unnoted(std::string(sql_text::kPinSession), SqlEffect::reads, "pin the session");
    impl_->pin_to_now();
    note.answered("ok");
  } catch (const Error& e) {
    note.answered(noted_answer(e));
    throw;
  }
}

SqlSession::~SqlSession() = default;
SqlSession::SqlSession(SqlSession&& other) noexcept = default;
SqlSession& SqlSession::operator=(SqlSession&& other) noexcept = default;

SqlRows SqlSession::query(const std::string& sql, std::string_view doing) {
  return impl_->run(sql, SqlEffect::reads, doing).rows;
}

std::uint64_t SqlSession::change(const std::string& sql, std::string_view doing) {
  return impl_->run(sql, SqlEffect::changes, doing).changed;
}

SqlRows SqlSession::change_with_rows(const std::string& sql, std::string_view doing) {
  return impl_->run(sql, SqlEffect::changes, doing).rows;
}

std::vector<std::string> SqlSession::warnings() {
  const SqlRows rows = query(std::string(sql_text::kShowWarnings), "read warnings");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(rows.text(i, "Code") + " " + rows.text(i, "Message"));
  return out;
}

std::uint64_t SqlSession::connection_id() {
  if (impl_->id == 0) {
    impl_->id =
        query(std::string(sql_text::kConnectionId), "read the connection id").number(0, "value");
  }
  return impl_->id;
}
const ServerAddress& SqlSession::server() const { return impl_->login.server; }
const SqlLogin& SqlSession::login() const { return impl_->login; }
void SqlSession::use_for(const Call& call) { impl_->call = call; }
void SqlSession::forget_observer() { impl_->call.observer = nullptr; }

}  // namespace bdrmesh
