#include "engine/lanes.h"

#include <algorithm>
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

std::size_t Lane::busy() const {
  const std::lock_guard lock(mutex_);
  // A thread that does not run a job takes one, also one that has only just been made.
  return running_ + std::min(queue_.size(), max_threads_ - running_);
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
    ++running_;
    lock.unlock();
    job();
    lock.lock();
    --running_;
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

std::size_t Lanes::busy() const {
  const std::lock_guard lock(mutex_);
  std::size_t jobs = 0;
  for (const auto& [key, lane] : lanes_) jobs += lane->busy();
  return jobs;
}

void Lanes::stop() {
  std::vector<Lane*> lanes;
  {
    // Not held while joining: a job may ask how many are busy.
    const std::lock_guard lock(mutex_);
    for (auto& [key, lane] : lanes_) lanes.push_back(lane.get());
  }
  for (Lane* lane : lanes) lane->stop();
}

}  // namespace bdrmesh
