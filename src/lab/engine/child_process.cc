#include "lab/engine/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

namespace bdrmesh::lab {

namespace {

/// Only async-signal-safe calls: other threads may have held any lock at the fork.
[[noreturn]] void become(char* const* argv, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  ::setpgid(0, 0);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::execv(argv[0], argv);
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ChildProcess::~ChildProcess() { kill(); }

void ChildProcess::start(const std::vector<std::string>& argv, const std::filesystem::path& log) {
  kill();
  std::vector<char*> raw;
  for (const std::string& argument : argv) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0 || ::access(argv.at(0).c_str(), X_OK) != 0) {
    const std::string why = std::strerror(errno);
    if (output >= 0) ::close(output);
    throw Error(ErrorKind::precondition, "LAB_CANNOT_START", argv.at(0) + ": " + why);
  }
  std::promise<pid_t> forked;
  std::future<pid_t> result = forked.get_future();
  keeper_ =
      std::thread([this, &raw, output, parent = ::getpid(), answer = std::move(forked)]() mutable {
        const pid_t child = ::fork();
        if (child == 0) become(raw.data(), output, parent);
        running_ = child > 0;
        pid_ = child;
        answer.set_value(child);
        if (child <= 0) return;
        exit_code_ = wait_for(child);
        running_ = false;
      });
  const pid_t child = result.get();
  ::close(output);
  if (child < 0) throw Error(ErrorKind::precondition, "LAB_CANNOT_START", "fork failed");
}

int ChildProcess::wait() {
  if (keeper_.joinable()) keeper_.join();
  return exit_code_;
}

void ChildProcess::kill() {
  if (!keeper_.joinable()) return;
  // The keeper has not reaped a running child, so that the pid cannot have been given to anybody
  // else... unless it ended this very moment; then the group is empty and nothing is hit.
  if (running_) ::kill(pid_, SIGKILL);
  keeper_.join();
}

void ChildProcess::signal(int number) const {
  if (running_) ::kill(pid_, number);
}

}  // namespace bdrmesh::lab
