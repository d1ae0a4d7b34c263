#include "api/http_server.h"

#include <array>
#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <utility>  // Asio 1.74 needs std::exchange and does not include it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "api/http_wire.h"
#include "api/problem.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

using Parser = http::request_parser<http::string_body>;

/// A connection, known to the server so that it can be closed. Touched by the I/O thread only.
struct Connection {
  explicit Connection(tcp::socket socket)
      : stream(std::move(socket)), news(stream.get_executor()) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  asio::steady_timer news;  ///< a stream waits on it for something to send
  bool busy = false;        ///< a request was read and is not answered yet
};

struct Answered {
  ApiReply reply;
  unsigned version = 11;
  bool keep_alive = false;
  bool head = false;
  bool unread = false;  ///< the client may still be sending what nobody reads
};

ApiReply too_late(const ApiRequest& request) {
  const bool reading = request.method == "GET";
  return problem_reply(Error(reading ? ErrorKind::transient : ErrorKind::ambiguous,
                             "ANSWER_TOO_LATE", "the clusters did not answer in time",
                             reading ? "try again; bdrmesh status tells who does not answer"
                                     : "see what became of it: bdrmesh op list"));
}

ApiReply too_many(const std::string& what) {
  return problem_reply(Error(ErrorKind::transient, "TOO_MANY_REQUESTS",
                             "as many " + what + " as the server takes are under way",
                             "try again in a moment"));
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, ApiHandler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        pool_(options_.handler_threads),
        asking_pool_(options_.most_asking),
        acceptor_(io_) {
    listen();
  }
  ~Impl() { stop(); }

  std::uint16_t port() const { return port_; }

  void start() {
    asio::co_spawn(io_, accept_all(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void wake_streams() {
    if (waking_.exchange(true)) return;
    asio::post(io_, [this] {
      waking_ = false;
      ++news_;
      for (const auto& connection : connections_) connection->news.cancel();
    });
  }

  void stop() {
    if (thread_.joinable()) {
      asio::post(io_, [this] { begin_to_stop(); });
      thread_.join();
    }
    pool_.join();
    asking_pool_.join();
  }

 private:
  void listen();
  void begin_to_stop();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  asio::awaitable<bool> serve_one(Connection& connection);
  asio::awaitable<std::optional<Answered>> read_and_answer(Connection& connection);
  asio::awaitable<bool> read(Connection& connection, Parser& parser, beast::error_code& failed);
  asio::awaitable<ApiReply> answer(const Parser& parser, bool head);
  asio::awaitable<void> stream(Connection& connection, Answered& answered);
  asio::awaitable<bool> send(Connection& connection, const std::string& text);
  asio::awaitable<void> linger(Connection& connection);

  /// Runs `work` on `pool`; std::nullopt when it takes longer than `limit` (it goes on alone).
  template <class Result, class Work>
  asio::awaitable<std::optional<Result>> on(asio::thread_pool& pool, Millis limit, Work work);

  HttpServerOptions options_;
  ApiHandler handler_;
  asio::io_context io_{1};
  asio::thread_pool pool_;
  asio::thread_pool asking_pool_;
  tcp::acceptor acceptor_;
  asio::steady_timer last_call_{io_};
  std::atomic<bool> waking_ = false;
  // The I/O thread's alone:
  std::set<std::shared_ptr<Connection>> connections_;
  std::uint64_t news_ = 0;
  std::size_t streams_ = 0;
  bool stopping_ = false;
  std::atomic<std::size_t> asking_ = 0;
  bool loopback_ = true;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

void HttpServer::Impl::listen() {
  const std::string host = options_.host == "localhost" ? "127.0.0.1" : options_.host;
  const std::string shown = options_.host + ":" + std::to_string(options_.port);
  beast::error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  loopback_ = address.is_loopback();
  if (!failed && !loopback_ && (options_.guard == nullptr || !options_.guard->authenticates())) {
    throw Error(ErrorKind::precondition, "LISTEN_BEYOND_LOOPBACK",
                "manager.listen is " + shown +
                    ": other machines would reach it, and this version cannot tell people apart; "
                    "whoever reached it could change every cluster",
                "set manager.listen to 127.0.0.1:" + std::to_string(options_.port) +
                    "; from another machine: ssh -L " + std::to_string(options_.port) +
                    ":127.0.0.1:" + std::to_string(options_.port) + " this-host");
  }
  const tcp::endpoint endpoint(address, options_.port);
  if (!failed) acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (!failed) port_ = acceptor_.local_endpoint(failed).port();
  if (!failed) return;
  throw Error(ErrorKind::precondition, "CANNOT_LISTEN",
              "cannot listen on " + shown + ": " + failed.message(),
              "is another daemon running? manager.listen takes an IP address and a port, 0 for "
              "any free one");
}

void HttpServer::Impl::begin_to_stop() {
  stopping_ = true;
  beast::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& connection : connections_) {
    if (!connection->busy) connection->stream.close();
    connection->news.cancel();
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
  bool open = true;
  while (open && !stopping_) open = co_await serve_one(*connection);
  connection->stream.close();
  connections_.erase(connection);
  if (stopping_ && connections_.empty()) last_call_.cancel();
}

/// Reads one request and answers it. @return whether the connection stays open.
asio::awaitable<bool> HttpServer::Impl::serve_one(Connection& connection) {
  std::optional<Answered> answered = co_await read_and_answer(connection);
  if (!answered) co_return false;
  if (answered->reply.feed && !answered->head) {
    co_await stream(connection, *answered);
    co_return false;
  }
  wire::Response response = wire::to_response(answered->reply, answered->version,
                                              answered->keep_alive && !stopping_, answered->head);
  http::response_serializer<http::string_body> serializer(response);
  beast::error_code failed;
  connection.stream.expires_after(options_.write_limit);
  if (answered->head) {
    co_await http::async_write_header(connection.stream, serializer,
                                      asio::redirect_error(asio::use_awaitable, failed));
  } else {
    co_await http::async_write(connection.stream, serializer,
                               asio::redirect_error(asio::use_awaitable, failed));
  }
  connection.busy = false;
  if (!failed && answered->unread) co_await linger(connection);
  co_return !failed && response.keep_alive();
}

/// @return nothing when there is nobody to answer.
asio::awaitable<std::optional<Answered>> HttpServer::Impl::read_and_answer(Connection& connection) {
  Parser parser;
  parser.body_limit(options_.body_limit);
  parser.header_limit(options_.header_limit);
  beast::error_code failed;
  Answered answered;
  const bool whole = co_await read(connection, parser, failed);
  if (!whole) {
    std::optional<ApiReply> fault = wire::reply_to_fault(failed);
    if (!fault) co_return std::nullopt;
    answered.reply = std::move(*fault);
    answered.unread = true;
    co_return answered;
  }
  connection.busy = true;
  connection.stream.expires_never();
  answered.version = parser.get().version();
  answered.keep_alive = parser.get().keep_alive();
  answered.head = parser.get().method() == http::verb::head;
  answered.reply = co_await answer(parser, answered.head);
  co_return answered;
}

asio::awaitable<bool> HttpServer::Impl::read(Connection& connection, Parser& parser,
                                             beast::error_code& failed) {
  static const std::string kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  connection.stream.expires_after(options_.idle_limit);
  co_await http::async_read_header(connection.stream, connection.buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return false;
  const bool asks_first = beast::iequals(parser.get()[http::field::expect], "100-continue");
  if (asks_first && !parser.is_done()) {
    const bool sent = co_await send(connection, kGoOn);
    if (!sent) co_return false;
  }
  connection.stream.expires_after(options_.idle_limit);
  co_await http::async_read(connection.stream, connection.buffer, parser,
                            asio::redirect_error(asio::use_awaitable, failed));
  co_return !failed;
}

asio::awaitable<ApiReply> HttpServer::Impl::answer(const Parser& parser, bool head) {
  if (auto refused = wire::refused_at_the_edge(parser.get(), parser.chunked(), loopback_))
    co_return std::move(*refused);
  ApiRequest request;
  std::optional<ApiReply> wrong;
  try {
    request = wire::to_request(parser.get());
  } catch (const Error& error) {
    wrong = problem_reply(error);
  }
  if (!wrong && options_.guard != nullptr) wrong = options_.guard->refuse(request);
  if (wrong) co_return std::move(*wrong);
  if (head) request.method = "GET";
  const bool asks = options_.asks_clusters && options_.asks_clusters(request);
  if (asks && asking_ >= options_.most_asking) co_return too_many("requests that ask the clusters");
  if (asks) ++asking_;
  auto work = [this, asks, asked = request] {
    ApiReply reply = handler_(asked);
    if (asks) --asking_;
    return reply;
  };
  std::optional<ApiReply> reply =
      co_await on<ApiReply>(asks ? asking_pool_ : pool_, options_.answer_limit, std::move(work));
  if (!reply) co_return too_late(request);
  co_return std::move(*reply);
}

template <class Result, class Work>
asio::awaitable<std::optional<Result>> HttpServer::Impl::on(asio::thread_pool& pool, Millis limit,
                                                            Work work) {
  struct Outcome {
    explicit Outcome(asio::io_context& io) : done(io) {}
    asio::steady_timer done;  // the I/O thread's, as is `result`
    std::optional<Result> result;
  };
  auto outcome = std::make_shared<Outcome>(io_);
  outcome->done.expires_after(limit);
  asio::post(pool, [this, outcome, todo = std::move(work)]() mutable {
    auto deliver = [outcome, result = todo()]() mutable {
      outcome->result = std::move(result);
      outcome->done.cancel();
    };
    asio::post(io_, std::move(deliver));
  });
  beast::error_code woken;
  co_await outcome->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return std::move(outcome->result);
}

asio::awaitable<void> HttpServer::Impl::stream(Connection& connection, Answered& answered) {
  if (streams_ >= options_.most_streams) {
    const ApiReply refused = too_many("streams");
    wire::Response response = wire::to_response(refused, answered.version, false, false);
    beast::error_code failed;
    connection.stream.expires_after(options_.write_limit);
    co_await http::async_write(connection.stream, response,
                               asio::redirect_error(asio::use_awaitable, failed));
    co_return;
  }
  ++streams_;
  auto header = wire::to_stream_header(answered.reply, answered.version);
  http::response_serializer<http::empty_body> serializer(header);
  beast::error_code failed;
  connection.stream.expires_after(options_.write_limit);
  co_await http::async_write_header(connection.stream, serializer,
                                    asio::redirect_error(asio::use_awaitable, failed));
  bool open = !failed;
  while (open) {
    const std::uint64_t known = news_;
    const bool last = stopping_;
    auto work = [feed = answered.reply.feed, last] { return feed(last); };
    const auto page = co_await on<FeedPage>(pool_, options_.answer_limit, std::move(work));
    if (!page) break;
    open = co_await send(connection, page->text);
    open = open && !page->ended && !last;
    if (!open || news_ != known || stopping_ || !page->text.empty()) continue;
    connection.news.expires_after(options_.heartbeat);
    beast::error_code woken;
    co_await connection.news.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!woken) open = co_await send(connection, ": nothing new\n\n");
  }
  --streams_;
  connection.busy = false;
}

asio::awaitable<bool> HttpServer::Impl::send(Connection& connection, const std::string& text) {
  beast::error_code failed;
  connection.stream.expires_after(options_.write_limit);
  co_await asio::async_write(connection.stream, asio::buffer(text),
                             asio::redirect_error(asio::use_awaitable, failed));
  connection.stream.expires_never();
  co_return !failed;
}

/// Reads away what the client still sends: closing at once would reset the connection, and the
/// answer could be lost before it is read.
asio::awaitable<void> HttpServer::Impl::linger(Connection& connection) {
  static constexpr std::size_t kMost = std::size_t{8} << 20U;
  beast::error_code failed;
  connection.stream.socket().shutdown(tcp::socket::shutdown_send, failed);
  connection.stream.expires_after(Millis{2000});
  std::array<char, 4096> rest{};
  for (std::size_t read = 0; !failed && read < kMost;) {
    read += co_await connection.stream.async_read_some(
        asio::buffer(rest), asio::redirect_error(asio::use_awaitable, failed));
  }
}

HttpServer::HttpServer(HttpServerOptions options, ApiHandler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::start() { impl_->start(); }
void HttpServer::wake_streams() { impl_->wake_streams(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace bdrmesh
