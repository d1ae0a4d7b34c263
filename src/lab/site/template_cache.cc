#include "lab/site/template_cache.h"

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>

#include "lab/engine/template_data.h"

namespace bdrmesh::lab::site {

namespace fs = std::filesystem;

namespace {

/// Tells one installed MariaDB from another: an upgrade wants a new template.
std::string fingerprint(const fs::path& program) {
  std::error_code failed;
  const auto size = fs::file_size(program, failed);
  const auto time = fs::last_write_time(program, failed).time_since_epoch().count();
  return std::to_string(size) + "-" + std::to_string(time);
}

fs::path cache_directory() {
  const char* named = std::getenv("BDRMESH_LAB_TEMPLATES");
  if (named != nullptr && *named != '\0') return named;
  std::error_code failed;
  return fs::read_symlink("/proc/self/exe", failed).parent_path() / "lab-templates";
}

/// Held by whoever makes a template; the others wait and then find it.
class MakerLock {
 public:
  explicit MakerLock(const fs::path& directory)
      : fd_(::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0) close();
  }
  ~MakerLock() { close(); }
  MakerLock(const MakerLock&) = delete;
  MakerLock& operator=(const MakerLock&) = delete;
  bool held() const { return fd_ >= 0; }

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd_;
};

}  // namespace

fs::path template_for_this_machine(const fs::path& scratch) {
  const fs::path program = find_program("mariadbd");
  const fs::path cache = cache_directory();
  std::error_code failed;
  fs::create_directories(cache, failed);
  const MakerLock lock(cache);
  const fs::path place = lock.held() ? cache : scratch;
  const fs::path made = place / ("mariadb-" + fingerprint(program));
  ensure_template(made);
  return made;
}

}  // namespace bdrmesh::lab::site
