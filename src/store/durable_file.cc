#include "store/durable_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "base/error.h"

namespace bdrmesh {

void put_on_disk(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (done) return;
  throw Error(ErrorKind::precondition, "STATE_UNUSABLE", path + ": " + std::strerror(error),
              "see that the disk is writable and has room");
}

void put_folder_on_disk(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  put_on_disk(folder.empty() ? "." : folder);
}

}  // namespace bdrmesh
