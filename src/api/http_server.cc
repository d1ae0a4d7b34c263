#include "api/http_server.h"

#include <optional>
#include <set>
#include <thread>
#include <utility>  // Asio 1.74 needs std::exchange and does not include it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "api/problem.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

using Parser = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

/// A connection, known to the server so that it can be closed. Touched by the I/O thread only.
struct Connection {
  explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  bool busy = false;  ///< a request was read and is not answered yet
};

std::string text_of(beast::string_view text) { return std::string(text.data(), text.size()); }

bool is_local_host(std::string_view host) {
  if (host.starts_with("[::1]")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "localhost" || name.starts_with("127.");
}

/// A web page may reach a local port through the browser of somebody who is allowed to: by its own
/// origin, or by a name of its own that points here.
bool comes_from_a_page(const http::request<http::string_body>& message, bool loopback) {
  const std::string host = text_of(message[http::field::host]);
  const std::string origin = text_of(message[http::field::origin]);
  if (!origin.empty() && origin != "http://" + host && origin != "https://" + host) return true;
  return loopback && !host.empty() && !is_local_host(host);
}

Response to_response(const ApiReply& reply, unsigned version, bool keep_alive) {
  Response response{static_cast<http::status>(reply.status), version};
  response.set(http::field::content_type, reply.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
  response.keep_alive(keep_alive);
  response.body() = reply.body;
  response.prepare_payload();
  return response;
}

/// What to say to bytes that are no request that we take; std::nullopt: the connection is over, say
/// nothing.
std::optional<ApiReply> reply_to_fault(const beast::error_code& fault) {
  if (fault == http::error::body_limit) {
    return problem_reply(413, "BODY_TOO_LARGE", "the body is longer than the server takes",
                         "send a smaller one");
  }
  if (fault == http::error::header_limit || fault == http::error::buffer_overflow) {
    return problem_reply(431, "HEADER_TOO_LARGE", "the header is longer than the server takes",
                         "send a smaller one");
  }
  const bool hung_up = fault == http::error::end_of_stream || fault == http::error::partial_message;
  if (hung_up || fault.category() != make_error_code(http::error::bad_method).category())
    return std::nullopt;
  return problem_reply(400, "MALFORMED_HTTP", "no valid HTTP/1.1 request: " + fault.message(),
                       "speak HTTP/1.1");
}

/// Runs `work` on the pool and resumes the coroutine where it was. `work` must not throw.
template <class Work>
asio::awaitable<ApiReply> on_pool(asio::thread_pool& pool, Work work) {
  auto initiate = [&pool](auto handler, Work task) {
    asio::post(pool, [resume = std::move(handler), todo = std::move(task)]() mutable {
      ApiReply reply = todo();
      auto executor = asio::get_associated_executor(resume);
      asio::post(executor, [back = std::move(resume), result = std::move(reply)]() mutable {
        std::move(back)(std::move(result));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(ApiReply)>(
      std::move(initiate), asio::use_awaitable, std::move(work));
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, ApiHandler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        pool_(options_.handler_threads),
        acceptor_(io_) {
    listen();
  }
  ~Impl() { stop(); }

  std::uint16_t port() const { return port_; }

  void start() {
    asio::co_spawn(io_, accept_all(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    if (thread_.joinable()) {
      asio::post(io_, [this] { begin_to_stop(); });
      thread_.join();
    }
    pool_.join();
  }

 private:
  void listen();
  void begin_to_stop();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  asio::awaitable<bool> serve_one(Connection& connection);
  asio::awaitable<ApiReply> answer(const http::request<http::string_body>& message);

  HttpServerOptions options_;
  ApiHandler handler_;
  asio::io_context io_{1};
  asio::thread_pool pool_;
  tcp::acceptor acceptor_;
  asio::steady_timer last_call_{io_};
  std::set<std::shared_ptr<Connection>> connections_;  // I/O thread only
  bool stopping_ = false;                              // I/O thread only
  bool loopback_ = true;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void HttpServer::Impl::listen() {
  const std::string host = options_.host == "localhost" ? "127.0.0.1" : options_.host;
  beast::error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  const tcp::endpoint endpoint(address, options_.port);
  if (!failed) acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (!failed) port_ = acceptor_.local_endpoint(failed).port();
  if (failed) {
    throw Error(ErrorKind::precondition, "CANNOT_LISTEN",
                "cannot listen on " + options_.host + ":" + std::to_string(options_.port) + ": " +
                    failed.message(),
                "is another daemon running? manager.listen takes an IP address and a port, 0 for "
                "any free one");
  }
  loopback_ = address.is_loopback();
}

void HttpServer::Impl::begin_to_stop() {
  stopping_ = true;
  beast::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& connection : connections_) {
    if (!connection->busy) connection->stream.close();
  }
  last_call_.expires_after(options_.stop_limit);
  last_call_.async_wait([this](const beast::error_code& cancelled) {
    if (cancelled) return;
    for (const auto& connection : connections_) connection->stream.close();
  });
  if (connections_.empty()) last_call_.cancel();
}

asio::awaitable<void> HttpServer::Impl::accept_all() {
  while (!stopping_) {
    beast::error_code failed;
    tcp::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
    if (stopping_ || failed == asio::error::operation_aborted) co_return;
    if (failed) {
      // Out of descriptors, most likely: give connections a moment to end instead of spinning.
      asio::steady_timer pause(io_, Millis{100});
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
      continue;
    }
    if (connections_.size() >= options_.most_connections) continue;  // closes the socket
    auto connection = std::make_shared<Connection>(std::move(socket));
    connections_.insert(connection);
    asio::co_spawn(io_, serve(connection), asio::detached);
  }
}

asio::awaitable<void> HttpServer::Impl::serve(std::shared_ptr<Connection> connection) {
  bool again = true;
  while (again && !stopping_) {
    try {
      again = co_await serve_one(*connection);
    } catch (const std::exception&) {
      again = false;  // nothing but this connection is lost
    }
  }
  beast::error_code ignored;
  connection->stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  connection->stream.close();
  connections_.erase(connection);
  if (stopping_ && connections_.empty()) last_call_.cancel();
}

/// Reads one request and answers it. @return whether the connection stays open.
asio::awaitable<bool> HttpServer::Impl::serve_one(Connection& connection) {
  Parser parser;
  parser.body_limit(options_.body_limit);
  beast::error_code failed;
  connection.stream.expires_after(options_.idle_limit);
  co_await http::async_read(connection.stream, connection.buffer, parser,
                            asio::redirect_error(asio::use_awaitable, failed));
  unsigned version = 11;
  bool keep_alive = false;
  ApiReply reply;
  if (failed) {
    std::optional<ApiReply> fault = reply_to_fault(failed);
    if (!fault) co_return false;
    reply = std::move(*fault);
  } else {
    connection.busy = true;
    connection.stream.expires_never();
    version = parser.get().version();
    keep_alive = parser.get().keep_alive();
    reply = co_await answer(parser.get());
  }
  Response response = to_response(reply, version, keep_alive && !stopping_);
  connection.stream.expires_after(options_.idle_limit);
  co_await http::async_write(connection.stream, response,
                             asio::redirect_error(asio::use_awaitable, failed));
  connection.busy = false;
  co_return !failed && response.keep_alive();
}

asio::awaitable<ApiReply> HttpServer::Impl::answer(
    const http::request<http::string_body>& message) {
  if (comes_from_a_page(message, loopback_)) {
    co_return problem_reply(403, "FOREIGN_ORIGIN",
                            "the request comes from a page of another origin",
                            "use the address that the daemon listens on");
  }
  ApiRequest request;
  request.method = text_of(message.method_string());
  request.content_type = text_of(message[http::field::content_type]);
  request.idempotency_key = text_of(message["Idempotency-Key"]);
  request.user_agent = text_of(message[http::field::user_agent]);
  request.body = message.body();
  if (!split_target({message.target().data(), message.target().size()}, request)) {
    co_return problem_reply(400, "MALFORMED_PATH", "the request target is no path",
                            "ask for /api/v1/status");
  }
  auto work = [this, asked = std::move(request)] { return handler_(asked); };
  co_return co_await on_pool(pool_, std::move(work));
}

HttpServer::HttpServer(HttpServerOptions options, ApiHandler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::start() { impl_->start(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace bdrmesh
