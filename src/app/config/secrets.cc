#include "app/config/secrets.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

extern char** environ;

namespace bdrmesh {
namespace {

constexpr std::size_t kLongest = 64 * 1024;

[[noreturn]] void unreadable(const std::string& source, const std::string& why) {
  throw Error(ErrorKind::precondition, "SECRET_UNREADABLE",
              "cannot read a password from " + source + ": " + why,
              "mend the source, or name another one in the configuration");
}

std::string trimmed(const std::string& text) {
  static constexpr const char* kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Appends what is there to read. @return false at the end of the stream.
bool read_some(int descriptor, std::string& text, const std::string& source) {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got < 0 && errno != EINTR) unreadable(source, std::strerror(errno));
  if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  if (text.size() > kLongest) unreadable(source, "it is longer than 64 KiB");
  return got != 0;
}

std::string exposure_text(const std::string& path, mode_t mode) {
  if ((mode & S_IROTH) == 0) return {};
  return "everybody on this machine can read the password in " + path + ": chmod o-r " + path;
}

ResolvedSecret from_file(const std::string& path, const std::string& source) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) unreadable(source, std::strerror(errno));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) unreadable(source, std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) unreadable(source, "it is no file");
  ResolvedSecret result;
  std::string text;
  while (read_some(file.get(), text, source)) {
  }
  result.secret = Secret(trimmed(text));
  result.warning = exposure_text(path, facts.st_mode);
  return result;
}

ResolvedSecret from_environment(const std::string& name, const std::string& source) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) unreadable(source, "the variable is not set");
  return {Secret(trimmed(value)), {}};
}

/// `exec:` with the program only: its arguments may hold what unlocks the password.
std::string command_name(const std::string& source) {
  const std::string program = source.substr(0, source.find_first_of(" \t\n|;&<>"));
  return program.find('=') == std::string::npos ? program + " ..." : "exec: ...";
}

/// A command in a process group of its own, which is killed when this goes away before the command
/// has ended.
class Command {
 public:
  Command(const std::string& command, const std::string& source) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) unreadable(source, std::strerror(errno));
    Descriptor write_end(ends[1]);
    output_ = std::make_unique<Descriptor>(ends[0]);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, write_end.get(), STDOUT_FILENO);
    // What it says on stderr may quote the password, and nobody here could mask it.
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&how, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&how, &none);
    std::string shell = "sh";
    std::string option = "-c";
    std::string line = command;
    std::array<char*, 4> arguments{shell.data(), option.data(), line.data(), nullptr};
    const int failed = ::posix_spawn(&pid_, "/bin/sh", &files, &how, arguments.data(), environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) {
      pid_ = -1;
      unreadable(source, std::strerror(failed));
    }
  }
  ~Command() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  int output() const { return output_->get(); }
  /// @return the exit status once it has ended, std::nullopt while it runs.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  std::unique_ptr<Descriptor> output_;
};

ResolvedSecret from_command(const std::string& line, const std::string& source, Millis limit) {
  const SystemClock clock;
  const MonoTime deadline = clock.mono() + limit;
  Command command(line, source);
  std::string text;
  bool open = true;
  while (true) {
    const auto left = std::chrono::duration_cast<Millis>(deadline - clock.mono());
    if (left <= Millis{0})
      unreadable(source,
                 "the command has not ended after " + std::to_string(limit.count()) + " ms");
    if (open) {
      pollfd waiting{command.output(), POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(left.count())) > 0)
        open = read_some(command.output(), text, source);
      continue;
    }
    if (const std::optional<int> status = command.ended()) {
      if (!WIFEXITED(*status)) unreadable(source, "the command was killed");
      if (WEXITSTATUS(*status) != 0) {
        unreadable(source, "the command ended with status " + std::to_string(WEXITSTATUS(*status)));
      }
      return {Secret(trimmed(text)), {}};
    }
    clock.wait_for(Millis{5}, {});  // output is closed, the exit itself is a moment away
  }
}

}  // namespace

std::string exposure_of(const SecretSource& source) {
  if (!source.text.starts_with("file:")) return {};
  const std::string path = source.text.substr(5);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return exposure_text(path, facts.st_mode);
}

ResolvedSecret read_secret(const SecretSource& source, Millis limit) {
  const std::string& text = source.text;
  ResolvedSecret result;
  if (text.starts_with("file:")) {
    result = from_file(text.substr(5), text);
  } else if (text.starts_with("env:")) {
    result = from_environment(text.substr(4), text);
  } else if (text.starts_with("exec:")) {
    result = from_command(text.substr(5), command_name(text), limit);
  } else {
    // May be the password itself.
    unreadable("a source that is neither file:, env: nor exec:", "it is not shown here");
  }
  if (result.secret.empty())
    unreadable(text.starts_with("exec:") ? command_name(text) : text, "it is empty");
  return result;
}

}  // namespace bdrmesh
