#include "lab/engine/template_data.h"

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

void ensure_template(const fs::path& directory) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  if (fs::exists(directory)) return;
  const fs::path program = find_program("mariadb-install-db");
  if (program.empty()) {
    throw Error(ErrorKind::precondition, "LAB_NO_MARIADB", "mariadb-install-db is not installed",
                "apt-get install mariadb-server-core mariadb-client");
  }
  fs::path unfinished = directory;
  unfinished += ".unfinished";
  fs::remove_all(unfinished);
  fs::create_directories(unfinished);
  fs::path log = directory;
  log += ".log";
  std::vector<std::string> argv = {program.string(),
                                   "--no-defaults",
                                   "--force",
                                   "--skip-test-db",
                                   "--auth-root-authentication-method=normal",
                                   "--datadir=" + unfinished.string()};
  if (::geteuid() == 0) argv.emplace_back("--user=root");
  ChildProcess child;
  child.start(argv, log);
  if (child.wait() != 0) {
    throw Error(ErrorKind::precondition, "LAB_TEMPLATE_FAILED",
                "mariadb-install-db failed, see " + log.string());
  }
  fs::rename(unfinished, directory);
}

}  // namespace bdrmesh::lab
