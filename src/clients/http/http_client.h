// One HTTP request and its answer, over libcurl. Says exactly how far a failed request got, because
// that decides whether a change may have happened. No retry, no redirect; loopback never goes
// through a proxy. Thread-safe: one handle per request.
#pragma once

#include <string>

#include "base/call.h"
#include "base/clock.h"
#include "base/secret.h"
#include "model/desired.h"

namespace bdrmesh {

enum class HttpMethod { get, post, put, remove };

struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string url;
  Secret body;             ///< JSON; may hold a sink URI with its password
  Millis patience{10000};  ///< at most, and never longer than the call
  Secret bearer{};         ///< sent as Authorization: Bearer when not empty
};

enum class HttpOutcome {
  answered,         ///< status and body are there
  never_connected,  ///< nothing was sent
  refused_tls,      ///< nothing was sent, and it is no passing trouble
  lost,             ///< sent, or perhaps sent; no whole answer
  stopped_before,   ///< asked to stop before anything was sent
  stopped,          ///< asked to stop, perhaps after sending
};

struct HttpAnswer {
  HttpOutcome outcome = HttpOutcome::never_connected;
  long status = 0;
  std::string body;
  std::string trouble;  ///< in words, when not answered

  bool ok() const { return outcome == HttpOutcome::answered && status >= 200 && status < 300; }
};

class HttpClient {
 public:
  HttpClient(TlsFiles tls, const Clock& clock);

  /// Blocks until the answer, `request.patience`, `call.deadline` or a stop. Never throws for what
  /// the other side does.
  HttpAnswer send(const HttpRequest& request, const Call& call) const;

 private:
  TlsFiles tls_;
  const Clock& clock_;
};

}  // namespace bdrmesh
