// Listens on 127.0.0.1 and serves each connection on a thread of its own.
// start(), close() and join() belong to one owner; connections run in parallel.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "lab/net/reserved_port.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab {

class TcpService {
 public:
  /// Serves one connection until it ends. SocketClosed may escape; nothing else should.
  using Serve = std::function<void(Socket&)>;

  explicit TcpService(Serve serve) : serve_(std::move(serve)) {}
  ~TcpService();
  TcpService(const TcpService&) = delete;
  TcpService& operator=(const TcpService&) = delete;

  /// Listens on `port`, 0 for a free one, which stays ours until the end: nobody else can take it
  /// while nobody listens. May be called again after close().
  /// @return the port.  @throws SocketClosed when it cannot be had.
  std::uint16_t start(std::uint16_t port = 0);
  /// Stops listening and shuts every client socket down; does not wait for the threads.
  void close();
  /// Waits for all threads; close() first.
  void join();
  std::uint16_t port() const { return port_; }
  /// Whether it listens.
  bool is_open() const;

 private:
  struct Connection {
    Socket socket;
    std::thread thread;
    bool finished = false;
  };

  void accept_loop(int listener);
  void serve_one(Connection& connection);
  void reap_locked();

  Serve serve_;
  std::uint16_t port_ = 0;
  ReservedPort reserved_;
  Socket listener_;
  std::thread acceptor_;
  mutable std::mutex mutex_;  // guards closing_ and connections_
  bool closing_ = true;
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace bdrmesh::lab
