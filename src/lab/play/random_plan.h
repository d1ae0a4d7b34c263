// Which random faults happen when: the same seed gives the same plan. Pure.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lab/fault/fault_words.h"

namespace bdrmesh::lab::play {

/// A fault and how long it stays in force; single acts have no `lasts`.
struct Mishap {
  Millis at{0};  ///< after the beginning
  fault::Words words;
  Millis lasts{0};
};

struct RandomOptions {
  std::uint64_t seed = 0;
  Millis duration{60'000};
  Millis between{4'000};       ///< on average
  Millis longest{12'000};      ///< that a fault stays in force
  bool may_lose_rows = false;  ///< also those that lose rows by design
};

/// Mishaps in order of time. At any time at most two are in force, never on the same subject, and
/// all are over when `duration` is.
std::vector<Mishap> random_plan(const RandomOptions& options, const fault::Names& names);

}  // namespace bdrmesh::lab::play
