#include "engine/lanes.h"

#include <limits>

namespace bdrmesh {

void Lane::post(Job job) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  queue_.push_back(std::move(job));
  // An idle thread may already be promised to an earlier job of the queue.
  if (idle_ < queue_.size() && threads_.size() < max_threads_) {
    threads_.emplace_back([this] { serve(); });
  }
  changed_.notify_one();
}

void Lane::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    const Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void Lane::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (auto& thread : threads) thread.join();
}

void Lanes::post(LaneKind kind, const std::string& target, Lane::Job job) {
  lane(kind, target).post(std::move(job));
}

Lane& Lanes::lane(LaneKind kind, const std::string& target) {
  const std::lock_guard lock(mutex_);
  // Slow steps share one lane without a bound: its threads are kept for the next slow step.
  auto& found = lanes_[{kind, kind == LaneKind::slow ? std::string() : target}];
  if (!found) {
    std::size_t threads = work_threads_;
    if (kind == LaneKind::gate) threads = 1;
    if (kind == LaneKind::slow) threads = std::numeric_limits<std::size_t>::max();
    found = std::make_unique<Lane>(threads);
  }
  return *found;
}

void Lanes::stop() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, lane] : lanes_) lane->stop();
}

}  // namespace bdrmesh
