// A child process that never outlives us, with its output in a log file.
// Not thread-safe, apart from is_running().
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace bdrmesh::lab {

class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Starts `argv[0]` (a full path) with output to `log`; the kernel kills it when we die.
  /// @throws Error precondition `LAB_CANNOT_START` when it cannot be executed.
  void start(const std::vector<std::string>& argv, const std::filesystem::path& log);
  /// Blocks until it has ended by itself. @return its exit code, or 128 + signal.
  int wait();
  /// SIGKILL, and waits until it is gone. Nothing happens when it does not run.
  void kill();
  /// Sends a signal (SIGSTOP, SIGCONT ...).
  void signal(int number) const;
  bool is_running() const { return running_; }
  pid_t pid() const { return pid_; }

 private:
  // The kernel's "kill me when my parent dies" means the *thread* that forked: it lives as long as
  // the child.
  std::thread keeper_;
  std::atomic<bool> running_{false};
  std::atomic<pid_t> pid_{0};
  std::atomic<int> exit_code_{0};
};

}  // namespace bdrmesh::lab
