#include "lab/net/reserved_port.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace bdrmesh::lab {

std::uint16_t bind_loopback(const Socket& socket, std::uint16_t port) {
  const int on = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw SocketClosed("port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  socklen_t size = sizeof address;
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// With SO_REUSEADDR on both, the kernel lets a second socket bind to a port that is bound but not
// listened on, if it is named; whoever asks for any free port is not given it.
ReservedPort::ReservedPort(std::uint16_t port)
    : holder_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      port_(bind_loopback(holder_, port)) {}

}  // namespace bdrmesh::lab
