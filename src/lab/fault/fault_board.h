// The faults that are ordered, and those in force. Handles words as typed; what a fault does stands
// in the families of faults. Thread-safe: one order at a time.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "lab/fault/fault.h"

namespace bdrmesh::lab::fault {

class FaultBoard {
 public:
  explicit FaultBoard(site::Lab& lab) : lab_(lab) {}

  /// Does what `words` say: a fault, `heal`, or `list`.
  /// @return `text` in lines for people, and `did` and `undo`; of `list` `faults` and `in_force`.
  /// @throws Error invalid `BAD_FAULT` with the usage, `UNKNOWN_CLUSTER`, `LAB_NO_SUCH_FEED`.
  Json order(const Words& words);

  /// The faults in force: objects with `did`, `undo` and `since`.
  Json in_force() const;

 private:
  struct Standing {
    Done done;
    WallTime since;
  };

  Done act(const Words& words);
  Json heal(const std::string& cluster);
  Json list() const;
  Json standing_json() const;

  site::Lab& lab_;
  mutable std::mutex mutex_;  // guards in_force_, and lets one order act at a time
  std::map<std::string, Standing> in_force_;
};

/// The names that words to this lab may use.
Names names_of(const site::Lab& lab);

}  // namespace bdrmesh::lab::fault
