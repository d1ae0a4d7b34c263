// A TCP port of 127.0.0.1 that is ours although nobody listens on it: connecting to it is refused,
// no other program is given it, and a listener of ours may come and go. Not thread-safe.
#pragma once

#include <cstdint>

#include "lab/net/socket.h"

namespace bdrmesh::lab {

class ReservedPort {
 public:
  ReservedPort() = default;
  /// Takes `port`, 0 for a free one. @throws SocketClosed when it cannot be had.
  explicit ReservedPort(std::uint16_t port);

  bool is_held() const { return holder_.is_open(); }
  std::uint16_t port() const { return port_; }

 private:
  Socket holder_;  ///< bound and never listening
  std::uint16_t port_ = 0;
};

/// Binds so that it may share the port with a ReservedPort. @throws SocketClosed
/// @return the port, of interest when `port` is 0.
std::uint16_t bind_loopback(const Socket& socket, std::uint16_t port);

}  // namespace bdrmesh::lab
