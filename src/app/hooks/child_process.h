// One program run to its end or its limit, in a process group of its own that is gone afterwards:
// no zombie, no descriptor of ours inherited, no input, output bounded. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"

namespace bdrmesh {

struct ChildCall {
  std::vector<std::string> argv;                   ///< the program is looked for in PATH
  std::map<std::string, std::string> environment;  ///< all it gets
  Millis limit{30'000};
  Millis grace{2'000};                ///< between asking it to end and killing it
  std::size_t longest_output = 4096;  ///< the last bytes of stdout and stderr together
};

struct ChildEnd {
  std::string cannot_start;   ///< why; empty when it was started
  std::optional<int> status;  ///< exit status; absent when killed by a signal
  int signal = 0;
  bool timed_out = false;
  bool stopped = false;
  std::string output;
  bool cut = false;  ///< the output was longer: its beginning is missing
  Millis took{0};
};

/// Runs a program. `begun` gets a mark by which `end_child` finds it again from another process.
/// Blocks until nothing of its process group is left.
ChildEnd run_child(const ChildCall& child, const std::function<void(const std::string&)>& begun,
                   const Call& limits, const Clock& clock);

/// Kills the process group that a process before this one left under `mark`, if that very process
/// still runs on this machine since this boot.
void end_child(const std::string& mark);

/// Why `program` cannot be run; empty when it can.
std::string fault_of_program(const std::string& program);

}  // namespace bdrmesh
