// The HTTP/1.1 server: connections on one I/O thread, handlers on a small fixed pool, so that a
// slow one delays nobody. Public methods are for one thread; the handler is called from several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/http_types.h"
#include "base/clock.h"

namespace bdrmesh {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  ///< an IP address, or `localhost`
  std::uint16_t port = 0;          ///< 0: any free one, see `port()`
  std::size_t handler_threads = 4;
  std::size_t body_limit = std::size_t{1} << 20;
  std::size_t most_connections = 256;
  Millis idle_limit{30'000};  ///< a connection that says nothing for so long is closed
  Millis stop_limit{
      5'000};  ///< how long `stop` waits for answers under way before it cuts them off
};

class HttpServer {
 public:
  /// Binds and listens; serves from `start` on.
  /// @throws Error precondition `CANNOT_LISTEN` naming the address.
  HttpServer(HttpServerOptions options, ApiHandler handler);
  /// Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The port that is really listened on.
  std::uint16_t port() const;
  void start();
  /// Accepts nobody new, lets answers under way go out, joins all threads. Harmless when repeated.
  /// Blocks for the calls in progress.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdrmesh
