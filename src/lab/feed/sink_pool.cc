#include "lab/feed/sink_pool.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

namespace bdrmesh::lab {

namespace {

std::uint64_t mixed(std::uint64_t hash, std::string_view bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3U;
  for (const char c : bytes) {
    // Collations may fold letters and trailing blanks: what could be equal must meet.
    hash ^= static_cast<std::uint64_t>(std::tolower(static_cast<unsigned char>(c)));
    hash *= kPrime;
  }
  return hash;
}

std::string_view without_trailing_blanks(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> hash_of(const TableMap& table, const Row& row, const RowKey& key) {
  if (row.empty()) return std::nullopt;
  std::uint64_t hash = mixed(mixed(0xcbf29ce484222325U, table.schema), table.name);
  for (const std::size_t index : key) {
    if (row[index].kind == Value::Kind::null) return std::nullopt;  // NULLs never collide
    hash = (mixed(hash, without_trailing_blanks(row[index].text)) ^ index) * 31;
  }
  return hash;
}

}  // namespace

std::vector<std::uint64_t> key_hashes(const RowChange& row, const RowKey& handle,
                                      const std::vector<RowKey>& uniques) {
  std::vector<std::uint64_t> hashes;
  if (handle.empty()) {
    // Without a key rows of the table stay in one line.
    return {mixed(mixed(0xcbf29ce484222325U, row.table->schema), row.table->name)};
  }
  const auto add = [&](const Row& image, const RowKey& key) {
    if (const auto hash = hash_of(*row.table, image, key)) {
      if (std::find(hashes.begin(), hashes.end(), *hash) == hashes.end()) hashes.push_back(*hash);
    }
  };
  add(row.image.before.empty() ? row.image.after : row.image.before, handle);
  for (const RowKey& key : uniques) {
    add(row.image.before, key);
    add(row.image.after, key);
  }
  return hashes;
}

SinkPool::SinkPool(WriterPlan plan) : plan_(std::move(plan)) {
  workers_.resize(std::clamp<std::size_t>(plan_.options.worker_count, 1, kMostWorkers));
}

SinkPool::~SinkPool() {
  request_stop();
  join();
}

void SinkPool::request_stop() {
  const std::lock_guard lock(mutex_);
  for (Worker& worker : workers_) {
    if (worker.writer) worker.writer->request_stop();
  }
}

void SinkPool::join() {
  for (Worker& worker : workers_) {
    if (worker.writer) worker.writer->join();
  }
}

void SinkPool::abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  for (Worker& worker : workers_) {
    if (worker.writer) worker.writer->abort();
  }
  changed_.notify_all();
}

/// @return kNobody while keys are in the hands of several workers.
std::size_t SinkPool::worker_for(const SinkUnit& unit) const {
  std::size_t bound = kNobody;
  for (const std::uint64_t hash : unit.hashes) {
    const Slot& slot = slots_[hash % kSlots];
    if (slot.unit == 0 || is_done(slot)) continue;
    if (bound != kNobody && bound != slot.worker) return kNobody;
    bound = slot.worker;
  }
  if (bound != kNobody) return bound;
  return unit.hashes.empty() ? 0 : (unit.hashes.front() >> 7) % workers_.size();
}

bool SinkPool::add(std::vector<SinkUnit> units, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (SinkUnit& unit : units) {
    std::size_t chosen = kNobody;
    const auto ready = [&] {
      if (failure_ || aborted_) return true;
      if (queued_rows_ >= kMostQueuedRows) return false;
      chosen = worker_for(unit);
      return chosen != kNobody;
    };
    if (!ready()) {
      queued_.notify_all();
      changed_.wait(lock, stop, ready);
    }
    if (chosen == kNobody || failure_ || aborted_ || stop.stop_requested()) return false;
    enqueue(std::move(unit), chosen);
  }
  queued_.notify_all();
  return true;
}

void SinkPool::enqueue(SinkUnit unit, std::size_t number) {
  ++last_;
  for (const std::uint64_t hash : unit.hashes) slots_[hash % kSlots] = {last_, number};
  Worker& worker = workers_[number];
  if (!worker.writer) {
    worker.writer = std::make_unique<SinkWriter>(static_cast<WriterHome&>(*this), number, plan_);
  }
  queued_rows_ += unit.rows.size();
  worker.queue.push_back({last_, std::move(unit.rows)});
}

bool SinkPool::drain(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto idle = [this] {
    return std::all_of(workers_.begin(), workers_.end(), [](const Worker& worker) {
      return worker.queue.empty() && worker.in_work == 0;
    });
  };
  changed_.wait(lock, stop, [&] { return failure_ || aborted_ || idle(); });
  return idle() && !failure_ && !stop.stop_requested();
}

std::uint64_t SinkPool::last_added() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::uint64_t SinkPool::done_up_to() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t done = last_;
  for (const Worker& worker : workers_) {
    if (worker.in_work != 0) {
      done = std::min(done, worker.in_work - 1);
    } else if (!worker.queue.empty()) {
      done = std::min(done, worker.queue.front().number - 1);
    }
  }
  return done;
}

std::optional<FeedFailure> SinkPool::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

SinkPool::Counts SinkPool::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::optional<std::vector<QueuedUnit>> SinkPool::take(std::size_t number, std::size_t most_rows,
                                                      const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Worker& worker = workers_[number];
  queued_.wait(lock, stop, [&] { return !worker.queue.empty() && !failure_; });
  if (stop.stop_requested() || worker.queue.empty()) return std::nullopt;
  std::vector<QueuedUnit> taken;
  worker.in_work = worker.queue.front().number;
  for (std::size_t rows = 0; !worker.queue.empty();) {
    rows += worker.queue.front().rows.size();
    if (!taken.empty() && rows > most_rows) break;
    taken.push_back(std::move(worker.queue.front()));
    worker.queue.pop_front();
  }
  return taken;
}

void SinkPool::finish(std::size_t number, std::uint64_t last_unit, std::uint64_t rows,
                      std::uint64_t last_synced) {
  const std::lock_guard lock(mutex_);
  workers_[number].done = last_unit;
  workers_[number].in_work = 0;
  queued_rows_ -= rows;
  counts_.rows += rows;
  counts_.last_synced = std::max(counts_.last_synced, last_synced);
  changed_.notify_all();
}

void SinkPool::fail(FeedFailure failure) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(failure);
  changed_.notify_all();
}

bool SinkPool::replaces_now() const {
  const std::lock_guard lock(mutex_);
  return plan_.clock.mono() < replaces_until_;
}

void SinkPool::replace_for_a_while() {
  const std::lock_guard lock(mutex_);
  replaces_until_ = plan_.clock.mono() + plan_.times.error_safe_mode;
}

}  // namespace bdrmesh::lab
