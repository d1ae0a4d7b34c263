// The faults that can be ordered by command, and those that are in force. Handles words as typed;
// what a fault does to a part stands in Lab and ClusterState. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace bdrmesh::lab::app {

class Lab;

class FaultBoard {
 public:
  explicit FaultBoard(Lab& lab) : lab_(lab) {}

  using Words = std::vector<std::string>;
  /// Does what `words` say; `list` tells what there is.
  /// @return what was done and how to undo it, in lines.
  /// @throws Error invalid `BAD_FAULT` with the usage, `UNKNOWN_CLUSTER`, `LAB_NO_SUCH_FEED`.
  std::string order(const Words& words);

  /// The faults in force: objects with `did` and `undo`.
  Json in_force() const;

  /// What one fault did. `subject` names what is broken: a later fault on it replaces this one.
  struct Done {
    std::string subject;
    std::string did;
    std::string undo;      ///< words after `bdrmesh-lab fault`; empty: nothing to undo
    bool is_over = false;  ///< the subject is whole again
  };

 private:
  Lab& lab_;
  std::map<std::string, Done> in_force_;
};

}  // namespace bdrmesh::lab::app
