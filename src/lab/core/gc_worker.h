// TiDB's garbage collection of one cluster: every `tidb_gc_run_interval` it moves the safe point
// on, as far as life time, open transactions and PD's services allow (tidb-sql §5.3). History below
// safe_point() is lost: reading it is 8055. Thread-safe; a thread of its own once started.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "lab/core/gc_rules.h"
#include "lab/core/global_variables.h"
#include "lab/core/service_safepoints.h"
#include "lab/core/sessions.h"
#include "lab/core/tso_oracle.h"

namespace bdrmesh::lab {

class GcWorker {
 public:
  /// Renews what a service holds in PD.
  using Renewal = std::function<void()>;

  GcWorker(const Clock& clock, const TsoOracle& oracle, ServiceSafepoints& services,
           const GlobalVariables& variables, const Sessions& sessions);
  ~GcWorker() { stop(); }
  GcWorker(const GcWorker&) = delete;
  GcWorker& operator=(const GcWorker&) = delete;

  /// Collects once, then looks once a minute whether it is time again. Not started, it only runs by
  /// run_now().
  void start();
  void stop();

  /// Everything below is collected; 0 before the first run.
  std::uint64_t safe_point() const { return safe_point_; }
  /// When it ran last; std::nullopt before the first run.
  std::optional<WallTime> last_run() const;
  /// Whether a read at `ts` finds its history (it does at the safe point itself).
  bool has_history(std::uint64_t ts) const { return ts >= safe_point_; }

  /// One run, whatever the interval. @return false when `tidb_gc_enable` is OFF: nothing happens.
  bool run_now();
  /// Fault: collects up to `ts` whoever holds history; services that stood below lose their entry.
  void collect_up_to(std::uint64_t ts);

  /// Called before every run. Services renew about once a minute; when the clock is turned by
  /// hours, this is what keeps an entry alive whose owner is alive. The subscription ends with the
  /// returned handle, which waits for a renewal in progress; so never drop it while holding a lock
  /// that the renewal takes.
  [[nodiscard]] std::shared_ptr<void> before_each_run(Renewal renewal);

 private:
  struct Renewals {
    std::mutex mutex;  // guards all; held during a renewal, so that unsubscribing waits
    std::list<Renewal> all;
  };

  void watch(MonoTime look, const std::stop_token& stop);
  bool is_due() const;
  std::uint64_t oldest_transaction() const;

  const Clock& clock_;
  const TsoOracle& oracle_;
  ServiceSafepoints& services_;
  const GlobalVariables& variables_;
  const Sessions& sessions_;
  const std::shared_ptr<Renewals> renewals_ = std::make_shared<Renewals>();
  std::atomic<std::uint64_t> safe_point_{0};
  mutable std::mutex mutex_;  // guards last_run_, and makes a run one act
  std::optional<WallTime> last_run_;
  std::jthread thread_;
};

}  // namespace bdrmesh::lab
