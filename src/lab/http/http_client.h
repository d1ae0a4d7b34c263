// A small blocking HTTP/1.1 client for addresses on 127.0.0.1: one connection per call.
// Thread-safe.
#pragma once

#include <string>

#include "base/clock.h"

namespace bdrmesh::lab {

struct HttpAnswer {
  int status = 0;  ///< 0: the connection broke before an answer came
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
};

/// Sends one request and waits up to `limit` for each piece of the answer.
/// @param url  `http://127.0.0.1:port/path`
/// @throws SocketClosed when nobody listens there.
HttpAnswer http_call(const std::string& method, const std::string& url,
                     const std::string& body = "", Millis limit = Millis{10'000});

}  // namespace bdrmesh::lab
