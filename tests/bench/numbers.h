// Measured times, told as median and 99th percentile beside a target. One thread at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace bdrmesh::bench {

using Ms = std::chrono::duration<double, std::milli>;

class Times {
 public:
  template <class Work>
  void measure(const Work& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    add(std::chrono::steady_clock::now() - began);
  }
  void add(Ms time) { times_.push_back(time.count()); }

  double quantile(double part) const {
    std::vector<double> sorted = times_;
    std::sort(sorted.begin(), sorted.end());
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted.at(static_cast<std::size_t>(part * last));
  }

  /// One line: name, how many, median, 99th percentile. `limit` 0: no target.
  void tell(const std::string& name, double limit_ms = 0) const {
    std::printf("%-58s %6zu %9.3f %9.3f", name.c_str(), times_.size(), quantile(0.5),
                quantile(0.99));
    if (limit_ms > 0) {
      std::printf("  <= %g: %s", limit_ms, quantile(0.5) <= limit_ms ? "met" : "MISSED");
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  static void tell_header() {
    std::printf("%-58s %6s %9s %9s\n", "milliseconds", "n", "median", "p99");
  }

 private:
  std::vector<double> times_;
};

inline void tell_number(const std::string& name, double value, const std::string& unit,
                        double limit) {
  std::printf("%-58s %9.3f %s  <= %g: %s\n", name.c_str(), value, unit.c_str(), limit,
              value <= limit ? "met" : "MISSED");
  std::fflush(stdout);
}

}  // namespace bdrmesh::bench
