#include "lab/http/http_server.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace bdrmesh::lab {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kBodyLimit = 64U << 20U;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void parse_query(std::string_view text, std::map<std::string, std::string>& into) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      into[percent_decode(pair.substr(0, equals), true)] =
          equals < pair.size() ? percent_decode(pair.substr(equals + 1), true) : "";
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

HttpRequest to_request(http::request<http::string_body>&& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = percent_decode(std::string_view(target).substr(0, mark), false);
  if (mark < target.size()) parse_query(std::string_view(target).substr(mark + 1), request.query);
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[std::move(name)] = std::string(field.value());
  }
  request.body = std::move(message.body());
  return request;
}

http::response<http::string_body> to_message(HttpResponse&& response, unsigned version, bool keep) {
  http::response<http::string_body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.body() = std::move(response.body);
  message.keep_alive(keep);
  message.prepare_payload();
  return message;
}

/// Promises the whole body and sends only its beginning.
void write_cut(boost::asio::ip::tcp::socket& stream,
               const http::response<http::string_body>& message, std::size_t size) {
  http::response_serializer<http::string_body> serializer(message);
  boost::system::error_code error;
  http::write_header(stream, serializer, error);
  if (error) return;
  const std::size_t some = std::min(size, message.body().size());
  boost::asio::write(stream, boost::asio::buffer(message.body().data(), some), error);
}

/// Beast's view on a socket that somebody else owns.
class BorrowedSocket {
 public:
  explicit BorrowedSocket(Socket& socket) : stream_(context_) {
    stream_.assign(boost::asio::ip::tcp::v4(), socket.fd());
  }
  ~BorrowedSocket() { stream_.release(); }
  BorrowedSocket(const BorrowedSocket&) = delete;
  BorrowedSocket& operator=(const BorrowedSocket&) = delete;
  boost::asio::ip::tcp::socket& stream() { return stream_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::socket stream_;
};

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

std::string HttpRequest::query_or(const std::string& name, const std::string& fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? fallback : found->second;
}

HttpServer::HttpServer(Handler handler)
    : handler_(std::move(handler)), service_([this](Socket& socket) { serve(socket); }) {}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::start(std::uint16_t port) {
  stopping_ = std::stop_source();
  suspended_ = false;
  return service_.start(port == 0 ? service_.port() : port);
}

void HttpServer::suspend(bool suspended) {
  const std::lock_guard lock(mutex_);
  suspended_ = suspended;
  resumed_.notify_all();
}

std::string HttpServer::state() const {
  if (!service_.is_open()) return "dead";
  return suspended_ ? "suspended" : "up";
}

void HttpServer::stop() {
  stopping_.request_stop();
  service_.close();
  service_.join();
}

void HttpServer::serve(Socket& socket) {
  BorrowedSocket borrowed(socket);
  const std::stop_token stop = stopping_.get_token();
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  for (bool keep = true; keep;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBodyLimit);
    http::read(borrowed.stream(), buffer, parser, error);
    if (error) return;
    auto message = parser.release();
    keep = message.keep_alive();
    const unsigned version = message.version();
    HttpRequest request = to_request(std::move(message));
    request.client = &socket;
    if (suspended_) {
      std::unique_lock lock(mutex_);
      if (!resumed_.wait(lock, stop, [this] { return !suspended_; })) return;
    }
    HttpResponse response;
    try {
      response = handler_(request, stop);
    } catch (const std::exception& e) {
      response.status = 500;
      response.content_type = "text/plain; charset=utf-8";
      response.body = e.what();
    }
    if (response.close_without_answer) return;
    const std::optional<std::size_t> cut_after = response.cut_after;
    const auto answer = to_message(std::move(response), version, keep);
    if (cut_after) {
      write_cut(borrowed.stream(), answer, *cut_after);
      return;
    }
    http::write(borrowed.stream(), answer, error);
    if (error) return;
  }
}

}  // namespace bdrmesh::lab
