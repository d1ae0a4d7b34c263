// A folder that goes with the test.
#pragma once

#include <filesystem>
#include <string>

#include "base/random_id.h"

namespace bdrmesh {

class TemporaryFolder {
 public:
  /// In memory: for tests that write a lot and lose nothing of worth.
  enum class On { disk, memory };

  explicit TemporaryFolder(On on = On::disk)
      : path_(parent(on) / ("bdrmesh-test-" + random_id(10))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  static std::filesystem::path parent(On on) {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code ignored;
    const bool there = std::filesystem::is_directory(memory, ignored);
    return on == On::memory && there ? memory : std::filesystem::temp_directory_path();
  }

  std::filesystem::path path_;
};

}  // namespace bdrmesh
