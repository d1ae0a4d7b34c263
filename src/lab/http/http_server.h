// A small blocking HTTP/1.1 server on 127.0.0.1, one thread per connection, for the APIs that the
// lab imitates. Handlers run in parallel.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "lab/net/tcp_service.h"

namespace bdrmesh::lab {

struct HttpRequest {
  std::string method;                          ///< upper case
  std::string path;                            ///< percent-decoded, without query
  std::map<std::string, std::string> query;    ///< decoded; the last of equal names wins
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  const Socket* client =
      nullptr;  ///< peer_is_gone() tells a handler that waits whether anybody still listens

  std::string query_or(const std::string& name, const std::string& fallback) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";  ///< empty: no such header
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< further ones
  bool close_without_answer = false;  ///< the request took effect, nobody hears of it
  std::optional<std::size_t> cut_after;  ///< the connection breaks after so many bytes of the body
};

class HttpServer {
 public:
  /// `stop` is requested when the server stops: handlers that wait must heed it. An exception that
  /// escapes a handler becomes 500 with its text.
  using Handler = std::function<HttpResponse(const HttpRequest&, const std::stop_token& stop)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();

  /// Listens on `port`; on its old one, at first on a free one, when none is named.
  /// @throws SocketClosed
  std::uint16_t start(std::uint16_t port = 0);
  /// Stops listening, ends connections, waits for handlers. start() may follow.
  void stop();
  /// As SIGSTOP: connections are accepted, requests wait until it is over.
  void suspend(bool suspended);
  /// up, suspended or dead
  std::string state() const;
  std::uint16_t port() const { return service_.port(); }
  /// `127.0.0.1:<port>`
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

 private:
  void serve(Socket& socket);

  Handler handler_;
  std::stop_source stopping_;
  std::mutex mutex_;  // guards changes of suspended_
  std::condition_variable_any resumed_;
  std::atomic<bool> suspended_{false};
  TcpService service_;
};

/// Decodes %XX and, in queries, plus signs. Wrong escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_blank);

}  // namespace bdrmesh::lab
