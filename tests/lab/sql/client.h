// A real MySQL client for tests, in a few words.
#pragma once

#include <cppconn/connection.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <cstdint>
#include <memory>
#include <mysql_driver.h>
#include <string>
#include <vector>

namespace bdrmesh::lab {

class TestClient {
 public:
  TestClient(std::uint16_t port, const std::string& user, const std::string& password,
             int read_timeout = 20) {
    sql::ConnectOptionsMap options;
    options["hostName"] = sql::SQLString("127.0.0.1");
    options["port"] = static_cast<int>(port);
    options["userName"] = sql::SQLString(user);
    options["password"] = sql::SQLString(password);
    options["OPT_CONNECT_TIMEOUT"] = 5;
    options["OPT_READ_TIMEOUT"] = read_timeout;
    options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
    connection_.reset(sql::mysql::get_driver_instance()->connect(options));
  }

  using Rows = std::vector<std::vector<std::string>>;

  /// Rows with NULL as "NULL".
  Rows rows(const std::string& text) {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    const std::unique_ptr<sql::ResultSet> result(statement->executeQuery(text));
    columns_.clear();
    for (unsigned i = 1; i <= result->getMetaData()->getColumnCount(); ++i) {
      columns_.push_back(result->getMetaData()->getColumnLabel(i).asStdString());
    }
    Rows all;
    while (result->next()) {
      std::vector<std::string> row;
      for (unsigned i = 1; i <= columns_.size(); ++i) {
        row.push_back(result->isNull(i) ? "NULL" : result->getString(i).asStdString());
      }
      all.push_back(std::move(row));
    }
    return all;
  }
  /// The only cell, or "" when there is no row.
  std::string one(const std::string& text) {
    const Rows all = rows(text);
    return all.empty() ? "" : all.front().front();
  }
  const std::vector<std::string>& columns() const { return columns_; }

  /// Runs a statement without result. @return affected rows
  int run(const std::string& text) {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    return statement->executeUpdate(text);
  }

  /// @return "code state text" of the failure, "" when there is none.
  std::string error_of(const std::string& text) {
    try {
      const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
      if (statement->execute(text)) {
        const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
        while (result->next()) {
        }
      }
      return "";
    } catch (const sql::SQLException& e) {
      return std::to_string(e.getErrorCode()) + " " + e.getSQLState() + " " + e.what();
    }
  }
  std::uint64_t id() { return std::stoull(one("SELECT CONNECTION_ID()")); }
  sql::Connection& raw() { return *connection_; }

 private:
  std::unique_ptr<sql::Connection> connection_;
  std::vector<std::string> columns_;
};

}  // namespace bdrmesh::lab
