#include "lab/net/tcp_service.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace bdrmesh::lab {

TcpService::~TcpService() {
  close();
  join();
}

std::uint16_t TcpService::start(std::uint16_t port) {
  if (!reserved_.is_held() || (port != 0 && port != reserved_.port())) {
    reserved_ = ReservedPort(port);
  }
  Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  bind_loopback(listener, reserved_.port());
  if (::listen(listener.fd(), 512) != 0) {
    throw SocketClosed("listen on port " + std::to_string(reserved_.port()) + ": " +
                       std::strerror(errno));
  }
  port_ = reserved_.port();
  if (acceptor_.joinable()) acceptor_.join();
  listener_ = std::move(listener);
  {
    const std::lock_guard lock(mutex_);
    closing_ = false;
  }
  acceptor_ = std::thread([this, fd = listener_.fd()] { accept_loop(fd); });
  return port_;
}

void TcpService::accept_loop(int listener) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;  // shut down
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>();
    connection->socket = Socket(fd);
    const std::lock_guard lock(mutex_);
    reap_locked();
    if (closing_) return;
    Connection* served = connection.get();
    connections_.push_back(std::move(connection));
    served->thread = std::thread([this, served] { serve_one(*served); });
  }
}

void TcpService::serve_one(Connection& connection) {
  try {
    serve_(connection.socket);
  } catch (const SocketClosed&) {
    // The usual end of a connection.
  }
  connection.socket.shut_down();
  const std::lock_guard lock(mutex_);
  connection.finished = true;
}

void TcpService::reap_locked() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if ((*it)->finished) {
      (*it)->thread.join();
      it = connections_.erase(it);
    } else {
      ++it;
    }
  }
}

bool TcpService::is_open() const {
  const std::lock_guard lock(mutex_);
  return !closing_;
}

void TcpService::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (const auto& connection : connections_) connection->socket.shut_down();
  }
  listener_.shut_down();
  if (acceptor_.joinable()) acceptor_.join();
  listener_ = Socket();
}

void TcpService::join() {
  std::list<std::unique_ptr<Connection>> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(connections_);
  }
  for (const auto& connection : all) connection->thread.join();
}

}  // namespace bdrmesh::lab
