// Holds every session of a frozen tidb-server where it stands, as SIGSTOP would.
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace bdrmesh::lab {

class FreezeGate {
 public:
  void freeze();
  void thaw();
  /// Lets everybody through for good: the cluster ends.
  void open_for_ever();
  bool is_frozen() const { return frozen_; }
  /// Blocks while frozen.
  void pass();

 private:
  std::mutex mutex_;
  std::condition_variable thawed_;
  std::atomic<bool> frozen_{false};
  bool open_ = false;
};

}  // namespace bdrmesh::lab
