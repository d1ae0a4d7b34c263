// PD's list of services that hold garbage collection back, and the entry of TiDB's GC worker in it
// (ticdc-api §2.2, tidb-sql §5.3). Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/core/gc_rules.h"

namespace bdrmesh::lab {

struct ServiceSafepoint {
  std::string service_id;       ///< e.g. `ticdc-default-<number>`
  std::int64_t expired_at = 0;  ///< Unix seconds
  std::uint64_t safe_point = 0;
};

class ServiceSafepoints {
 public:
  explicit ServiceSafepoints(const Clock& clock, PdGcKind kind = PdGcKind::txn_safe_point)
      : clock_(clock), kind_(kind) {}

  /// PD's answer to a service that wants to hold history.
  struct Hold {
    bool accepted = false;  ///< false: history before `minimum` is given up, the entry is as it was
    std::uint64_t minimum = 0;  ///< of all services and the GC worker, afterwards
  };
  /// Enters or renews a service's entry unless it lies below the present minimum.
  Hold hold(const std::string& service_id, std::uint64_t safe_point, std::chrono::seconds ttl);
  /// Enters it unasked (services that the lab knows to be in time).
  void set(const std::string& service_id, std::uint64_t safe_point, std::chrono::seconds ttl);
  void remove(const std::string& service_id);
  /// All entries but the GC worker's, expired ones too: PD keeps showing them (measured.md).
  std::vector<ServiceSafepoint> list() const;

  /// The least of unexpired entries and the GC worker's: what PD calls `min_service_gc_safe_point`;
  /// 0 when there is nothing.
  std::uint64_t minimum() const;
  /// The least safe point of unexpired entries without the GC worker's; `otherwise` when there is
  /// none.
  std::uint64_t min_or(std::uint64_t otherwise) const;

  /// Entry `gc_worker`; 0 before its first run.
  std::uint64_t gc_worker() const;
  /// The GC worker asks for `wanted`. @return how far it may go.
  std::uint64_t advance_gc_worker(std::uint64_t wanted);
  /// Fault: the GC worker stands at `ts` or beyond; entries below are gone.
  void force_gc_worker(std::uint64_t ts);

 private:
  std::int64_t now_seconds() const { return to_millis(clock_.now()) / 1000; }
  std::uint64_t least_locked(std::uint64_t otherwise) const;
  std::uint64_t minimum_locked() const;

  const Clock& clock_;
  const PdGcKind kind_;
  mutable std::mutex mutex_;  // guards entries_ and gc_worker_
  std::map<std::string, ServiceSafepoint> entries_;
  std::uint64_t gc_worker_ = 0;
};

}  // namespace bdrmesh::lab
