// A blocking stream socket, TCP on the loopback interface or Unix.
// One thread reads and one writes; shut_down() may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

/// The other side is gone, or the socket was shut down.
class SocketClosed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// @throws SocketClosed when nobody listens there.
  static Socket connect_tcp(std::uint16_t port);
  static Socket connect_unix(const std::string& path);

  /// Blocks until `size` bytes are there. @throws SocketClosed
  void read_exactly(void* data, std::size_t size);
  /// Blocks until all is written. @throws SocketClosed
  void write_all(std::string_view data);
  /// Ends both directions: whoever blocks in a read or write gets SocketClosed.
  void shut_down() const;
  /// Waits at most `limit` for something to read, an end included.
  bool is_readable(std::chrono::milliseconds limit) const;
  /// True when the other side has closed; never blocks.
  bool peer_is_gone() const;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  /// Gives the descriptor away.
  int release();
  std::uint16_t peer_port() const;

 private:
  int fd_ = -1;
};

}  // namespace bdrmesh::lab
