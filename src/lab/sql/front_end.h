// One tidb-server of a lab cluster: listens, serves sessions, dies, freezes and comes back on
// command. Methods may be called from any one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lab/net/tcp_service.h"
#include "lab/server/shared.h"

namespace bdrmesh::lab {

class FrontEnd {
 public:
  /// @param status_address  as cluster_info shows it.
  FrontEnd(SqlShared& shared, std::size_t server, std::string status_address);
  ~FrontEnd();
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  /// Listens; on the same port after a kill().
  void start();
  /// As kill -9: no port, no sessions; their DDL jobs go on elsewhere.
  void kill();
  /// Accepts and never answers, and what runs stands still.
  void suspend();
  void resume();
  /// Waits for all sessions; after kill(), when the engine has ended.
  void join() { service_.join(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }

 private:
  void publish(bool alive, bool suspended);

  SqlShared& shared_;
  const std::size_t server_;
  const std::string status_address_;
  std::uint16_t port_ = 0;
  WallTime started_;
  TcpService service_;
};

}  // namespace bdrmesh::lab
