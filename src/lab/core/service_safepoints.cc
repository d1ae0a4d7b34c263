#include "lab/core/service_safepoints.h"

#include <algorithm>

namespace bdrmesh::lab {

ServiceSafepoints::Hold ServiceSafepoints::hold(const std::string& service_id,
                                                std::uint64_t safe_point,
                                                std::chrono::seconds ttl) {
  const std::lock_guard lock(mutex_);
  Hold answer;
  answer.minimum = minimum_locked();
  if (safe_point < answer.minimum) return answer;
  entries_[service_id] = {service_id, now_seconds() + ttl.count(), safe_point};
  return {true, minimum_locked()};
}

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

std::uint64_t ServiceSafepoints::least_locked(std::uint64_t otherwise) const {
  std::uint64_t least = otherwise;
  for (const auto& [id, entry] : entries_) {
    if (entry.expired_at > now_seconds()) least = std::min(least, entry.safe_point);
  }
  return least;
}

std::uint64_t ServiceSafepoints::min_or(std::uint64_t otherwise) const {
  const std::lock_guard lock(mutex_);
  return least_locked(otherwise);
}

std::uint64_t ServiceSafepoints::minimum() const {
  const std::lock_guard lock(mutex_);
  return minimum_locked();
}

/// A GC worker that never ran counts for nothing.
std::uint64_t ServiceSafepoints::minimum_locked() const {
  const std::uint64_t least = least_locked(gc_worker_ == 0 ? UINT64_MAX : gc_worker_);
  return least == UINT64_MAX ? 0 : least;
}

std::uint64_t ServiceSafepoints::gc_worker() const {
  const std::lock_guard lock(mutex_);
  return gc_worker_;
}

std::uint64_t ServiceSafepoints::advance_gc_worker(std::uint64_t wanted) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t granted = kind_ == PdGcKind::txn_safe_point ? least_locked(wanted) : wanted;
  gc_worker_ = std::max(gc_worker_, granted);  // never back (tidb-sql §5.3)
  return least_locked(gc_worker_);
}

void ServiceSafepoints::force_gc_worker(std::uint64_t ts) {
  const std::lock_guard lock(mutex_);
  gc_worker_ = std::max(gc_worker_, ts);
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.safe_point < gc_worker_; });
}

}  // namespace bdrmesh::lab
