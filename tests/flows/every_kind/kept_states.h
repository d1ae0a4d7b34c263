// A state file in memory-backed storage, and copies of it from any moment. Not thread-safe, but
// `keep` may be called by the thread that writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random_id.h"
#include "store/state_file.h"
#include "store/state_store.h"

namespace bdrmesh::flows {

class KeptStates {
 public:
  KeptStates() : folder_(fast_folder() / ("bdrmesh-test-" + random_id(10))) {
    std::filesystem::create_directories(folder_);
  }
  ~KeptStates() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  KeptStates(const KeptStates&) = delete;
  KeptStates& operator=(const KeptStates&) = delete;

  std::unique_ptr<StateStore> open() const { return open(path("state")); }
  /// Opens the same file although a process holds it, as after its hold was lost.
  std::unique_ptr<StateStore> open_taken() const {
    std::filesystem::remove(path("state") + ".lock");
    return open();
  }

  void keep(std::int64_t write) {
    back_up_state_file(path("state"), copy_of(write));
    copies_.push_back(write);
  }
  const std::vector<std::int64_t>& copies() const { return copies_; }
  std::unique_ptr<StateStore> restored(std::int64_t write) const { return open(copy_of(write)); }

 private:
  /// The tests write a lot and lose nothing of worth.
  static std::filesystem::path fast_folder() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code ignored;
    return std::filesystem::is_directory(memory, ignored) ? memory
                                                          : std::filesystem::temp_directory_path();
  }
  static std::unique_ptr<StateStore> open(const std::string& path) {
    StateStore::Options options;
    options.path = path;
    return StateStore::open(options);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string copy_of(std::int64_t write) const { return path("before-" + std::to_string(write)); }

  std::filesystem::path folder_;
  std::vector<std::int64_t> copies_;
};

}  // namespace bdrmesh::flows
