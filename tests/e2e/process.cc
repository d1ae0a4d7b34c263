#include "e2e/process.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace bdrmesh::e2e {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> environment(const Environment& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!more.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

pid_t spawn(const std::vector<std::string>& command, const Environment& more,
            const std::string& out, const std::string& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<std::string> words = command;
  std::vector<std::string> variables = environment(more);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, words.front().c_str(), &actions, nullptr,
                                 pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) ADD_FAILURE() << "cannot start " << command.front();
  return failed == 0 ? pid : -1;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// State, processor time and threads of a process, and what the machine has to do beside it.
std::string doing(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/";
  std::istringstream status(read_file(folder + "status"));
  std::string text;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("State:") || line.starts_with("Threads:") || line.starts_with("VmRSS:"))
      text += line + "; ";
  }
  return text + "waits in: " + read_file(folder + "wchan") +
         "; schedule (ns on a core, ns waiting, " + "turns): " + read_file(folder + "schedstat") +
         "load of the machine: " + read_file("/proc/loadavg");
}

std::string temporary_file() {
  std::string name =
      std::string(std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "/tmp") +
      "/bdrmesh-e2e.XXXXXX";
  const int file = mkstemp(name.data());
  if (file >= 0) close(file);
  return name;
}

}  // namespace

std::string describe(const Finished& finished) {
  std::ostringstream text;
  text << "exit status " << finished.exit_code << " after " << finished.took.count() << " ms";
  if (!finished.cut_short.empty()) text << ", killed at its limit (" << finished.cut_short << ")";
  text << "\nstdout: " << finished.out << "\nstderr: " << finished.err << "\n";
  return text.str();
}

Finished run(const std::vector<std::string>& command, const Environment& more,
             std::chrono::seconds limit) {
  const std::string out = temporary_file();
  const std::string err = temporary_file();
  Finished finished;
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = spawn(command, more, out, err);
  int status = 0;
  const bool ended =
      pid > 0 && eventually([&] { return waitpid(pid, &status, WNOHANG) == pid; }, limit);
  if (pid > 0 && !ended) {
    finished.cut_short = doing(pid);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  finished.exit_code = exit_code_of(status);
  finished.out = read_file(out);
  finished.err = read_file(err);
  finished.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  if (!finished.cut_short.empty())
    ADD_FAILURE() << command.front() << " did not end within " << limit.count()
                  << " s: " << describe(finished);
  unlink(out.c_str());
  unlink(err.c_str());
  return finished;
}

Background::Background(const std::vector<std::string>& command, std::string log,
                       const Environment& more)
    : pid_(spawn(command, more, log, log)), log_(std::move(log)) {}

Background::~Background() {
  if (alive()) end();
  if (alive()) kill_now();
}

int Background::reap(bool block) {
  int status = 0;
  if (pid_ > 0 && waitpid(pid_, &status, block ? 0 : WNOHANG) == pid_) {
    exit_code_ = exit_code_of(status);
    pid_ = -1;
  }
  return exit_code_;
}

bool Background::alive() {
  reap(false);
  return pid_ > 0;
}

void Background::kill_now() {
  if (!alive()) return;
  kill(pid_, SIGKILL);
  reap(true);
}

int Background::end() {
  if (!alive()) return exit_code_;
  kill(pid_, SIGTERM);
  eventually([this] { return !alive(); });
  return exit_code_;
}

std::string Background::log() const { return read_file(log_); }

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

}  // namespace bdrmesh::e2e
