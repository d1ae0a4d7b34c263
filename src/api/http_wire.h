// Between Beast's messages and ours; for http_server.cc alone. Pure.
#pragma once

#include <optional>
#include <string>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>

#include "api/http_types.h"

namespace bdrmesh::wire {

namespace beast = boost::beast;
namespace http = beast::http;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

/// @throws Error invalid `MALFORMED_PATH`, `BAD_QUERY`, `BAD_HEADER`.
ApiRequest to_request(const Request& message);

/// What is refused whatever is asked: another origin, a coding we do not read, no host.
std::optional<ApiReply> refused_at_the_edge(const Request& message, bool chunked, bool loopback);

/// `head`: the reply to HEAD, with the header of the whole and no body.
Response to_response(const ApiReply& reply, unsigned version, bool keep_alive, bool head);

/// The header of a stream: the body ends with the connection.
http::response<http::empty_body> to_stream_header(const ApiReply& reply, unsigned version);

/// What to say to bytes that are no request that we take; std::nullopt: the connection is over or
/// too slow, say nothing.
std::optional<ApiReply> reply_to_fault(const beast::error_code& fault);

}  // namespace bdrmesh::wire
