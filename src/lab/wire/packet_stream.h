// The MySQL protocol's framing on a socket: payloads of any size, sequence numbers.
// One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lab/net/socket.h"

namespace bdrmesh::lab {

class PacketStream {
 public:
  explicit PacketStream(Socket& socket) : socket_(socket) {}

  /// Blocks for the next payload, joined from its frames; the next write continues its sequence.
  /// @throws SocketClosed
  std::string read();
  /// Queues a payload; small ones are collected until flush() or 64 KiB.
  void write(std::string_view payload);
  void flush();
  /// The next write begins a new command.
  void start_command() { sequence_ = 0; }
  std::uint8_t sequence() const { return sequence_; }
  void set_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  const Socket& socket() const { return socket_; }
  /// Nothing read ahead is waiting, so that the socket itself tells whether the peer is still
  /// there.
  bool is_drained() const { return position_ == input_.size(); }

 private:
  void take(char* into, std::size_t size);

  Socket& socket_;
  std::uint8_t sequence_ = 0;
  std::string output_;
  std::string input_;
  std::size_t position_ = 0;
};

}  // namespace bdrmesh::lab
