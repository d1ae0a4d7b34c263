#include "store/sqlite.h"

#include <sqlite3.h>

#include "base/error.h"

namespace bdrmesh::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;

}  // namespace

Query::Query(Connection& connection, sqlite3_stmt* statement)
    : connection_(connection), statement_(statement) {}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  const char* data = text.data() != nullptr ? text.data() : "";
  const int code = sqlite3_bind_text(statement_, ++bound_, data, static_cast<int>(text.size()),
                                     SQLITE_TRANSIENT);  // NOLINT: SQLite's own cast
  if (code != SQLITE_OK) connection_.fail(code, "bind a value");
  return *this;
}

Query& Query::bind(std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_, ++bound_, number);
  if (code != SQLITE_OK) connection_.fail(code, "bind a value");
  return *this;
}

Query& Query::bind(std::optional<std::int64_t> number) {
  if (number) return bind(*number);
  const int code = sqlite3_bind_null(statement_, ++bound_);
  if (code != SQLITE_OK) connection_.fail(code, "bind a value");
  return *this;
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  connection_.fail(code, sqlite3_sql(statement_));
}

void Query::run() {
  while (next()) {
  }
}

std::string Query::text(int column) const {
  const auto* data = sqlite3_column_text(statement_, column);
  if (data == nullptr) return {};
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {reinterpret_cast<const char*>(data), size};
}

std::int64_t Query::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<std::int64_t> Query::number_or_null(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

Connection::Connection(const std::string& path) : path_(path) {
  // Each connection has one user at a time, so SQLite's own mutexes are not needed.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &db_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "open");
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, kBusyTimeoutMs);
    run_script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  } catch (...) {
    sqlite3_close_v2(db_);
    throw;
  }
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Query Connection::query(std::string_view sql) {
  const auto [entry, added] = statements_.try_emplace(std::string(sql), nullptr);
  if (entry->second == nullptr) {
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &entry->second, nullptr);
    if (code != SQLITE_OK) {
      statements_.erase(entry);
      fail(code, sql);
    }
  }
  return {*this, entry->second};
}

void Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, sql);
}

std::int64_t Connection::changed_rows() const { return sqlite3_changes64(db_); }

void Connection::fail(int code, std::string_view doing) const {
  const std::string said = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  const std::string text = "state file " + path_ + ": " + said;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorKind::transient, "STATE_BUSY", text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw Error(ErrorKind::precondition, "STATE_CORRUPT", text,
                  "stop the daemon, keep a copy of the file, and put back the newest backup");
    case SQLITE_FULL:
      throw Error(ErrorKind::precondition, "STATE_UNUSABLE", text,
                  "make room on the disk that holds " + path_ + "; a running daemon then goes on");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw Error(ErrorKind::precondition, "STATE_UNUSABLE", text,
                  "make the file and its folder writable for this user: " + path_);
    case SQLITE_IOERR:
      throw Error(ErrorKind::precondition, "STATE_UNUSABLE",
                  text + " (" + sqlite3_errstr(code) + ", " + std::to_string(code) + ")",
                  "see what is wrong with the disk that holds " + path_ +
                      " (df, mount, dmesg); a running daemon goes on when it works again");
    default:
      throw Error(ErrorKind::bug, "STATE_SQL", text + " (" + std::string(doing) + ")");
  }
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  connection_.query("BEGIN IMMEDIATE").run();
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    connection_.query("ROLLBACK").run();
  } catch (const Error&) {
    // SQLite has already rolled back by itself, as it does when the disk is full.
    open_ = false;
  }
}

void Transaction::commit() {
  connection_.query("COMMIT").run();
  open_ = false;
}

Snapshot::Snapshot(Connection& connection) : connection_(connection) {
  connection_.query("BEGIN").run();
}

Snapshot::~Snapshot() {
  try {
    connection_.query("ROLLBACK").run();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
    // Nothing was written: there is nothing to be told.
  }
}

}  // namespace bdrmesh::sqlite
