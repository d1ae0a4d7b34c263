#include "api/http_wire.h"

#include <algorithm>

#include "api/access.h"
#include "api/problem.h"

namespace bdrmesh::wire {
namespace {

std::string text_of(beast::string_view text) { return std::string(text.data(), text.size()); }

template <class Name>
std::string only(const Request& message, Name name, const char* shown) {
  if (message.count(name) > 1) {
    throw Error(ErrorKind::invalid, "BAD_HEADER",
                std::string("the header ") + shown + " comes twice", "send it once");
  }
  return text_of(message[name]);
}

/// Stored and shown again, so it is kept to what a screen can show.
std::string printable(std::string text) {
  static constexpr std::size_t kMost = 200;
  if (text.size() > kMost) text.resize(kMost);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20U || c > 0x7eU; }, '?');
  return text;
}

std::string idempotency_key(const Request& message) {
  static constexpr std::size_t kMost = 200;
  std::string key = only(message, "Idempotency-Key", "Idempotency-Key");
  if (key.size() > kMost || key != printable(key)) {
    throw Error(ErrorKind::invalid, "BAD_HEADER",
                "Idempotency-Key is longer than 200 characters or not plain ASCII",
                "a random text will do");
  }
  return key;
}

void set_headers(http::fields& fields, const ApiReply& reply) {
  fields.set(http::field::content_type, reply.content_type);
  fields.set(http::field::cache_control, "no-store");
  fields.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : reply.headers) fields.set(name, value);
}

}  // namespace

ApiRequest to_request(const Request& message) {
  ApiRequest request;
  request.method = text_of(message.method_string());
  request.content_type = only(message, http::field::content_type, "Content-Type");
  request.accept = text_of(message[http::field::accept]);
  request.idempotency_key = idempotency_key(message);
  request.last_event_id = only(message, "Last-Event-ID", "Last-Event-ID");
  request.user_agent = printable(text_of(message[http::field::user_agent]));
  request.authorization = only(message, http::field::authorization, "Authorization");
  request.body = message.body();
  split_target({message.target().data(), message.target().size()}, request);
  return request;
}

std::optional<ApiReply> refused_at_the_edge(const Request& message, bool chunked, bool loopback) {
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return problem_reply(400, "BAD_HEADER", "a request names its host once",
                         "send the Host header");
  }
  const RequestOrigin from{text_of(message[http::field::host]),
                           text_of(message[http::field::origin]),
                           text_of(message["Sec-Fetch-Site"])};
  // HTTP/1.0 may leave the host out; browsers do not.
  if (comes_from_a_page(from, loopback && hosts == 1)) {
    return problem_reply(403, "FOREIGN_ORIGIN",
                         "the request comes from a page of another origin, or asks by a name that "
                         "is not this machine's loopback",
                         "use the address that the daemon listens on, such as 127.0.0.1");
  }
  if (message.count(http::field::transfer_encoding) > 0 && !chunked) {
    return problem_reply(400, "BAD_HEADER", "a transfer coding that the server does not read",
                         "send Content-Length, or Transfer-Encoding: chunked");
  }
  const std::string coding = text_of(message[http::field::content_encoding]);
  if (!coding.empty() && coding != "identity") {
    return problem_reply(415, "UNSUPPORTED_CODING", "the body is coded as " + printable(coding),
                         "send it plain, without Content-Encoding");
  }
  return std::nullopt;
}

Response to_response(const ApiReply& reply, unsigned version, bool keep_alive, bool head) {
  Response response{static_cast<http::status>(reply.status), version};
  set_headers(response.base(), reply);
  response.keep_alive(keep_alive);
  if (head) {
    response.content_length(reply.body.size());
  } else {
    response.body() = reply.body;
    response.prepare_payload();
  }
  return response;
}

http::response<http::empty_body> to_stream_header(const ApiReply& reply, unsigned version) {
  http::response<http::empty_body> response{static_cast<http::status>(reply.status), version};
  set_headers(response.base(), reply);
  response.set("X-Accel-Buffering", "no");  // a proxy in between must not wait for the end
  response.keep_alive(false);
  return response;
}

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

}  // namespace bdrmesh::wire
