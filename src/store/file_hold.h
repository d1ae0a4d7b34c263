// The exclusive hold on a state file: an advisory lock on `<path>.lock` that dies with the process.
// Internal to store/. Thread-safe after construction.
#pragma once

#include <string>

namespace bdrmesh {

class FileHold {
 public:
  /// Takes the hold without waiting and writes `holder` and the time into the lock file.
  /// @throws Error precondition `STATE_HELD` naming the present holder; `STATE_UNUSABLE` when the
  /// file cannot be made.
  FileHold(const std::string& state_path, const std::string& holder);
  ~FileHold();
  FileHold(const FileHold&) = delete;
  FileHold& operator=(const FileHold&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace bdrmesh
