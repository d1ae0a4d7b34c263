#include "lab/load/sql_link.h"

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

namespace bdrmesh::lab::load {
namespace {

constexpr int kConnectSeconds = 3;

sql::Driver& driver() {
  // The first call is not thread-safe inside the library; the initialisation of a static is.
  static sql::Driver* const instance = sql::mysql::get_driver_instance();
  return *instance;
}

SqlFailure failure_from(const sql::SQLException& e) {
  return SqlFailure(e.getErrorCode(), e.what());
}

SqlResult read_rows(sql::ResultSet& set) {
  SqlResult result;
  const unsigned count = set.getMetaData()->getColumnCount();
  for (unsigned i = 1; i <= count; ++i) {
    result.columns.emplace_back(set.getMetaData()->getColumnLabel(i).c_str());
  }
  while (set.next()) {
    SqlRow row;
    for (unsigned i = 1; i <= count; ++i) {
      const sql::SQLString text = set.getString(i);
      if (set.wasNull()) {
        row.emplace_back();
      } else {
        row.emplace_back(text.asStdString());
      }
    }
    result.rows.push_back(std::move(row));
  }
  return result;
}

}  // namespace

struct SqlLink::Connection {
  std::unique_ptr<sql::Connection> handle;
};

bool SqlFailure::connection_lost() const {
  // 2002, 2003 refused; 2006 gone; 2013 lost, also a read timeout; 0: the library itself gave up.
  return code_ == 0 || (code_ >= 2000 && code_ < 2100);
}

SqlLink::SqlLink(const std::string& address, const std::string& user, const Secret& password,
                 std::chrono::seconds read_timeout)
    : connection_(std::make_unique<Connection>()) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) throw SqlFailure(2005, "no port in address '" + address + "'");
  try {
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString(address.substr(0, colon));
    options["port"] = std::stoi(address.substr(colon + 1));
    options["userName"] = sql::SQLString(user);
    options["password"] = sql::SQLString(password.reveal());
    options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    options["OPT_CONNECT_TIMEOUT"] = kConnectSeconds;
    options["OPT_READ_TIMEOUT"] = static_cast<int>(read_timeout.count());
    options["OPT_WRITE_TIMEOUT"] = static_cast<int>(read_timeout.count());
    connection_->handle.reset(driver().connect(options));
  } catch (const sql::SQLException& e) {
    throw failure_from(e);
  } catch (const std::logic_error&) {
    throw SqlFailure(2005, "no port in address '" + address + "'");
  }
}

SqlLink::~SqlLink() = default;

SqlResult SqlLink::run(const std::string& statement) {
  try {
    const std::unique_ptr<sql::Statement> handle(connection_->handle->createStatement());
    SqlResult result;
    if (handle->execute(statement)) {
      // Every row is fetched: an open result makes the next statement fail (2014).
      const std::unique_ptr<sql::ResultSet> set(handle->getResultSet());
      result = read_rows(*set);
    } else {
      result.affected = handle->getUpdateCount();
    }
    return result;
  } catch (const sql::SQLException& e) {
    throw failure_from(e);
  }
}

std::optional<std::string> SqlLink::value(const std::string& statement) {
  const SqlResult result = run(statement);
  if (result.rows.empty() || result.rows.front().empty()) return std::nullopt;
  return result.rows.front().front();
}

std::string sql_literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace bdrmesh::lab::load
