// The outward calls of one step since its last journal write. Of identical ones the first and the
// last few are kept and the others counted, so that an hour of polling stays a few lines.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/records.h"

namespace bdrmesh {

class CallLog {
 public:
  static constexpr std::size_t kLastKept = 3;  ///< of identical calls, besides the first
  static constexpr std::size_t kMost = 200;    ///< kept at all; then the middle is counted only

  void add(CallRecord call);
  /// In the order of their beginning; the log is empty afterwards.
  std::vector<CallRecord> take();

 private:
  void count_instead(std::size_t index, std::size_t keeper);

  std::vector<CallRecord> kept_;
};

}  // namespace bdrmesh
