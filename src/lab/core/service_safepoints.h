// PD's list of services that hold garbage collection back (ticdc-api §2.2); TiCDC enters its feeds
// here. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

struct ServiceSafepoint {
  std::string service_id;       ///< e.g. `ticdc-default-<number>`
  std::int64_t expired_at = 0;  ///< Unix seconds
  std::uint64_t safe_point = 0;
};

class ServiceSafepoints {
 public:
  explicit ServiceSafepoints(const Clock& clock) : clock_(clock) {}

  /// Enters or renews a service's entry; it expires after `ttl`.
  void set(const std::string& service_id, std::uint64_t safe_point, std::chrono::seconds ttl);
  void remove(const std::string& service_id);
  /// All entries, expired ones too: PD keeps showing them (measured.md).
  std::vector<ServiceSafepoint> list() const;
  /// The least safe point of entries that have not expired; `otherwise` when there is none.
  std::uint64_t min_or(std::uint64_t otherwise) const;

 private:
  std::int64_t now_seconds() const { return to_millis(clock_.now()) / 1000; }

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards entries_
  std::map<std::string, ServiceSafepoint> entries_;
};

}  // namespace bdrmesh::lab
