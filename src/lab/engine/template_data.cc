#include "lab/engine/template_data.h"

#include <cstdlib>
#include <mutex>
#include <unistd.h>

#include "base/error.h"
#include "lab/engine/child_process.h"

namespace bdrmesh::lab {

namespace fs = std::filesystem;

fs::path find_program(const std::string& name) {
  for (const char* folder : {"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"}) {
    const fs::path path = fs::path(folder) / name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

bool mariadb_is_installed() {
  return !find_program("mariadbd").empty() && !find_program("mariadb-install-db").empty();
}

fs::path make_short_directory() {
  const char* wanted = std::getenv("TMPDIR");
  const std::string base = wanted == nullptr ? "/tmp" : wanted;
  const bool usable = base.size() < 60 && base.find(' ') == std::string::npos;
  std::string pattern = (usable ? base : "/tmp") + "/bdrlab.XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error(ErrorKind::precondition, "LAB_ENGINE_FAILED",
                "cannot make a directory like " + pattern);
  }
  return pattern;
}

void ensure_template(const fs::path& directory) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  if (fs::exists(directory)) return;
  const fs::path program = find_program("mariadb-install-db");
  if (program.empty()) {
    throw Error(ErrorKind::precondition, "LAB_NO_MARIADB", "mariadb-install-db is not installed",
                "apt-get install mariadb-server-core mariadb-client");
  }
  // The script chokes on blanks in the path: it works in a place of its own, and the result is
  // copied.
  const fs::path workshop = make_short_directory();
  fs::path log = directory;
  log += ".log";
  fs::create_directories(directory.parent_path());
  std::vector<std::string> argv = {
      program.string(), "--no-defaults", "--force", "--skip-test-db",
      // As the servers have it: another size is made anew at each start.
      "--innodb-log-file-size=32M", "--auth-root-authentication-method=normal",
      "--tmpdir=" + workshop.string(), "--datadir=" + (workshop / "data").string()};
  if (::geteuid() == 0) argv.emplace_back("--user=root");
  ChildProcess child;
  child.start(argv, log);
  const bool made = child.wait() == 0;
  if (made) {
    fs::path unfinished = directory;
    unfinished += ".unfinished";
    fs::remove_all(unfinished);
    fs::copy(workshop / "data", unfinished, fs::copy_options::recursive);
    fs::rename(unfinished, directory);
  }
  fs::remove_all(workshop);
  if (!made) {
    throw Error(ErrorKind::precondition, "LAB_TEMPLATE_FAILED",
                "mariadb-install-db failed, see " + log.string());
  }
}

}  // namespace bdrmesh::lab
