#include "lab/core/gc_worker.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kLook{60'000};
/// Any server: what is set globally reaches the GC leader in time.
constexpr std::size_t kLeader = 0;

}  // namespace

GcWorker::GcWorker(const Clock& clock, const TsoOracle& oracle, ServiceSafepoints& services,
                   const GlobalVariables& variables, const Sessions& sessions)
    : clock_(clock),
      oracle_(oracle),
      services_(services),
      variables_(variables),
      sessions_(sessions) {}

void GcWorker::start() {
  run_now();
  const MonoTime first_look = clock_.mono() + kLook;
  thread_ =
      std::jthread([this, first_look](const std::stop_token& stop) { watch(first_look, stop); });
}

void GcWorker::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void GcWorker::watch(MonoTime look, const std::stop_token& stop) {
  while (clock_.wait_until(look, stop)) {
    // Before the run: a clock that is turned during it must not be missed.
    look = clock_.mono() + kLook;
    if (is_due()) run_now();
  }
}

bool GcWorker::is_due() const {
  const GcSettings settings = gc_settings(variables_.all(kLeader));
  const std::lock_guard lock(mutex_);
  return !last_run_ || oracle_.now() >= *last_run_ + settings.run_interval;
}

std::optional<WallTime> GcWorker::last_run() const {
  const std::lock_guard lock(mutex_);
  return last_run_;
}

std::uint64_t GcWorker::oldest_transaction() const {
  std::uint64_t oldest = 0;
  for (const SessionInfo& session : sessions_.list()) {
    if (!session.in_transaction || session.start_ts == 0) continue;
    oldest = oldest == 0 ? session.start_ts : std::min(oldest, session.start_ts);
  }
  return oldest;
}

bool GcWorker::run_now() {
  const GcSettings settings = gc_settings(variables_.all(kLeader));
  if (!settings.enabled) return false;
  {
    const std::lock_guard lock(renewals_->mutex);
    for (const Renewal& renewal : renewals_->all) renewal();
  }
  const std::lock_guard lock(mutex_);
  const WallTime now = oracle_.now();
  const std::uint64_t granted =
      services_.advance_gc_worker(wanted_safe_point(now, settings, oldest_transaction()));
  last_run_ = now;
  safe_point_ = std::max(safe_point_.load(), granted);
  return true;
}

void GcWorker::collect_up_to(std::uint64_t ts) {
  const std::lock_guard lock(mutex_);
  services_.force_gc_worker(ts);
  safe_point_ = std::max(safe_point_.load(), ts);
}

std::shared_ptr<void> GcWorker::before_each_run(Renewal renewal) {
  const std::lock_guard lock(renewals_->mutex);
  const auto entry = renewals_->all.insert(renewals_->all.end(), std::move(renewal));
  // The list outlives the worker, should the handle do so.
  return {static_cast<void*>(renewals_.get()), [renewals = renewals_, entry](void*) {
            const std::lock_guard ending(renewals->mutex);
            renewals->all.erase(entry);
          }};
}

}  // namespace bdrmesh::lab
