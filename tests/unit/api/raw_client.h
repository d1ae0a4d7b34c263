// A plain socket, so that malformed bytes can be sent.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace bdrmesh::testing_api {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  /// Whether the last reading ended because nothing came for ten seconds.
  bool timed_out() const { return timed_out_; }
  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t now = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }
  /// Reads until `text` has come or the connection is over.
  std::string read_until(const std::string& text) {
    while (got_.find(text) == std::string::npos && read_more()) {
    }
    return got_;
  }
  std::string read_all() {
    while (read_more()) {
    }
    return got_;
  }
  /// Says that nothing more comes.
  void finish() { ::shutdown(socket_, SHUT_WR); }
  void forget() { got_.clear(); }

 private:
  bool read_more() {
    std::array<char, 4096> buffer{};
    const ssize_t now = ::recv(socket_, buffer.data(), buffer.size(), 0);
    timed_out_ = now < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (now <= 0) return false;
    got_.append(buffer.data(), static_cast<std::size_t>(now));
    return true;
  }
  int socket_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string got_;
};

}  // namespace bdrmesh::testing_api
