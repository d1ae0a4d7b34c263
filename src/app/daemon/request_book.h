// What was asked under each idempotency key, so that the same key never stands for two different
// wishes. Kept in the state as long as it lives. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "api/backend.h"
#include "base/clock.h"
#include "store/state_store.h"

namespace bdrmesh {

class RequestBook {
 public:
  RequestBook(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// Notes the request under its key; without a key nothing is noted.
  /// @return the operation that an earlier, equal request has started.
  /// @throws Refusal precondition `IDEMPOTENCY_KEY_REUSED` when the key stands for another request.
  std::optional<std::string> earlier(const SubmitOperation& request);

 private:
  StateStore& store_;
  const Clock& clock_;
  std::mutex mutex_;  // one note is looked for and made at a time
};

}  // namespace bdrmesh
