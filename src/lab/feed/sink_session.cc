#include "lab/feed/sink_session.h"

#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kConnectPatience{10000};
constexpr int kUnknownVariable = 1193;

SqlLogin login_of(const SinkUri& uri) { return {"", uri.host, uri.port, uri.user, uri.password}; }

}  // namespace

std::string go_text_of(const Error& error) {
  if (const auto* sql = dynamic_cast<const SqlError*>(&error)) {
    return "Error " + std::to_string(sql->number) + " (" + sql->state + "): " + sql->message();
  }
  return error.message();
}

int server_error_of(const Error& error) {
  const auto* sql = dynamic_cast<const SqlError*>(&error);
  return sql == nullptr ? 0 : sql->number;
}

void SinkSession::open() {
  {
    const std::lock_guard lock(mutex_);
    if (session_) return;
  }
  auto fresh = std::make_shared<SqlSession>(login_of(uri_), kConnectPatience);
  {
    const std::lock_guard lock(mutex_);
    if (aborted_) throw Error(ErrorKind::cancelled, "LAB_STOPPED", "the feed is being stopped");
    session_ = fresh;
  }
  try {
    set_up();
  } catch (...) {
    close();
    throw;
  }
}

void SinkSession::set_up() {
  run("SET SESSION sql_mode = 'IGNORE_SPACE,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'");
  run("SET SESSION time_zone = '+00:00'");
  run("SET SESSION foreign_key_checks = 0");
  run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  for (const std::string& optional :
       {std::string("SET SESSION tidb_cdc_write_source = ") + std::to_string(write_source_),
        std::string("SET SESSION tidb_enable_external_ts_read = OFF"),
        std::string("SET SESSION allow_auto_random_explicit_insert = 1")}) {
    try {
      run(optional);
    } catch (const SqlError& e) {
      if (e.number != kUnknownVariable) throw;
    }
  }
}

std::shared_ptr<SqlSession> SinkSession::session() const {
  const std::lock_guard lock(mutex_);
  if (!session_) throw Error(ErrorKind::transient, "LAB_SQL_UNREACHABLE", "invalid connection");
  return session_;
}

bool SinkSession::is_open() const {
  const std::lock_guard lock(mutex_);
  return session_ != nullptr;
}

std::vector<SqlSession::ResultRow> SinkSession::run(const std::string& sql) {
  return session()->query(sql, read_timeout_);
}

void SinkSession::run_all(const std::vector<std::string>& statements, std::size_t& done) {
  session()->script(statements, read_timeout_, done);
}

void SinkSession::close() {
  const std::lock_guard lock(mutex_);
  session_.reset();
}

void SinkSession::abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  if (session_) session_->abort();
}

void probe_downstream(const SinkUri& uri, const std::string& uri_text, bool bdr) {
  try {
    SqlSession session(login_of(uri), kConnectPatience);
    if (!bdr) return;
    try {
      session.query("SELECT tidb_version()", kConnectPatience);
      session.query("SET SESSION tidb_cdc_write_source = 1", kConnectPatience);
    } catch (const SqlError&) {
      throw ApiError(
          400, "CDC:ErrSinkURIInvalid",
          "downstream database does not support BDR mode, please check your config, sink uri: " +
              masked_sink_uri(uri_text));
    }
  } catch (const Error& e) {
    throw ApiError(400, "CDC:ErrMySQLConnectionError",
                   "fail to open MySQL connection: " + go_text_of(e));
  }
}

}  // namespace bdrmesh::lab
