// Lends a connection to each thread that asks, one user at a time; keeps them open for the next.
// Internal to store/. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite.h"

namespace bdrmesh {

class ConnectionPool {
 public:
  /// A pool over ":memory:" has one connection, as a second would be another database: users then
  /// take turns.
  explicit ConnectionPool(std::string path);

  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<sqlite::Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease() { pool_.give_back(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    sqlite::Connection& operator*() const { return *connection_; }
    sqlite::Connection* operator->() const { return connection_.get(); }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<sqlite::Connection> connection_;
  };

  /// Blocks only when the pool is over ":memory:" and its connection is lent.
  Lease lend();

 private:
  void give_back(std::unique_ptr<sqlite::Connection> connection);

  const std::string path_;
  const bool single_;
  std::mutex mutex_;  ///< guards idle_ and opened_
  std::condition_variable returned_;
  std::vector<std::unique_ptr<sqlite::Connection>> idle_;
  bool opened_ = false;
};

}  // namespace bdrmesh
