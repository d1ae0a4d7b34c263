#include "lab/binlog/packet_socket.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/error.h"
#include "lab/binlog/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kLongestPart = 0xffffff;

[[noreturn]] void throw_lost(const std::string& what) {
  std::string cause = std::generic_category().message(errno);
  cause[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(cause[0])));
  throw Error(ErrorKind::transient, "LAB_SQL_UNREACHABLE", what + ": " + cause);
}

void connect_or_throw(int fd, const sockaddr* address, socklen_t size, const std::string& name) {
  if (fd >= 0 && ::connect(fd, address, size) == 0) return;
  const int cause = errno;
  if (fd >= 0) ::close(fd);
  errno = cause;
  throw_lost(name);
}

}  // namespace

PacketSocket PacketSocket::to_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw Error(ErrorKind::invalid, "LAB_SOCKET_PATH", "socket path is too long: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connect_or_throw(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address), path);
  return PacketSocket(fd);
}

PacketSocket PacketSocket::to_host(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    throw Error(ErrorKind::transient, "LAB_SQL_UNREACHABLE",
                "dial tcp: lookup " + host + ": no such host");
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connect_or_throw(fd, found->ai_addr, found->ai_addrlen,
                   "dial tcp " + host + ":" + std::to_string(port) + ": connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return PacketSocket(fd);
}

PacketSocket::PacketSocket(PacketSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      sequence_(other.sequence_),
      received_(std::move(other.received_)),
      taken_(other.taken_),
      packet_(std::move(other.packet_)) {}

PacketSocket::~PacketSocket() {
  if (fd_ >= 0) ::close(fd_);
}

/// Moves finished parts from received_ to packet_. @return true when packet_ is whole.
bool PacketSocket::take_whole_packet() {
  while (received_.size() - taken_ >= kHeader) {
    ByteReader header(std::string_view(received_).substr(taken_, kHeader));
    const auto size = static_cast<std::size_t>(header.little(3));
    if (received_.size() - taken_ - kHeader < size) break;
    sequence_ = static_cast<std::uint8_t>(header.byte() + 1);
    packet_.append(received_, taken_ + kHeader, size);
    taken_ += kHeader + size;
    if (size < kLongestPart) return true;
  }
  if (taken_ > 0) {
    received_.erase(0, taken_);
    taken_ = 0;
  }
  return false;
}

/// @return false when nothing came in time.
bool PacketSocket::fill(Millis wait) {
  pollfd ready{fd_, POLLIN, 0};
  const int count = ::poll(&ready, 1, static_cast<int>(wait.count()));
  if (count == 0 || (count < 0 && errno == EINTR)) return false;
  if (count < 0) throw_lost("cannot wait for the server");
  std::array<char, 65536> block;
  const ssize_t size = ::recv(fd_, block.data(), block.size(), 0);
  if (size == 0) {
    errno = ECONNRESET;
    throw_lost("the server closed the connection");
  }
  if (size < 0) {
    if (errno == EINTR) return false;
    throw_lost("cannot read from the server");
  }
  received_.append(block.data(), static_cast<std::size_t>(size));
  return true;
}

void PacketSocket::abort() noexcept { ::shutdown(fd_, SHUT_RDWR); }

std::optional<std::string> PacketSocket::receive(Millis wait) {
  const MonoTime until = MonoTime::clock::now() + wait;
  while (!take_whole_packet()) {
    const auto left = std::chrono::ceil<Millis>(until - MonoTime::clock::now());
    const bool came = fill(std::max(left, Millis{0}));
    if (!came && MonoTime::clock::now() >= until) return std::nullopt;
  }
  return std::exchange(packet_, {});
}

void PacketSocket::send(std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + kHeader);
  for (;;) {
    const std::string_view part = payload.substr(0, kLongestPart);
    for (unsigned shift = 0; shift < 24; shift += 8) {
      out += static_cast<char>(part.size() >> shift & 255);
    }
    out += static_cast<char>(sequence_++);
    out += part;
    payload.remove_prefix(part.size());
    if (part.size() < kLongestPart) break;
  }
  std::string_view rest = out;
  while (!rest.empty()) {
    const ssize_t size = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw_lost("cannot write to the server");
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace bdrmesh::lab
