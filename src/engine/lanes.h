// Where steps run: per target a few work threads and one slot for gates, and own threads for slow
// steps. One target that hangs holds its own threads only. Threads are made when first needed.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/plan.h"

namespace bdrmesh {

/// A queue and at most `max_threads` threads that serve it.
class Lane {
 public:
  using Job = std::function<void()>;

  explicit Lane(std::size_t max_threads) : max_threads_(max_threads) {}
  ~Lane() { stop(); }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Queues `job`; it must not throw. Dropped after `stop`.
  void post(Job job);
  /// Jobs that run or could run now; not those that must wait for another one to end.
  std::size_t busy() const;
  /// Ends after the jobs in progress; those still queued are dropped. Joins.
  void stop();

 private:
  void serve();

  const std::size_t max_threads_;
  mutable std::mutex mutex_;  ///< guards everything below
  std::condition_variable changed_;
  std::deque<Job> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

class Lanes {
 public:
  explicit Lanes(std::size_t work_threads) : work_threads_(work_threads) {}

  void post(LaneKind kind, const std::string& target, Lane::Job job);
  /// Jobs of all lanes that run or could run now.
  std::size_t busy() const;
  void stop();

 private:
  Lane& lane(LaneKind kind, const std::string& target);

  const std::size_t work_threads_;
  mutable std::mutex mutex_;  ///< guards lanes_
  std::map<std::pair<LaneKind, std::string>, std::unique_ptr<Lane>> lanes_;
};

}  // namespace bdrmesh
