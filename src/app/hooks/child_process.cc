#include "app/hooks/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace bdrmesh {
namespace {

constexpr int kLook = 50;  // milliseconds between two looks at limit and stop

/// What posix_spawn wants: pointers into texts that live as long.
class Texts {
 public:
  void add(std::string text) { texts_.push_back(std::move(text)); }
  char** pointers() {
    pointers_.clear();
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

/// @return 0 or the errno of the failure.
int spawn(const ChildCall& child, int output, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF));
  posix_spawnattr_setpgroup(&how, 0);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&how, &none);
  // The daemon ignores SIGPIPE; programs that write into closed pipes count on it.
  sigset_t usual;
  sigemptyset(&usual);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&usual, number);
  posix_spawnattr_setsigdefault(&how, &usual);
  Texts arguments;
  for (const std::string& argument : child.argv) arguments.add(argument);
  Texts environment;
  for (const auto& [name, value] : child.environment) environment.add(name + "=" + value);
  const int failed = ::posix_spawnp(&pid, child.argv.front().c_str(), &files, &how,
                                    arguments.pointers(), environment.pointers());
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

/// When the process was started, in ticks since boot; empty when there is none of this number.
std::string born(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // The name in brackets may hold blanks; behind it the start time is the 20th word.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::string word;
  for (int i = 0; i < 20; ++i) rest >> word;
  return word;
}

std::string boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

/// A started child: read from, looked at, ended with all its group.
class Child {
 public:
  Child(pid_t pid, int output, std::size_t longest)
      : pid_(pid), output_(output), longest_(longest) {
    ::fcntl(output, F_SETFL, O_NONBLOCK);
  }
  ~Child() { finish(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits a moment for output or for the end of it.
  void listen() {
    pollfd waiting{open_ ? output_.get() : -1, POLLIN, 0};
    ::poll(&waiting, 1, open_ ? kLook : 5);
    read_all();
  }

  /// Has the program itself ended? It stays to be waited for, so that its number is not given to
  /// another one while its group is killed.
  bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  void signal_group(int number) const { ::kill(-pid_, number); }

  /// Kills what is left of the group and collects the child.
  void finish() {
    if (pid_ <= 0) return;
    signal_group(SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    read_all();
  }

  int status() const { return status_; }
  const std::string& output() const { return text_; }
  bool cut() const { return cut_; }

 private:
  void read_all() {
    std::array<char, 4096> buffer{};
    while (open_) {
      const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return;
      if (got == 0) open_ = false;
      text_.append(buffer.data(), static_cast<std::size_t>(got));
      if (text_.size() <= longest_) continue;
      text_.erase(0, text_.size() - longest_);
      cut_ = true;
    }
  }

  pid_t pid_;
  Descriptor output_;
  std::size_t longest_;
  bool open_ = true;
  bool cut_ = false;
  int status_ = 0;
  std::string text_;
};

void watch(Child& child, const ChildCall& how, const Call& limits, const Clock& clock,
           ChildEnd& end) {
  const MonoTime until = std::min(clock.mono() + how.limit, limits.deadline);
  while (!child.has_ended()) {
    end.stopped = limits.stop.stop_requested();
    end.timed_out = !end.stopped && clock.mono() >= until;
    if (end.stopped || end.timed_out) break;
    child.listen();
  }
  if (!end.stopped && !end.timed_out) return;
  child.signal_group(SIGTERM);
  const MonoTime last = clock.mono() + how.grace;
  while (!child.has_ended() && clock.mono() < last) child.listen();
}

}  // namespace

ChildEnd run_child(const ChildCall& how, const std::function<void(const std::string&)>& begun,
                   const Call& limits, const Clock& clock) {
  ChildEnd end;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    end.cannot_start = std::strerror(errno);
    return end;
  }
  Descriptor write_end(ends[1]);
  const MonoTime start = clock.mono();
  pid_t pid = -1;
  if (const int failed = spawn(how, write_end.get(), pid); failed != 0) {
    ::close(ends[0]);
    end.cannot_start = std::strerror(failed);
    return end;
  }
  Child child(pid, ends[0], how.longest_output);
  write_end.close();
  begun(std::to_string(pid) + " " + born(pid) + " " + boot());
  watch(child, how, limits, clock, end);
  child.finish();
  if (WIFEXITED(child.status())) end.status = WEXITSTATUS(child.status());
  if (WIFSIGNALED(child.status())) end.signal = WTERMSIG(child.status());
  end.output = child.output();
  end.cut = child.cut();
  end.took = std::chrono::duration_cast<Millis>(clock.mono() - start);
  return end;
}

void end_child(const std::string& mark) {
  std::istringstream words(mark);
  pid_t pid = 0;
  std::string since;
  std::string boot_id;
  words >> pid >> since >> boot_id;
  const bool same = pid > 1 && !since.empty() && boot_id == boot() && born(pid) == since;
  if (same) ::kill(-pid, SIGKILL);
}

std::string fault_of_program(const std::string& program) {
  if (program.find('/') != std::string::npos)
    return ::access(program.c_str(), X_OK) == 0 ? "" : std::strerror(errno);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return {};
  }
  return "no such program in PATH";
}

}  // namespace bdrmesh
