// The HTTP/1.1 server: connections and streams on one I/O thread, handlers on small fixed pools, so
// that a slow one delays nobody: those that ask clusters have threads of their own, and when all of
// these are taken the next is refused at once. `wake_streams` is for any thread, the other public
// methods for one; the handler is called from several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/access.h"
#include "api/http_types.h"
#include "base/clock.h"

namespace bdrmesh {

struct HttpServerOptions {
  std::string host = "127.0.0.1";      ///< an IP address, or `localhost`
  std::uint16_t port = 0;              ///< 0: any free one, see `port()`
  const AccessGuard* guard = nullptr;  ///< nullptr: everybody on this machine; must outlive us
  std::size_t handler_threads = 4;
  /// Which requests ask clusters; empty: none. Called on the I/O thread.
  std::function<bool(const ApiRequest&)> asks_clusters{};
  std::size_t most_asking = 8;  ///< such requests at once; more are refused with 503
  std::size_t body_limit = std::size_t{1} << 20;
  std::uint32_t header_limit = 8192;
  std::size_t most_connections = 256;
  std::size_t most_streams = 64;
  Millis idle_limit{30'000};    ///< a header, or a body, that takes longer is cut off
  Millis write_limit{10'000};   ///< a client that takes an answer or a page slower is cut off
  Millis answer_limit{25'000};  ///< after that the client hears that the answer is late
  Millis heartbeat{15'000};     ///< a stream without news says so
  Millis stop_limit{
      5'000};  ///< how long `stop` waits for answers under way before it cuts them off
};

class HttpServer {
 public:
  /// Binds and listens; serves from `start` on.
  /// @throws Error precondition `CANNOT_LISTEN` naming the address; `LISTEN_BEYOND_LOOPBACK` for an
  /// address that other machines reach while no guard tells people apart.
  HttpServer(HttpServerOptions options, ApiHandler handler);
  /// Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The port that is really listened on.
  std::uint16_t port() const;
  void start();
  /// There is news: every stream reads on. Quick; thread-safe.
  void wake_streams();
  /// Accepts nobody new, lets answers under way go out, ends streams, joins all threads. Harmless
  /// when repeated. Blocks for the calls in progress.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdrmesh
