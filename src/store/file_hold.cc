#include "store/file_hold.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

std::string host_and_pid() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return std::string("process ") + std::to_string(getpid()) + " on " + host.data();
}

std::string read_all(int fd) {
  std::array<char, 512> buffer{};
  const ssize_t got = pread(fd, buffer.data(), buffer.size() - 1, 0);
  std::string text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "an unnamed process" : text;
}

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error(ErrorKind::precondition, "STATE_UNUSABLE",
              "cannot hold " + path + ": " + std::strerror(error),
              "make sure that the folder exists, is writable for this user and has room");
}

}  // namespace

FileHold::FileHold(const std::string& state_path, const std::string& holder) {
  const std::string path = state_path + ".lock";
  // Hooks are child processes: they must not inherit the hold.
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) fail(path, errno);
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string other = read_all(fd_);
    close(fd_);
    if (error != EWOULDBLOCK) fail(path, error);
    throw Error(ErrorKind::precondition, "STATE_HELD",
                "the state file " + state_path + " is in use by " + other,
                "stop that daemon first, or give this one another state file");
  }
  const std::string text = (holder.empty() ? host_and_pid() : holder) + " since " +
                           to_rfc3339(SystemClock().now()) + "\n";
  if (ftruncate(fd_, 0) != 0 ||
      pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    const int error = errno;
    close(fd_);
    fail(path, error);
  }
}

FileHold::~FileHold() { close(fd_); }

}  // namespace bdrmesh
