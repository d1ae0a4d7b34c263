// A socket that speaks in packets of the MySQL protocol. Knows nothing of what is in them.
// One thread at a time, but abort() from any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bdrmesh::lab {

class PacketSocket {
 public:
  /// Connects to a Unix socket.
  /// @throws Error transient `LAB_SQL_UNREACHABLE`, as do the functions below when the
  /// connection is lost.
  static PacketSocket to_path(const std::string& path);
  /// Connects over TCP. The message of a failure reads as Go's: `dial tcp 127.0.0.1:4000: connect:
  /// connection refused`.
  static PacketSocket to_host(const std::string& host, std::uint16_t port);

  PacketSocket(PacketSocket&& other) noexcept;
  PacketSocket& operator=(PacketSocket&&) = delete;
  ~PacketSocket();

  /// The next whole packet. Blocks up to `wait`; std::nullopt when none came until then.
  std::optional<std::string> receive(Millis wait);
  /// Sends one payload as the next of the present exchange, in parts when it has 16 MiB or more.
  void send(std::string_view payload);
  /// Ends the connection under whoever waits on it. From any thread.
  void abort() noexcept;
  /// The next packet sent begins a new exchange.
  void start_exchange() { sequence_ = 0; }

 private:
  explicit PacketSocket(int fd) : fd_(fd) {}
  bool take_whole_packet();
  bool fill(Millis wait);

  int fd_;
  std::uint8_t sequence_ = 0;
  std::string received_;   // bytes that came and are not taken yet
  std::size_t taken_ = 0;  // how many bytes of received_ are used up
  std::string packet_;     // parts of a packet longer than 16 MiB, or a finished one
};

}  // namespace bdrmesh::lab
