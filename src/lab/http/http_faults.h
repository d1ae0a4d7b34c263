// What is made to go wrong with the answers of one HTTP server, set by commands: late, wrong, half
// and missing answers, errors instead of answers. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

struct HttpFault {
  enum class Kind {
    late,     ///< the request takes effect, the answer comes `delay` later
    lost,     ///< it takes effect; the connection is closed instead of an answer
    silent,   ///< it takes effect; nothing ever comes
    half,     ///< it takes effect; the connection breaks in the middle of the body
    refused,  ///< no effect; `status` and `body` instead
    wrong,    ///< no effect here: `elsewhere` answers
  };
  using Elsewhere = std::function<HttpResponse(const HttpRequest&, const std::stop_token&)>;

  Kind kind = Kind::lost;
  std::string part;  ///< of `METHOD path`, e.g. `POST /api/v2/changefeeds`; "" hits every request
  int count = 1;     ///< so many requests; below 0 until clear()
  Millis delay{0};
  int status = 500;
  std::string body;
  Elsewhere elsewhere;
};

class HttpFaults {
 public:
  /// From now on; the first fault whose part fits hits a request.
  void add(HttpFault fault);
  void clear();
  /// Faults still to come, as `kind part`.
  std::vector<std::string> waiting() const;

  /// Answers with `answer`, or as the fault has it that this request meets. Waits by `clock`.
  HttpResponse around(const HttpRequest& request, const std::stop_token& stop, const Clock& clock,
                      const std::function<HttpResponse()>& answer);

 private:
  std::optional<HttpFault> take(const HttpRequest& request);

  mutable std::mutex mutex_;  // guards faults_
  std::vector<HttpFault> faults_;
};

std::string_view to_string(HttpFault::Kind kind);

}  // namespace bdrmesh::lab
