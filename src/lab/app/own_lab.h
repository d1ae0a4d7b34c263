// A lab that a command starts for itself, and ends. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lab/engine/child_process.h"
#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::app {

class OwnLab {
 public:
  /// Starts `bdrmesh-lab up` in a fresh temporary directory and waits until it is up.
  /// @throws Error precondition `LAB_CANNOT_START` with what it said.
  explicit OwnLab(const site::LabOptions& options);
  ~OwnLab();
  OwnLab(const OwnLab&) = delete;
  OwnLab& operator=(const OwnLab&) = delete;

  const std::filesystem::path& directory() const { return directory_; }

  /// Ends it. @return what it left behind: processes, ports, files; empty when nothing.
  std::string end();

 private:
  std::filesystem::path directory_;
  std::filesystem::path log_;
  ChildProcess process_;
};

}  // namespace bdrmesh::lab::app
