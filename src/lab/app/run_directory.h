// The directory of one running lab: claimed by a lock that dies with us, so that a leftover of a
// lab that was killed is told from a living one. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"

namespace bdrmesh::lab::app {

/// What a lab's directory says about the lab, living or dead.
struct LabTraces {
  bool alive = false;
  long pid = 0;
  std::string id;
  bool made_directory = false;            ///< the lab made the directory itself
  std::filesystem::path short_directory;  ///< sockets lie there
  std::filesystem::path control_socket() const { return short_directory / "ctl"; }
};

/// @return std::nullopt when `directory` is not, and was not, the directory of a lab.
std::optional<LabTraces> find_lab(const std::filesystem::path& directory);

/// @throws Error precondition `NO_LAB` when no lab is running there.
LabTraces require_lab(const std::filesystem::path& directory);

/// Waits until the lab of `directory` has ended. @return false when `limit` passed first.
bool wait_until_gone(const std::filesystem::path& directory, int limit_ms);

/// `--dir`, else the environment's BDRMESH_LAB, else `.bdrmesh-lab` here.
std::filesystem::path lab_directory(const std::string& wanted);

class RunDirectory {
 public:
  /// Makes and claims `path`; what a dead lab left there is removed first.
  /// @throws Error precondition `LAB_IS_RUNNING`, or `NOT_A_LAB_DIRECTORY` when something else
  /// lies there.
  explicit RunDirectory(const std::filesystem::path& path);
  /// Removes everything of ours, and the directory too if we made it.
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::string& id() const { return id_; }
  /// For sockets and other files whose paths must be short; 0700.
  const std::filesystem::path& short_path() const { return short_path_; }
  /// Whether a dead lab's leftovers were found and removed.
  bool removed_leftovers() const { return removed_leftovers_; }

 private:
  void claim();
  void remove_content();

  std::filesystem::path path_;
  std::filesystem::path short_path_;
  std::string id_;
  bool made_ = false;
  bool removed_leftovers_ = false;
  int lock_ = -1;
};

}  // namespace bdrmesh::lab::app
