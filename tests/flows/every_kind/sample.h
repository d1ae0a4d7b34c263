// Which of many cases a test runs: all with BDRMESH_EVERY_KIND=full, else some, drawn by a seed
// that is printed and that BDRMESH_SEED repeats.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace bdrmesh::flows {

inline bool every_case() {
  const char* mode = std::getenv("BDRMESH_EVERY_KIND");
  return mode != nullptr && std::string(mode) == "full";
}

/// Numbers below `total`, in order; at most `wanted` unless all are asked for.
inline std::vector<std::size_t> sample(std::size_t total, std::size_t wanted) {
  std::vector<std::size_t> all(total);
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (every_case() || total <= wanted) return all;
  const char* given = std::getenv("BDRMESH_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "BDRMESH_SEED=" << seed << " (" << wanted << " of " << total << ")\n";
  std::mt19937_64 random(seed);
  std::ranges::shuffle(all, random);
  all.resize(wanted);
  std::ranges::sort(all);
  return all;
}

}  // namespace bdrmesh::flows
