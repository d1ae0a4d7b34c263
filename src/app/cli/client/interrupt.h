// Ctrl-C and SIGTERM as a flag that waits look at. One at a time per process.
#pragma once

#include <csignal>

namespace bdrmesh {

/// While it lives, SIGINT and SIGTERM set a flag instead of ending the process.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  static bool raised();

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

}  // namespace bdrmesh
