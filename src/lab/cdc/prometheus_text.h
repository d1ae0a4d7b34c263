// The text form of Prometheus metrics. One thread at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bdrmesh::lab {

class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// Begins a metric; its samples follow. @param type  gauge, counter, histogram
  void begin(const std::string& name, const std::string& type, const std::string& help);
  /// @param suffix  of histograms: `_sum`, `_count`.
  void sample(const Labels& labels, double value, const std::string& suffix = "");

  /// Metrics without samples are left out, as a server does.
  std::string text() const { return text_; }

 private:
  std::string text_;
  std::string header_;
  std::string name_;
};

}  // namespace bdrmesh::lab
