#include "lab/app/run_directory.h"

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/random_id.h"

namespace bdrmesh::lab::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockFile = "lab.lock";

bool is_locked(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool locked = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  ::close(fd);
  return locked;
}

fs::path make_short_directory(const std::string& id) {
  const char* wanted = std::getenv("TMPDIR");
  const bool fits = wanted != nullptr && *wanted == '/' && std::strlen(wanted) < 40 &&
                    std::strchr(wanted, ' ') == nullptr;
  const fs::path path = fs::path(fits ? wanted : "/tmp") / ("bdrmesh-lab-" + id);
  if (::mkdir(path.c_str(), 0700) != 0) {
    throw Error(ErrorKind::precondition, "LAB_CANNOT_START", "cannot make " + path.string());
  }
  return path;
}

/// Only a directory that a lab made for itself is ever removed with all that is in it.
bool looks_like_ours(const fs::path& short_directory, const std::string& id) {
  return !id.empty() && short_directory.filename() == "bdrmesh-lab-" + id;
}

}  // namespace

std::optional<LabTraces> find_lab(const fs::path& directory) {
  const fs::path file = directory / kLockFile;
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  LabTraces traces;
  traces.alive = is_locked(file);
  const Json body = Json::parse(text.str(), nullptr, false);
  traces.pid = get_or<long>(body, "pid", 0);
  traces.id = get_or<std::string>(body, "id", "");
  traces.short_directory = get_or<std::string>(body, "short_directory", "");
  traces.made_directory = get_or<bool>(body, "made_directory", false);
  return traces;
}

LabTraces require_lab(const fs::path& directory) {
  const auto traces = find_lab(directory);
  if (traces && traces->alive) return *traces;
  throw Error(ErrorKind::precondition, "NO_LAB",
              "no lab is running in " + directory.string() +
                  (traces ? " (one was, and ended without cleaning up)" : ""),
              "start one with `bdrmesh-lab up --dir DIR`, or name its directory with --dir or in "
              "BDRMESH_LAB");
}

bool wait_until_gone(const fs::path& directory, int limit_ms) {
  for (int waited = 0; waited <= limit_ms; waited += 20) {
    if (!is_locked(directory / kLockFile)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

fs::path lab_directory(const std::string& wanted) {
  if (!wanted.empty()) return fs::absolute(wanted);
  const char* named = std::getenv("BDRMESH_LAB");
  return fs::absolute(named != nullptr && *named != '\0' ? named : ".bdrmesh-lab");
}

RunDirectory::RunDirectory(const fs::path& path) : path_(fs::absolute(path)), id_(random_id(8)) {
  if (const auto before = find_lab(path_)) {
    if (before->alive) {
      throw Error(
          ErrorKind::precondition, "LAB_IS_RUNNING",
          "a lab is running in " + path_.string() + ", process " + std::to_string(before->pid),
          "bdrmesh-lab down --dir '" + path_.string() + "'");
    }
    if (looks_like_ours(before->short_directory, before->id)) {
      fs::remove_all(before->short_directory);
    }
    remove_content();
    made_ = before->made_directory;
    removed_leftovers_ = true;
  } else if (fs::exists(path_) && (!fs::is_directory(path_) || !fs::is_empty(path_))) {
    throw Error(ErrorKind::precondition, "NOT_A_LAB_DIRECTORY",
                path_.string() + " is not empty and no lab's directory",
                "name an empty or a new directory with --dir");
  }
  if (!fs::exists(path_)) {
    fs::create_directories(path_);
    made_ = true;
    fs::permissions(path_, fs::perms::owner_all);
  }
  claim();
}

void RunDirectory::claim() {
  const fs::path file = path_ / kLockFile;
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (lock_ >= 0) ::close(lock_);
    throw Error(ErrorKind::precondition, "LAB_IS_RUNNING",
                "another lab just took " + path_.string());
  }
  short_path_ = make_short_directory(id_);
  std::ofstream(file) << Json{{"pid", ::getpid()},
                              {"id", id_},
                              {"made_directory", made_},
                              {"short_directory", short_path_.string()}}
                             .dump()
                      << "\n";
}

void RunDirectory::remove_content() {
  std::error_code ignored;
  // bdrmesh.db is the manager's, but it tells of this lab only: another lab must not find it.
  for (const char* name : {"bin", "clusters", "secrets", "lab.json", "lab.json.new", "bdrmesh.toml",
                           "bdrmesh.db", "bdrmesh.db-wal", "bdrmesh.db-shm", kLockFile}) {
    fs::remove_all(path_ / name, ignored);
  }
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;
  fs::remove_all(short_path_, ignored);
  remove_content();
  // What others put here (a ledger) stays, and then the directory too.
  if (made_) fs::remove(path_, ignored);
  ::close(lock_);
}

}  // namespace bdrmesh::lab::app
