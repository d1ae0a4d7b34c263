#include "lab/http/http_client.h"

#include <algorithm>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "lab/net/socket.h"

namespace bdrmesh::lab {

namespace http = boost::beast::http;

namespace {

struct Place {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
};

Place place_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t slash = std::min(url.find('/', begin), url.size());
  const std::string host = url.substr(begin, slash - begin);
  const std::size_t colon = host.rfind(':');
  if (colon == std::string::npos) throw SocketClosed("no port in " + url);
  return {host, static_cast<std::uint16_t>(std::stoul(host.substr(colon + 1))),
          slash == url.size() ? "/" : url.substr(slash)};
}

void limit_waits(const Socket& socket, Millis limit) {
  timeval time{};
  time.tv_sec = static_cast<time_t>(limit.count() / 1000);
  time.tv_usec = static_cast<suseconds_t>(limit.count() % 1000 * 1000);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

/// Beast reads from whatever has read_some: here a socket with a time limit.
struct Stream {
  Socket& socket;

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    boost::system::error_code error;
    const std::size_t got = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return got;
  }

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    const boost::asio::mutable_buffer buffer = *boost::asio::buffer_sequence_begin(buffers);
    const ssize_t got = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
    error = {};
    if (got == 0) error = boost::asio::error::eof;
    if (got < 0) error = boost::asio::error::timed_out;
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
};

}  // namespace

HttpAnswer http_call(const std::string& method, const std::string& url, const std::string& body,
                     Millis limit) {
  const Place place = place_of(url);
  Socket socket = Socket::connect_tcp(place.port);
  limit_waits(socket, limit);
  HttpAnswer answer;
  try {
    socket.write_all(method + " " + place.path + " HTTP/1.1\r\nHost: " + place.host +
                     "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                     "Content-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
  } catch (const SocketClosed&) {
    return answer;
  }
  Stream stream{socket};
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64U << 20U);
  boost::system::error_code error;
  http::read(stream, buffer, parser, error);
  if (error && !parser.is_done()) return answer;
  answer.status = static_cast<int>(parser.get().result_int());
  answer.body = std::move(parser.get().body());
  return answer;
}

}  // namespace bdrmesh::lab
