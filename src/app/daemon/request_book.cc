#include "app/daemon/request_book.h"

#include "api/refusal.h"

namespace bdrmesh {
namespace {

constexpr const char* kKind = "request";

/// All that tells one wish from another; who asks does not.
Json wish(const SubmitOperation& request) {
  return {{"kind", request.kind},
          {"args", request.args},
          {"plan", request.plan},
          {"queue", request.queue},
          {"deadline_ms", request.deadline ? Json(request.deadline->count()) : Json()}};
}

}  // namespace

std::optional<std::string> RequestBook::earlier(const SubmitOperation& request) {
  const std::string& key = request.idempotency_key;
  if (key.empty()) return std::nullopt;
  const Json wanted = wish(request);
  const std::lock_guard lock(mutex_);
  const auto noted = store_.document(kKind, key);
  if (!noted) {
    store_.put_document({kKind, key, clock_.now(), wanted});
  } else if (noted->body != wanted) {
    throw Refusal(ErrorKind::precondition, "IDEMPOTENCY_KEY_REUSED",
                  "the idempotency key '" + key + "' was used for another request at " +
                      to_rfc3339(noted->at),
                  "send a new key with a new request",
                  {{"key", key}, {"earlier", noted->body}, {"now", wanted}});
  }
  return store_.operation_of_key(key);
}

}  // namespace bdrmesh
