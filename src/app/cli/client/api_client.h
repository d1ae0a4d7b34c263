// The command line's way to the daemon's API. Blocking; one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

class ApiClient {
 public:
  /// `base_url`: `http://127.0.0.1:8440`.
  explicit ApiClient(std::string base_url, Millis timeout = Millis{60'000});
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  const std::string& base_url() const { return base_url_; }

  /// `path` stands below /api/v1 and is encoded by the caller (see `path_of`).
  /// @throws ApiProblem what the daemon's problem+json says; Error transient `NO_DAEMON` when
  /// nobody answers; transient `NO_ANSWER`
  ///         when the answer is lost or no JSON. A GET may simply be repeated.
  Json get(const std::string& path);
  /// A question that needs a body: as `get`.
  Json ask(const std::string& path, const Json& body);
  /// @throws Error as `get`, but ambiguous `NO_ANSWER` when the request may have arrived.
  Json post(const std::string& path, const Json& body, const std::string& idempotency_key = {});

 private:
  struct Handle;
  struct Reply;
  Reply send(const std::string& path, const std::string* body, const std::string& idempotency_key);
  Json take(const Reply& reply, bool reading) const;

  std::string base_url_;
  Millis timeout_;
  std::unique_ptr<Handle> handle_;
};

/// One segment of a path, percent-encoded.
std::string encoded(const std::string& segment);

}  // namespace bdrmesh
