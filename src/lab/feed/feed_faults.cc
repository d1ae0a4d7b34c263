#include "lab/feed/feed_faults.h"

#include <utility>

namespace bdrmesh::lab {

void FeedFaults::freeze() {
  const std::lock_guard lock(mutex_);
  frozen_ = true;
}

void FeedFaults::thaw() {
  const std::lock_guard lock(mutex_);
  frozen_ = false;
  changed_.notify_all();
}

void FeedFaults::suspend(bool suspended) {
  const std::lock_guard lock(mutex_);
  suspended_ = suspended;
  changed_.notify_all();
}

bool FeedFaults::frozen() const {
  const std::lock_guard lock(mutex_);
  return frozen_;
}

bool FeedFaults::pass(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !frozen_ && !suspended_; });
  return !stop.stop_requested();
}

bool FeedFaults::hold_back(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (delay_.count() > 0) changed_.wait_for(lock, stop, delay_, [] { return false; });
  return !stop.stop_requested();
}

void FeedFaults::set_delay(Millis delay) {
  const std::lock_guard lock(mutex_);
  delay_ = delay;
}

void FeedFaults::drop_next(std::string schema, std::string table) {
  const std::lock_guard lock(mutex_);
  drop_ = Target{std::move(schema), std::move(table)};
}

void FeedFaults::duplicate_next(std::string schema, std::string table) {
  const std::lock_guard lock(mutex_);
  duplicate_ = Target{std::move(schema), std::move(table)};
}

bool FeedFaults::take(std::optional<Target>& target, const std::string& schema,
                      const std::string& table) {
  if (!target || !target->hits(schema, table)) return false;
  target.reset();
  return true;
}

bool FeedFaults::takes_drop(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  return take(drop_, schema, table);
}

bool FeedFaults::takes_duplicate(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  return take(duplicate_, schema, table);
}

void FeedFaults::corrupt_next(std::string schema, std::string table) {
  const std::lock_guard lock(mutex_);
  corrupt_ = Target{std::move(schema), std::move(table)};
}

void FeedFaults::reorder_next(std::string schema, std::string table) {
  const std::lock_guard lock(mutex_);
  reorder_ = Target{std::move(schema), std::move(table)};
}

bool FeedFaults::takes_corrupt(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  return take(corrupt_, schema, table);
}

bool FeedFaults::takes_reorder(const std::string& schema, const std::string& table) {
  const std::lock_guard lock(mutex_);
  return take(reorder_, schema, table);
}

void FeedFaults::set_redo_disk_full(bool full) {
  const std::lock_guard lock(mutex_);
  redo_disk_full_ = full;
}

bool FeedFaults::redo_disk_full() const {
  const std::lock_guard lock(mutex_);
  return redo_disk_full_;
}

void FeedFaults::clear() {
  const std::lock_guard lock(mutex_);
  frozen_ = false;
  delay_ = Millis{0};
  drop_.reset();
  duplicate_.reset();
  corrupt_.reset();
  reorder_.reset();
  redo_disk_full_ = false;
  changed_.notify_all();
}

}  // namespace bdrmesh::lab
