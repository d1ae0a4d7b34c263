#include "lab/core/service_safepoints.h"

#include <algorithm>

namespace bdrmesh::lab {

void ServiceSafepoints::set(const std::string& service_id, std::uint64_t safe_point,
                            std::chrono::seconds ttl) {
  const std::lock_guard lock(mutex_);
  entries_[service_id] = {service_id, now_seconds() + ttl.count(), safe_point};
}

void ServiceSafepoints::remove(const std::string& service_id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(service_id);
}

std::vector<ServiceSafepoint> ServiceSafepoints::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ServiceSafepoint> all;
  for (const auto& [id, entry] : entries_) all.push_back(entry);
  return all;
}

std::uint64_t ServiceSafepoints::min_or(std::uint64_t otherwise) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t least = otherwise;
  for (const auto& [id, entry] : entries_) {
    if (entry.expired_at > now_seconds()) least = std::min(least, entry.safe_point);
  }
  return least;
}

}  // namespace bdrmesh::lab
