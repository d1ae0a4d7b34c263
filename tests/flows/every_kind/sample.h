// Which of many cases a test runs: all with BDRMESH_EVERY_KIND=full, else some that lie evenly
// between the first and the last, shifted by BDRMESH_SEED: two, or with BDRMESH_EVERY_KIND=more as
// many as the test names.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

namespace bdrmesh::flows {

inline std::string sample_mode() {
  const char* mode = std::getenv("BDRMESH_EVERY_KIND");
  return mode == nullptr ? "" : mode;
}

/// Numbers below `total`, in order.
inline std::vector<std::size_t> sample(std::size_t total, std::size_t more) {
  static constexpr std::size_t kQuick = 2;
  const std::string mode = sample_mode();
  const std::size_t wanted = mode == "more" ? more : kQuick;
  std::vector<std::size_t> all(total);
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (mode == "full" || total <= wanted) return all;
  const char* given = std::getenv("BDRMESH_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  std::cout << "BDRMESH_SEED=" << seed << " (" << wanted << " of " << total << ")\n";
  std::vector<std::size_t> some;
  for (std::size_t i = 0; i < wanted; ++i)
    some.push_back((i * total / wanted + seed * 7919 % total) % total);
  std::ranges::sort(some);
  return some;
}

}  // namespace bdrmesh::flows
